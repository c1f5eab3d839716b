// `npm run release -- [--out FOLDER]`: everything that a release has, from this tree: the deployable zip, the tarballs
// of the consumer library and of the operators' command, the SBOM, and their checksums. The release workflow runs this script, and nothing
// else makes a file of a release. The same tree makes the same bytes, whatever its folder, time zone and time.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readCommand } from '../local/command-line.ts';
import { packageApp } from './package.mjs';
import { deployedPackages, sbomOf } from './supply-chain.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const PACKAGES = ['consumer', 'operator'];
export const CHECKSUMS = 'SHA256SUMS';

/** Packs a package of `packages` into `folder`; returns the file's name. npm gives each entry the same time. */
function pack(name, folder) {
  const npm = process.env['npm_execpath'];
  const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const { status, stdout, error } = spawnSync(command, [...first, 'pack', '--json', '--pack-destination', folder], {
    cwd: join(root, 'packages', name),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error('npm pack failed. The reason that npm gives is above.');
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[')));
  return filename;
}

/** Makes the files of a release in `folder`, which is emptied before; returns their names. */
export async function makeRelease(folder = join(root, 'out', 'release')) {
  const { name, version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const app = `${name}-${version}.zip`;
  await packageApp(join(folder, app));
  const sbom = `${name}-${version}.cdx.json`;
  await writeFile(join(folder, sbom), sbomOf(await deployedPackages()));
  const names = [app, sbom, ...PACKAGES.map((each) => pack(each, folder))].sort();
  const lines = await Promise.all(
    names.map(async (file) => {
      const content = await readFile(join(folder, file));
      return `${createHash('sha256').update(content).digest('hex')}  ${file}\n`;
    }),
  );
  await writeFile(join(folder, CHECKSUMS), lines.join(''));
  return [...names, CHECKSUMS];
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { out } = readCommand({
    name: 'npm run release',
    does: 'makes the files of a release: the package, the library, the command, the list of contents, and their checksums.',
    flags: {
      out: {
        kind: 'text',
        value: 'FOLDER',
        means: 'the folder of the files, which is emptied',
        default: 'out/release',
      },
    },
    examples: ['npm run release'],
  });
  const folder = resolve(out);
  await makeRelease(folder);
  const sums = await readFile(join(folder, CHECKSUMS), 'utf8');
  process.stdout.write(`${relative(process.cwd(), folder) || '.'}:\n${sums}`);
}
