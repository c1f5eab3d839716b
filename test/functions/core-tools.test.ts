// The switch between the local host and Azure's own host, `func` of Core Tools: tried with a stub of that name.
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../local/azure/ports.ts';
import { type Child, startHostProcess } from '../../local/start/children.ts';
import { findCoreTools, reportOf } from '../../local/start/core-tools.ts';
import { readLogLine } from '../../local/start/events.ts';
import { read } from './infra-files.ts';

/** Notes how it was called, says a line as `func` does, and says that it runs when it is asked for the second time. */
const STUB = `#!${process.execPath}
const { writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { argv, cwd, env } = process;
writeFileSync(env.CALLED, JSON.stringify({ args: argv.slice(2), cwd: cwd(), runtime: env.FUNCTIONS_WORKER_RUNTIME }));
console.log('[2026-11-30T10:00:00.123Z] {"event":"pass","account":"orders"}');
let asked = 0;
createServer((request, response) => {
  response.end(JSON.stringify({ state: request.url === '/admin/host/status' && ++asked > 1 ? 'Running' : 'Starting' }));
}).listen(Number(argv[argv.indexOf('--port') + 1]), '127.0.0.1');
`;
const FAILING = `#!${process.execPath}
console.error('The stub has no wish to run.');
process.exit(3);
`;

let folder: string;
let host: Child | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'core-tools-'));
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`);
});
afterEach(async () => {
  await host?.kill();
  host = undefined;
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function install(stub: string): Promise<void> {
  await writeFile(join(folder, 'func'), stub);
  await chmod(join(folder, 'func'), 0o755);
}

async function start(lines: string[] = []): Promise<number> {
  const port = await freePort();
  const environment = { CALLED: join(folder, 'called.json') };
  host = await startHostProcess({ port, environment, appFolder: folder, onLine: (line) => lines.push(line) });
  return port;
}

describe('HOST=func', () => {
  beforeEach(() => vi.stubEnv('HOST', 'func'));

  it('starts func in the folder of the app, and waits until its host runs', async () => {
    await install(STUB);
    const lines: string[] = [];
    const port = await start(lines);
    expect(JSON.parse(await readFile(join(folder, 'called.json'), 'utf8'))).toEqual({
      args: ['start', '--port', String(port)],
      cwd: folder,
      runtime: 'node',
    });
    expect(lines.map(readLogLine)).toContainEqual(
      expect.objectContaining({ event: { event: 'pass', account: 'orders' } }),
    );
    await host?.stop();
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  });

  it('says that func is missing where it is', async () => {
    vi.stubEnv('PATH', folder);
    await expect(start()).rejects.toThrow('HOST=func needs Core Tools (func) on the PATH.');
  });

  it('says what func said last when it ends instead', async () => {
    await install(FAILING);
    await expect(start()).rejects.toThrow('The stub has no wish to run.');
  });
});

describe('without HOST', () => {
  it('func is not started, although it is there', async () => {
    await install(STUB);
    // The folder of the stub is no app.
    await expect(start()).rejects.toThrow('it has no host.json');
  });
});

describe('npm test', () => {
  it('finds func on the PATH alone', async () => {
    expect(findCoreTools(folder)).toBeUndefined();
    await install(STUB);
    expect(findCoreTools(`/nonexistent${delimiter}${folder}`)).toBe(join(folder, 'func'));
  });

  it('says in one line whether the end-to-end files ran on func', () => {
    expect(reportOf(undefined)).toBe(
      'Core Tools (func) are not on the PATH: the end-to-end files ran on the local host alone.',
    );
    expect(reportOf('/usr/bin/func')).toBe('The end-to-end files also ran on Core Tools: /usr/bin/func.');
  });

  it('has func in the workflow, in one version, before the tests', () => {
    const steps = read('.github/workflows/ci.yml');
    expect(steps).toMatch(
      /- run: npm install --global azure-functions-core-tools@4\.\d+\.\d+\n(.*\n)*? {6}- run: npm test\n/,
    );
  });
});
