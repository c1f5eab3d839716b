// Captures everything that comes out of an end to end run, at the finest level, and looks for every key ever made.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoAccounts } from '../../local/azure/demo-accounts.ts';
import { freePort } from '../../local/azure/ports.ts';
import { startHostProcess } from '../../local/start/children.ts';
import { DEMO_POLICY } from '../../local/start/seed.ts';
import { type Stage, setStage } from '../../local/start/stage.ts';
import { startOtlpReceiver } from '../support/otlp-receiver.ts';
import { eventually, HostClient } from './http-client.ts';

const POLICY = {
  ...DEMO_POLICY,
  rotationInterval: 'P1D',
  overlapMinimum: 'PT1S',
  overlapMaximum: 'PT2S',
  spread: 'PT0S',
};
const PLANTED = 'f00dfeedf00dfeedf00dfeedf00dfeed';

let stage: Stage;
/** Every key that was ever made, also those that lived for moments. */
const made = new Set<string>();
const channels = new Map<string, string>();
const CHANNELS = ['log', 'telemetry', 'answers', 'requests', 'configuration', 'tags', 'table', 'disk'];

beforeAll(async () => {
  stage = await setStage({ accounts: demoAccounts(3), policy: POLICY, latencyMs: 0, onLine: () => undefined });
  const { world } = stage.azure;
  for (const { keys } of world.accounts.values()) for (const { value } of [keys.key1, keys.key2]) made.add(value);
  const newKey = world.nature.newKey.bind(world.nature);
  Object.assign(world.nature, {
    newKey: (shape: Parameters<typeof newKey>[0]) => {
      const key = newKey(shape);
      made.add(key);
      return key;
    },
  });
  const log: string[] = [];
  const port = await freePort();
  // The SDKs' own logging on, to the last detail: it writes requests, answers and headers to the host's error output.
  const receiver = await startOtlpReceiver();
  const telemetry = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const environment = { ...stage.environment, ...telemetry, AZURE_LOG_LEVEL: 'verbose', DEBUG: '*' };
  const { appFolder } = stage;
  const onLine = (line: string): number => log.push(line);
  const host = await startHostProcess({ port, environment, appFolder, onLine, logLevel: 'trace' });
  const client = new HostClient(port);
  await exercise(client);
  await host.stop();
  await receiver.close();
  channels.set('telemetry', receiver.raw.join('\n'));
  channels.set('log', log.join('\n'));
  channels.set('answers', client.answers.join('\n'));
  channels.set('requests', JSON.stringify(stage.azure.requests));
  channels.set('configuration', JSON.stringify([...world.store.keyValues.values()]));
  channels.set('tags', JSON.stringify([...world.vault.secrets.values()].map(withoutValues)));
  channels.set('table', await dumpTable());
  channels.set('disk', await dumpFolder(dirname(stage.azure.caFile)));
}, 120_000);
afterAll(() => stage.close());

function withoutValues(secret: { versions: readonly object[] }): object {
  return { ...secret, versions: secret.versions.map((version) => ({ ...version, value: '' })) };
}

/** Rotations, an emergency, lost answers, refusals, checks and mistakes of callers. */
async function exercise(client: HostClient): Promise<void> {
  const names = demoAccounts(3).map(({ name }) => `/api/accounts/${name}`);
  for (const name of names)
    await eventually(
      () => client.get(name),
      ({ body }) => body['phase'] === 'idle',
    );
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  const { faults } = stage.azure;
  faults.add({ service: 'arm', operation: 'regenerateKey', times: 1, fault: { kind: 'applyThenCut' } });
  faults.add({ service: 'keyVault', operation: 'setSecret', times: 1, fault: { kind: 'serverError', status: 500 } });
  faults.add({ service: 'dataPlane', times: 2, fault: { kind: 'throttle', retryAfterSeconds: 1 } });
  faults.add({ service: 'arm', operation: 'listKeys', times: 1, fault: { kind: 'serverError', status: 502 } });
  await Promise.all(names.map((name) => client.post(`${name}/rotate`, { reason: 'test' })));
  for (const name of names) {
    await eventually(
      () => client.get(name),
      ({ body }) => body['phase'] === 'idle' && body['rotationId'] === 1,
      40_000,
    );
  }
  faults.clear();
  await client.post(`${names[0] ?? ''}/rotate`, { reason: 'leaked', compromised: 'published' });
  await client.post(`${names[1] ?? ''}/rotate`, { reason: 'leaked', compromised: 'key1' });
  for (const name of names) {
    await client.post(`${name}/check`, {});
    await client.get(`${name}/history`);
    await client.post(`${name}/rotate`, '{"reason":');
  }
  await client.get('/api/accounts');
}

async function dumpTable(): Promise<string> {
  const connection = stage.azure.endpoints.storageConnectionString ?? '';
  const table = TableClient.fromConnectionString(connection, 'KeyRotation', { allowInsecureConnection: true });
  const rows: object[] = [];
  for await (const row of table.listEntities()) rows.push(row);
  return JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

async function dumpFolder(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('\n');
}

/** The shapes in which a key may have slipped out. */
function shapesOf(key: string): string[] {
  const base64 = Buffer.from(key).toString('base64').replace(/=+$/, '');
  const hex = Buffer.from(key).toString('hex');
  // Inside a longer text base64 begins at one of three places; what does not depend on the neighbours is looked for.
  const shifted = [1, 2].map((shift) =>
    Buffer.from(`${'x'.repeat(shift)}${key}`)
      .toString('base64')
      .slice(4, -4),
  );
  return [key, encodeURIComponent(key), base64, hex, ...shifted];
}

function hitsIn(text: string, keys: Iterable<string>): string[] {
  return [...keys].flatMap(shapesOf).filter((shape) => text.includes(shape));
}

describe('no key gets out', () => {
  it('had much to look at', () => {
    expect(made.size).toBeGreaterThanOrEqual(14);
    expect(channels.get('log')?.length).toBeGreaterThan(100_000);
    expect(channels.get('log')).toContain('regenerateKey');
    expect(channels.get('table')).toContain('RotationCompleted');
    expect(channels.get('table')).toContain('KeyReplaced');
  });
  it.each(CHANNELS)('through the channel %s', (channel) => {
    const text = channels.get(channel) ?? '';
    expect(text.length).toBeGreaterThan(100);
    expect(hitsIn(text, made)).toEqual([]);
  });
  it.each(CHANNELS)('and a key planted in %s is found', (channel) => {
    const text = channels.get(channel) ?? '';
    const middle = Math.floor(text.length / 2);
    for (const planted of [PLANTED, Buffer.from(`a:${PLANTED}:b`).toString('base64'), encodeURIComponent(PLANTED)]) {
      expect(hitsIn(text.slice(0, middle) + planted + text.slice(middle), [PLANTED])).not.toEqual([]);
    }
  });
});
