// Builds what is deployed: one ESM file that registers every function, and lazy chunks, so that a call loads only what it
// uses. Sources keep one file per function; that they load as one file is a matter of the bundle. The status page is one
// file beside them.
// `@azure/functions-core` stays outside: only the Functions host provides it.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { buildPage } from './build-page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What every bundle for the Functions host has in common; the benchmark's hello world is built with the same. */
export const commonOptions = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  // `debug` takes `supports-color` if it finds it. What is deployed must not depend on a tool that brings it along.
  external: ['@azure/functions-core', 'supports-color'],
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
};

/**
 * Builds the app into `outdir`; answers esbuild's metafile. Files that are as they should be are left alone, so that a
 * build beside a running host, or beside another build, changes nothing under it.
 */
export async function buildApp(outdir = join(root, 'dist')) {
  const folder = join(root, 'src', 'functions');
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts')).sort();
  const contents = files.map((name) => `import './${name.replaceAll('\\', '/')}';`).join('\n');
  const { outputFiles, metafile } = await build({
    ...commonOptions,
    absWorkingDir: root,
    stdin: { contents, resolveDir: folder, sourcefile: 'functions.ts', loader: 'ts' },
    outdir,
    entryNames: 'functions',
    chunkNames: 'chunks/[name]-[hash]',
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  const page = await buildPage();
  outputFiles.push({ path: join(outdir, 'page', 'index.html'), contents: Buffer.from(page.html) });
  await Promise.all(outputFiles.map(({ path, contents }) => writeChanged(path, contents)));
  const wanted = new Set(outputFiles.map(({ path }) => path));
  const present = existsSync(outdir) ? await readdir(outdir, { recursive: true, withFileTypes: true }) : [];
  for (const entry of present) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !wanted.has(path)) await rm(path, { force: true });
  }
  // What is in the page is deployed, too.
  return {
    inputs: { ...metafile.inputs, ...page.metafile.inputs },
    outputs: { ...metafile.outputs, ...page.metafile.outputs },
  };
}

async function writeChanged(path, contents) {
  const present = await readFile(path).catch(() => undefined);
  if (present?.equals(contents)) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, contents);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const metafile = await buildApp();
  const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
  process.stdout.write(`Built ${Object.keys(metafile.outputs).length} files, ${Math.round(bytes / 1024)} kB.\n`);
}
