// Builds what is deployed: one ESM file that registers every function, and lazy chunks, so that a call loads only what it
// uses. Sources keep one file per function; that they load as one file is a matter of the bundle. The status page is one
// file beside them.
// `@azure/functions-core` stays outside: only the Functions host provides it.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { readCommand } from '../local/command-line.ts';
import { buildPage } from './build-page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

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

/** Builds the app in memory: the contents by name, below the folder `dist`, and esbuild's metafile. */
async function filesOfDist() {
  const folder = join(root, 'src', 'functions');
  const files = (await readdir(folder, { recursive: true })).map((name) => name.replaceAll('\\', '/')).sort();
  const contents = files
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `import './${name}';`)
    .join('\n');
  const { outputFiles, metafile } = await build({
    ...commonOptions,
    // The names of chunks contain a hash of paths. These must not depend on the place of the call.
    absWorkingDir: root,
    stdin: { contents, resolveDir: folder, sourcefile: 'functions.ts', loader: 'ts' },
    outdir: dist,
    entryNames: 'functions',
    chunkNames: 'chunks/[name]-[hash]',
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  const page = await buildPage();
  const built = outputFiles.map(({ path, contents }) => [relative(dist, path), Buffer.from(contents)]);
  built.push([join('page', 'index.html'), Buffer.from(page.html)]);
  return {
    files: new Map(built.sort(([one], [other]) => (one < other ? -1 : 1))),
    // What is in the page is deployed, too.
    metafile: {
      inputs: { ...metafile.inputs, ...page.metafile.inputs },
      outputs: { ...metafile.outputs, ...page.metafile.outputs },
    },
  };
}

/**
 * Builds the app into `outdir`; answers esbuild's metafile. Files that are as they should be are left alone, so that two
 * builds at once do not disturb each other. No host runs from `dist`: it would ask for chunks that a build took away.
 */
export async function buildApp(outdir = dist) {
  const { files, metafile } = await filesOfDist();
  const wanted = new Set([...files.keys()].map((name) => join(outdir, name)));
  await Promise.all([...files].map(([name, contents]) => writeChanged(join(outdir, name), contents)));
  const present = existsSync(outdir) ? await readdir(outdir, { recursive: true, withFileTypes: true }) : [];
  for (const entry of present) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !wanted.has(path)) await rm(path, { force: true });
  }
  return metafile;
}

/** All that a host needs, by name with slashes: the built app, host.json and a package.json that names the entry file. */
export async function filesOfApp() {
  const { files } = await filesOfDist();
  const { name, version, type, main } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const manifest = `${JSON.stringify({ name, version, private: true, type, main }, null, 2)}\n`;
  return new Map([
    ...[...files].map(([path, contents]) => [`dist/${path.replaceAll('\\', '/')}`, contents]),
    ['host.json', await readFile(join(root, 'host.json'))],
    ['package.json', Buffer.from(manifest)],
  ]);
}

/** Makes a folder that a host runs from. The host alone uses it, so that no build changes anything under the host. */
export async function makeAppFolder(folder) {
  const files = await filesOfApp();
  await Promise.all([...files].map(([name, contents]) => writeChanged(join(folder, name), contents)));
}

async function writeChanged(path, contents) {
  const present = await readFile(path).catch(() => undefined);
  if (present?.equals(contents)) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, contents);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  readCommand({
    name: 'npm run build',
    does: 'builds the app into the folder dist.',
    flags: {},
    examples: ['npm run build'],
  });
  const metafile = await buildApp();
  const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
  process.stdout.write(`Built ${Object.keys(metafile.outputs).length} files, ${Math.round(bytes / 1024)} kB.\n`);
}
