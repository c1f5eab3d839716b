// Builds the status page: script and style bundled into one HTML file that asks for nothing else.
// It must not know functions; `build.mjs` puts the file beside them.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'src', 'page');

/** Answers the HTML, and esbuild's metafile. */
export async function buildPage() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: { page: join(folder, 'main.tsx'), style: join(folder, 'style.css') },
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: ['chrome111', 'edge111', 'firefox113', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    outdir: join(root, 'dist', 'page'),
    write: false,
    metafile: true,
    logLevel: 'warning',
  });
  const contentOf = (suffix) => outputFiles.find(({ path }) => path.endsWith(suffix))?.text.trim() ?? '';
  const template = await readFile(join(folder, 'index.html'), 'utf8');
  // Functions as replacements: the text may hold what `replace` takes for patterns.
  const html = template
    .replace('<style></style>', () => `<style>${contentOf('style.css').replaceAll('</style', '<\\/style')}</style>`)
    .replace(
      '<script></script>',
      () => `<script>${contentOf('page.js').replaceAll('</script', '<\\/script')}</script>`,
    );
  return { html, metafile };
}
