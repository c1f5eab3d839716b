import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageApp } from '../../scripts/package.mjs';
import { HostClient } from './http-client.ts';

const HOST = fileURLToPath(new URL('../../local/host/main.ts', import.meta.url));
const SIZE_MAXIMUM = 1.5 * 1024 * 1024;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'package-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the deployable zip', () => {
  it('holds the app and nothing of its development, and the host runs it from there', async () => {
    const { bytes, names, file } = await packageApp(join(folder, 'app.zip'));
    expect(bytes).toBeLessThan(SIZE_MAXIMUM);
    expect(names.filter((name) => !name.startsWith('dist/chunks/'))).toEqual([
      'dist/functions.js',
      'dist/page/index.html',
      'host.json',
      'package.json',
    ]);
    const app = join(folder, 'app');
    for (const [name, content] of Object.entries(unzipSync(await readFile(file)))) {
      await mkdir(dirname(join(app, name)), { recursive: true });
      await writeFile(join(app, name), content);
    }
    const env = { PATH: process.env['PATH'], RECONCILE_SCHEDULE: '0 0 0 1 1 *' };
    const host = fork(HOST, ['--app', app, '--port', '0'], { env, stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
    if (host.stdout === null) throw new Error('The host has no output.');
    const [line] = (await once(createInterface({ input: host.stdout }), 'line')) as [string];
    const { port, functions } = JSON.parse(line) as { port: number; functions: string[] };
    expect(functions).toContain('reconcile-on-schedule');
    expect((await new HostClient(port).get('/api/accounts')).status).toBe(503);
    const page = await fetch(`http://127.0.0.1:${port}/api/page`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await page.text()).toContain('<title>Key rotation</title>');
    const exited = once(host, 'exit');
    host.kill('SIGTERM');
    await exited;
  });
});
