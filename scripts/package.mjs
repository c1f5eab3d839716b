// `npm run package`: the deployable zip: the built app, host.json and a package.json that names its entry files. No
// development file, no dependency folder: everything is in the bundle. Prints the size.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { zipSync } from 'fflate';
import { readCommand } from '../local/command-line.ts';
import { filesOfApp } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Every entry has this time, so that the same code makes the same zip. A zip holds local time, without a zone. */
const ENTRY_TIME = new Date(2020, 0, 1);

/** Writes the zip to `file`; answers its size in bytes and the names in it. */
export async function packageApp(file = join(root, 'out', 'app.zip')) {
  const entries = Object.fromEntries(await filesOfApp());
  const zip = zipSync(entries, { level: 9, mtime: ENTRY_TIME });
  await mkdir(dirname(file), { recursive: true });
  // Whole or not at all: it may be read, or made by another, at this moment.
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, zip);
  await rename(unfinished, file);
  return { bytes: zip.length, names: Object.keys(entries), file };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  readCommand({
    name: 'npm run package',
    does: 'builds the app and packs it into out/app.zip, which azd deploys. The same code makes the same bytes.',
    flags: {},
    examples: ['npm run package'],
  });
  const { bytes, names, file } = await packageApp();
  process.stdout.write(`${relative(root, file)}: ${Math.round(bytes / 1024)} kB, ${names.length} files.\n`);
}
