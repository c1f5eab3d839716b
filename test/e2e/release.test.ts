// What a release has is made by one script, and anybody can make it again: another folder, another time zone and other
// packages of the development give the same bytes. The folders are copies of the tree, with the packages that the build
// reads, so nothing is fetched.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKSUMS } from '../../scripts/release.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TREE = [
  'src',
  'scripts',
  'local/command-line.ts',
  'packages',
  'host.json',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];
/** What builds, besides the packages that are built in. */
const TOOLS = ['esbuild', '@esbuild', 'fflate', 'typescript', '@types/node', 'undici-types'];
const VERSION = (JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;

let folder: string;
/** The folders that have the files of a release. */
let made: readonly string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'release-'));
  const one = {
    copy: join(folder, 'one'),
    zone: 'Pacific/Honolulu',
    from: folder,
    besides: ['supports-color', 'has-flag'],
  };
  const copy = join(folder, 'a folder', 'further', 'down');
  made = [await makeIn(one), await makeIn({ copy, zone: 'Asia/Tokyo', from: copy, besides: [] })];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Making {
  readonly copy: string;
  readonly zone: string;
  /** The working folder of the command. */
  readonly from: string;
  /** Packages of the development that a package of the bundle takes if it finds them. */
  readonly besides: readonly string[];
}

/** Copies the tree, makes the release there, and returns the folder that has it. */
async function makeIn({ copy, zone, from, besides }: Making): Promise<string> {
  const isSource = (path: string) => !/[/\\](dist|node_modules)$/.test(path);
  for (const part of TREE) await cp(join(ROOT, part), join(copy, part), { recursive: true, filter: isSource });
  for (const name of [...TOOLS, ...besides, ...(await builtIn())]) {
    await cp(join(ROOT, 'node_modules', name), join(copy, 'node_modules', name), {
      recursive: true,
      dereference: true,
    });
  }
  const out = join(copy, 'out', 'release');
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'left-over.txt'), 'from the last time');
  const path = [join(ROOT, 'node_modules', '.bin'), process.env['PATH']].join(delimiter);
  const options = { env: { ...process.env, PATH: path, TZ: zone }, cwd: from };
  await promisify(execFile)(process.execPath, [join(copy, 'scripts', 'release.mjs'), '--out', out], options);
  return out;
}

/** Packages at the root of node_modules that are no tool of the development alone; each brings its nested ones along. */
async function builtIn(): Promise<readonly string[]> {
  const lock = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<
      Record<string, { readonly dev?: boolean; readonly optional?: boolean; readonly link?: boolean }>
    >;
  };
  const names = Object.entries(lock.packages).flatMap(([path, { dev, optional, link }]) => {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1];
    return name === undefined || dev === true || optional === true || link === true ? [] : [name];
  });
  return [...names, 'preact', 'uplot'];
}

describe('a release', () => {
  it('has the zip, the library, the command, the SBOM and their checksums, and nothing else', async () => {
    for (const out of made) {
      expect((await readdir(out)).toSorted()).toEqual([
        CHECKSUMS,
        expect.stringMatching(/^ai-services-key-consumer-\d+\.\d+\.\d+\.tgz$/),
        expect.stringMatching(/^ai-services-key-operator-\d+\.\d+\.\d+\.tgz$/),
        `ai-services-key-rotation-${VERSION}.cdx.json`,
        `ai-services-key-rotation-${VERSION}.zip`,
      ]);
    }
  });

  it('is the same bytes in another folder and time zone, with other packages of the development', async () => {
    const [one = '', other = ''] = made;
    expect(await readFile(join(other, CHECKSUMS), 'utf8')).toBe(await readFile(join(one, CHECKSUMS), 'utf8'));
    for (const name of await readdir(one)) {
      expect([name, (await readFile(join(other, name))).equals(await readFile(join(one, name)))]).toEqual([name, true]);
    }
  });

  it('has checksums that fit', async () => {
    const [out = ''] = made;
    const lines = (await readFile(join(out, CHECKSUMS), 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    for (const line of lines) {
      const [, sum, name = ''] = /^([0-9a-f]{64}) {2}(\S+)$/.exec(line) ?? [];
      expect(
        createHash('sha256')
          .update(await readFile(join(out, name)))
          .digest('hex'),
      ).toBe(sum);
    }
  });

  it('names every package of its bundle in the SBOM, and no folder of the machine in the zip', async () => {
    const [out = ''] = made;
    const sbom = JSON.parse(await readFile(join(out, `ai-services-key-rotation-${VERSION}.cdx.json`), 'utf8')) as {
      readonly metadata: { readonly component: { readonly version: string } };
      readonly components: readonly { readonly name: string; readonly hashes: readonly unknown[] }[];
    };
    expect(sbom.metadata.component.version).toBe(VERSION);
    expect(sbom.components.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['@azure/identity', 'preact', 'zod']),
    );
    const entries = Object.entries(unzipSync(await readFile(join(out, `ai-services-key-rotation-${VERSION}.zip`))));
    expect(entries.filter(([name]) => name.includes('\\'))).toEqual([]);
    const isNamed = ([, content]: (typeof entries)[0]) => Buffer.from(content).includes(folder);
    expect(entries.filter(isNamed).map(([name]) => name)).toEqual([]);
  });
});
