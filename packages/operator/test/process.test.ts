// The bundled command as a process: its exit codes, and a reader that goes away, as with `| head -1`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ACCOUNT } from './played-world.ts';

let folder: string;
let server: Server;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'operator-'));
  const entryPoints = [new URL('../src/main.ts', import.meta.url).pathname];
  const outfile = join(folder, 'command.mjs');
  await build({ entryPoints, outfile, bundle: true, platform: 'node', target: 'node20', format: 'esm' });
  server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(ACCOUNT));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

function started(...args: readonly string[]) {
  const { port } = server.address() as AddressInfo;
  const env = { PATH: process.env['PATH'], KEY_ROTATION_URL: `http://127.0.0.1:${String(port)}` };
  return spawn(process.execPath, [join(folder, 'command.mjs'), ...args], { env });
}

it('ends without a trace when the reader of its results has gone away', async () => {
  const child = started('status', 'demo');
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  expect({ code, said }).toEqual({ code: 1, said: '' });
});

it('goes on when only the reader of its progress goes away', async () => {
  const child = started('rotat');
  child.stderr.destroy();
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(code).toBe(2);
});
