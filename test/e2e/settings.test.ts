// The host with the built app when its settings are wrong: every function is there, and says what is wrong. Storage must
// answer: without it no function of a real host answers.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local/azure/local-azure.ts';
import { startLocalAzure } from '../../local/azure/start-local-azure.ts';
import { makeAppFolder } from '../../scripts/build.mjs';
import { HostClient } from './http-client.ts';

const HOST = fileURLToPath(new URL('../../local/host/main.ts', import.meta.url));
const GOOD = {
  KEY_VAULT_URL: 'https://vault.example',
  APP_CONFIGURATION_ENDPOINT: 'https://store.example',
  RECONCILE_SCHEDULE: '0 0 0 1 1 *',
  DISCOVERY_SCHEDULE: '0 0 0 1 1 *',
};

/** Its storage alone: without storage that answers, the host ends, and every function with it. */
let azure: LocalAzure;
beforeAll(async () => {
  azure = await startLocalAzure({ subscriptionId: 'sub', resourceGroup: 'group', accounts: [] });
  await makeAppFolder(join(azure.folder, 'app'));
});
afterAll(() => azure.close());

let stop: (() => Promise<void>) | undefined;
afterEach(() => stop?.());

async function hostWith(settings: Readonly<Record<string, string | undefined>>) {
  const storage = { AzureWebJobsStorage: azure.endpoints.storageConnectionString };
  const env = { PATH: process.env['PATH'], ...GOOD, ...storage, ...settings };
  const host = fork(HOST, ['--app', join(azure.folder, 'app'), '--port', '0'], {
    env,
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  });
  stop = async () => {
    host.kill('SIGTERM');
    await ended.catch(() => undefined);
  };
  if (host.stdout === null) throw new Error('The host has no output.');
  const ended = once(host, 'exit').then(([code]) =>
    Promise.reject(new Error(`The host has ended with exit code ${code}.`)),
  );
  ended.catch(() => undefined);
  const lines = once(createInterface({ input: host.stdout }), 'line') as Promise<[string]>;
  const [line] = await Promise.race([lines, ended]);
  const ready = JSON.parse(line) as { port: number; functions: string[] };
  return { client: new HostClient(ready.port), functions: ready.functions };
}

const BASE = ['check-connectivity', 'reconcile-on-schedule', 'request-rotation', 'show-status'];

describe('wrong settings', () => {
  it.each([
    ['KEY_VAULT_URL', 'not a url'],
    ['APP_CONFIGURATION_ENDPOINT', undefined],
    ['RECORD_TABLE_NAME', '1'],
    ['AZURE_CLIENT_ID', 'me'],
    ['AUTHORIZATION', 'everybody'],
    ['AZURE_CLOUD', 'moon'],
  ])('%s: shown with what is expected and the remedy, all functions there', async (setting, value) => {
    const { client, functions } = await hostWith({ [setting]: value });
    expect(functions).toEqual(expect.arrayContaining(BASE));
    const { status, body } = await client.get('/api/accounts');
    expect(status).toBe(503);
    expect(body['problems']).toEqual([
      expect.objectContaining({
        setting,
        expected: expect.any(String) as unknown,
        remedy: expect.any(String) as unknown,
      }),
    ]);
  });

  it('all at once: every problem in one answer', async () => {
    const { client, functions } = await hostWith({
      KEY_VAULT_URL: 'ftp://x',
      APP_CONFIGURATION_ENDPOINT: '',
      AzureWebJobsStorage: undefined,
      AZURE_CLIENT_ID: 'me',
      AUTHORIZATION: 'x',
      AZURE_CLOUD: '{}',
    });
    expect(functions).toEqual(expect.arrayContaining(BASE));
    const { body } = await client.get('/api/accounts');
    const problems = body['problems'] as { setting: string }[];
    expect(problems.map(({ setting }) => setting)).toEqual(
      expect.arrayContaining([
        'KEY_VAULT_URL',
        'APP_CONFIGURATION_ENDPOINT',
        'AZURE_CLIENT_ID',
        'AUTHORIZATION',
        'AZURE_CLOUD',
      ]),
    );
    expect(problems.length).toBeGreaterThanOrEqual(6);
  });

  it('storage that refuses: the host ends before it listens, and no function says anything', async () => {
    azure.faults.add({ service: 'queue', fault: { kind: 'answer', status: 403 } });
    await expect(hostWith({})).rejects.toThrow('The host has ended with exit code 1.');
    azure.faults.clear();
  });

  it('an unresolved schedule takes the timer away and nothing else', async () => {
    const { functions } = await hostWith({ RECONCILE_SCHEDULE: undefined });
    expect(functions).toEqual(expect.arrayContaining(['check-connectivity', 'request-rotation', 'show-status']));
  });
});
