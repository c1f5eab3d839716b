// What a fresh clone installs: each command the packages that it needs and no more, with word of it while it lasts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  isInstalled,
  LEVELS,
  type Lock,
  levelOf,
  levelWith,
  lockOf,
  PINNED,
  placesOf,
} from '../../scripts/packages.mjs';
import { read } from './infra-files.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(read('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
};
const scripts = Object.values(manifest.scripts).flatMap((line) => /run\.mjs (\S+)$/.exec(line)?.[1] ?? []);

/** The packages that a script imports, directly or through files of this repository. */
async function packagesIn(script: string): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [script],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outdir: 'unused',
    write: false,
    metafile: true,
    loader: { '.css': 'empty' },
    logLevel: 'silent',
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  const names = imports.filter(({ external, path }) => external === true && !path.startsWith('node:'));
  return [...new Set(names.map(({ path }) => /^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path))].sort();
}

describe('the level of a command', () => {
  it.each(scripts)('%s imports what its level has, and its level is not too high', async (script) => {
    const missing = (await packagesIn(script)).filter((name) => !(name in manifest.dependencies));
    expect(missing.length > 0 ? 'test' : 'run', missing.join()).toBe(levelOf(script));
  });

  it('leaves the tools of the tests out of `npm start`', () => {
    const lock = lockOf(ROOT);
    const [run, test, mutate] = [LEVELS.run, LEVELS.test, LEVELS.mutate].map((level) => placesOf(lock, level));
    const tools = ['vitest', 'typescript', 'playwright-core', '@sparticuz/chromium', 'axe-core', 'eslint', 'knip'];
    for (const tool of tools) {
      expect([tool, run?.has(`node_modules/${tool}`), test?.has(`node_modules/${tool}`)]).toEqual([tool, false, true]);
    }
    expect(test?.has('node_modules/@stryker-mutator/core')).toBe(false);
    expect(mutate?.has('node_modules/@stryker-mutator/core')).toBe(true);
    expect([...(run ?? [])].filter(([place]) => test?.has(place) !== true)).toEqual([]);
  });

  it('is what the README and CONTRIBUTING.md say of it', () => {
    const { run, test, mutate } = LEVELS;
    const words = read('README.md').replaceAll(/\s+/g, ' ');
    expect(words).toContain(`${run.megabytes} MB`);
    expect(words).toContain(`${run.megabytes - PINNED.megabytes} MB`);
    expect(run.megabytes).toBeLessThanOrEqual(300);
    const contributing = read('CONTRIBUTING.md').replaceAll(/\s+/g, ' ');
    for (const { megabytes } of [test, mutate]) expect(contributing).toContain(`${megabytes} MB`);
  });
});

/** `a` needs `b`, in a folder of its own, a peer, and two optional packages, of which one is for no machine. */
const LOCK: Lock = {
  '': { dependencies: { a: '1.0.0' }, devDependencies: { tool: '1.0.0' } },
  'node_modules/a': {
    version: '1.0.0',
    dependencies: { b: '^2.0.0' },
    peerDependencies: { peer: '*', absent: '*' },
    peerDependenciesMeta: { absent: { optional: true } },
    optionalDependencies: { maybe: '*', foreign: '*' },
  },
  'node_modules/a/node_modules/b': { version: '2.0.0' },
  'node_modules/b': { version: '1.0.0' },
  'node_modules/peer': { version: '1.0.0' },
  'node_modules/absent': { version: '1.0.0' },
  'node_modules/maybe': { version: '1.0.0' },
  'node_modules/foreign': { version: '1.0.0', os: ['none'] },
  'node_modules/tool': { version: '1.0.0', dependencies: { b: '1.0.0' } },
  'packages/consumer': { devDependencies: { peer: '1.0.0' } },
};

describe('the packages of a level', () => {
  it('are followed from the lock file', () => {
    expect([...placesOf(LOCK, LEVELS.run)].sort()).toEqual([
      ['node_modules/a', false],
      ['node_modules/a/node_modules/b', false],
      ['node_modules/maybe', true],
      ['node_modules/peer', false],
    ]);
    expect([...placesOf(LOCK, LEVELS.test).keys()]).toEqual(
      expect.arrayContaining(['node_modules/tool', 'node_modules/b']),
    );
  });
});

