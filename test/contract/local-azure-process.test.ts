// `npm run azure` as a process: what it prints, how it refuses, and that nothing outlives it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import type { GatewayNode } from '../../local/azure/world/world.ts';

const program = fileURLToPath(new URL('../../local/azure/main.ts', import.meta.url));
const running = new Set<ChildProcess>();

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  firstLine(): Promise<string>;
}

function start(...args: string[]): Running {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  const firstLine = async (): Promise<string> => {
    await vi.waitFor(() => expect(stdout, stderr).toContain('\n'), { timeout: 40_000, interval: 50 });
    return stdout.split('\n')[0] ?? '';
  };
  return { child, ended, firstLine };
}

interface Printed {
  readonly resourceManager: string;
  readonly storageConnectionString: string;
  readonly caFile: string;
  readonly clients: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly accounts: readonly {
    readonly name: string;
    readonly kind: string;
    readonly endpoint: string;
    readonly nodes: readonly GatewayNode[];
  }[];
}

function isListening(url: string): Promise<boolean> {
  const { port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function blobEndpointOf({ storageConnectionString }: Printed): string {
  return /BlobEndpoint=([^;]+)/.exec(storageConnectionString)?.[1] ?? '';
}

test('prints where everything is, serves, and ends cleanly when told to', async () => {
  const azure = start('--accounts', '4', '--lag', '2000');
  const printed = JSON.parse(await azure.firstLine()) as Printed;
  expect(printed.accounts.map(({ name, kind }) => [name, kind])).toEqual([
    ['demo-language-1', 'TextAnalytics'],
    ['demo-openai-2', 'OpenAI'],
    ['demo-speech-3', 'SpeechServices'],
    ['demo-search-4', 'Search'],
  ]);
  expect(printed.accounts[0]?.nodes).toEqual([
    { acceptsNewAfterMs: 0, acceptsOldForMs: 0 },
    { acceptsNewAfterMs: 1_254, acceptsOldForMs: 5 },
    { acceptsNewAfterMs: 2_000, acceptsOldForMs: 2_000 },
  ]);
  expect(printed).toMatchObject({
    subscriptionId: '11111111-2222-3333-4444-555555555555',
    resourceGroup: 'ai-services',
    environment: { NODE_EXTRA_CA_CERTS: printed.caFile, RECORD_TABLE_NAME: 'KeyRotation' },
  });
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: printed.caFile };
  const code = `fetch('${printed.resourceManager}/').then((answer) => process.exit(answer.status === 401 ? 0 : 1))`;
  const client = spawn(process.execPath, ['-e', code], { env, stdio: 'ignore' });
  expect((await once(client, 'exit'))[0]).toBe(0);
  azure.child.kill('SIGINT');
  expect((await azure.ended).code).toBe(0);
  expect(existsSync(printed.caFile)).toBe(false);
  expect(await isListening(blobEndpointOf(printed))).toBe(false);
});

/** The README is for people who copy from it: its table and its program are what they would use. */
const readme = readFileSync(new URL('../../local/azure/README.md', import.meta.url), 'utf8');
const section = (readme.split('## A first call\n')[1] ?? '').split('\n## ')[0] ?? '';

test('prints for each language the variables that the README names, and the README reads no other', async () => {
  const azure = start();
  const { caFile, clients } = JSON.parse(await azure.firstLine()) as Printed;
  const named = [...section.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, language = '', variables = '']) => [
    language,
    [...variables.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  ]);
  expect(Object.fromEntries(named)).toEqual({
    node: Object.keys(clients['node'] ?? {}),
    python: Object.keys(clients['python'] ?? {}),
    csharp: Object.keys(clients['csharp'] ?? {}),
  });
  expect(Object.keys(clients)).toEqual(['node', 'python', 'csharp']);
  expect([
    clients['node']?.['NODE_EXTRA_CA_CERTS'],
    clients['python']?.['REQUESTS_CA_BUNDLE'],
    clients['csharp']?.['SSL_CERT_FILE'],
  ]).toEqual([caFile, caFile, caFile]);
  const programs = new Map([...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, name, code]) => [name, code]));
  for (const [language, name] of Object.entries({ node: 'js', python: 'python', csharp: 'csharp' })) {
    const read = [...(programs.get(name) ?? '').matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)].map(([variable]) => variable);
    expect(read).toContain('KEY_VAULT_URL');
    expect(Object.keys(clients[language] ?? {})).toEqual(expect.arrayContaining(read));
  }
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const env = { PATH: process.env['PATH'], ...clients['node'] };
  const client = spawn(process.execPath, ['--input-type=module', '-e', programs.get('js') ?? ''], { cwd: root, env });
  running.add(client);
  let said = '';
  for (const stream of [client.stdout, client.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(client, 'close')) as [number | null];
  expect([code, said]).toEqual([0, 'hello from Node\nhello from Node\n']);
});

test('Azurite ends with it, and its folder is removed, even when it is killed', async () => {
  const azure = start();
  const printed = JSON.parse(await azure.firstLine()) as Printed;
  expect(await isListening(blobEndpointOf(printed))).toBe(true);
  azure.child.kill('SIGKILL');
  await azure.ended;
  await vi.waitFor(async () => expect(await isListening(blobEndpointOf(printed))).toBe(false), { timeout: 10_000 });
  await vi.waitFor(() => expect(existsSync(dirname(printed.caFile))).toBe(false), { timeout: 10_000 });
});
