// `node scripts/run.mjs test/functions/upgrade/main.ts VERSION`: keeps the present code as a former release: the fleet of
// the stories as rows and messages, and the code that reads and writes them as one bundle. Run it at the commit of a
// release, and never for a release that is kept already.
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { makeStories } from './stories.ts';

const [version = ''] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error('Name the version of the release, for example 0.1.0.');
const folder = fileURLToPath(new URL(`../fixtures/release-${version}/`, import.meta.url));
await mkdir(folder, { recursive: true });
const archive = (await makeStories()).save();
await writeFile(`${folder}archive.json`, `${JSON.stringify(archive, null, 1)}\n`);
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('stage.ts', import.meta.url))],
  bundle: true,
  minify: true,
  keepNames: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  mainFields: ['module', 'main'],
  legalComments: 'none',
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  write: false,
});
const code = gzipSync(outputFiles[0]?.contents ?? '', { level: 9 });
await writeFile(`${folder}service.mjs.gz`, code);
process.stdout.write(`${archive.rows.length} rows, ${code.length} bytes of code\n`);