describe('node scripts/run.mjs in a clone', () => {
  let clone: string;
  beforeEach(async () => {
    clone = await mkdtemp(join(tmpdir(), 'clone-'));
    await cp(join(ROOT, 'scripts'), join(clone, 'scripts'), { recursive: true });
    await put('package-lock.json', { packages: LOCK });
    await writeFile(join(clone, 'hello.mjs'), "process.stdout.write('hello\\n');");
  });
  afterEach(() => rm(clone, { recursive: true, force: true }));

  const put = async (name: string, content: unknown): Promise<void> => {
    await mkdir(dirname(join(clone, name)), { recursive: true });
    await writeFile(join(clone, name), JSON.stringify(content));
  };
  const install = (places: readonly string[]): Promise<void> =>
    put('node_modules/.package-lock.json', {
      packages: Object.fromEntries(places.map((place) => [place, LOCK[place]])),
    });

  /** Runs a command there. `npm`: the program that plays npm. */
  async function run(args: readonly string[], npm: string, onError: (text: string) => void = () => undefined) {
    await writeFile(join(clone, 'npm.mjs'), npm);
    const child = spawn(process.execPath, args, {
      cwd: clone,
      env: { PATH: process.env['PATH'], npm_execpath: join(clone, 'npm.mjs') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      onError(stderr);
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout, stderr };
  }

  const SHOW = "import { writeFileSync } from 'node:fs'; writeFileSync('args.txt', process.argv.slice(2).join(' '));";

  it('says what it installs, and what it waits for while npm is silent', async () => {
    // It ends when this test has read what was said about the wait.
    const npm = `${SHOW} import { existsSync } from 'node:fs'; setInterval(() => { if (existsSync('seen')) process.exit(0); }, 20);`;
    let isSeen: Promise<void> | undefined;
    const { code, stdout, stderr } = await run(['scripts/run.mjs', 'hello.mjs'], npm, (text) => {
      if (text.includes('waiting for npm')) isSeen ??= writeFile(join(clone, 'seen'), '');
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello\n' });
    expect(stderr).toMatch(/^Installing \d packages, about \d+ MB: what runs the demo\. npm fetches them/);
    expect(stderr).toMatch(/^ {2}2 s: waiting for npm, 0 of \d packages are here$/m);
    expect(stderr).toMatch(/^Installed in \d+ s\.$/m);
    const args = await readFile(join(clone, 'args.txt'), 'utf8');
    expect(args).toBe('ci --loglevel=error --omit=dev --workspaces=false');
  });

  it('installs nothing when the packages are there, also with others', async () => {
    await install(['node_modules/a', 'node_modules/a/node_modules/b', 'node_modules/peer', 'node_modules/tool']);
    expect(await run(['scripts/run.mjs', 'hello.mjs'], SHOW)).toEqual({ code: 0, stdout: 'hello\n', stderr: '' });
  });

  it('does not take the tools away when it brings what is new', async () => {
    await install(['node_modules/a', 'node_modules/tool']);
    expect(isInstalled(clone, LOCK, placesOf(LOCK, LEVELS.run))).toBe(false);
    expect(levelWith(clone, LOCK, 'run')).toBe('test');
    const { stderr } = await run(['scripts/run.mjs', 'hello.mjs'], SHOW);
    expect(stderr).toContain('what runs, checks and tests the project');
    expect(await readFile(join(clone, 'args.txt'), 'utf8')).not.toContain('--omit=dev');
  });

  it('says in one sentence that npm failed, and starts nothing', async () => {
    const { code, stdout, stderr } = await run(['scripts/run.mjs', 'hello.mjs'], 'process.exit(3);');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^Installing the packages failed\. The reason that npm gives is above\.$/m);
  });

  it('ends npm with itself, without a stack trace', async () => {
    const npm = `${SHOW} setInterval(() => undefined, 1000); process.stderr.write('pid ' + process.pid + ' ' + process.ppid + '\\n');`;
    let pid = 0;
    const { code, stderr } = await run(['scripts/run.mjs', 'hello.mjs'], npm, (text) => {
      const [, own = '', parent = ''] = /^pid (\d+) (\d+)$/m.exec(text) ?? [];
      if (own === '' || pid !== 0) return;
      pid = Number(own);
      process.kill(Number(parent), 'SIGTERM');
    });
    expect(code).toBe(143);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(stderr.trim().split('\n').at(-1)).toBe(
      'Ended before the packages were installed. The next command installs them again.',
    );
  });
});
