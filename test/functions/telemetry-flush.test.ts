// Every function that nobody calls sends at its end what its passes noted, also when it fails: the process may be gone
// before another invocation would. What is sent, and how, is tested in telemetry.test.ts.
import { app, InvocationContext } from '@azure/functions';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { Notifications } from '../../src/config/notifications.ts';
import { SecretValue } from '../../src/rotation/secret.ts';
import type { Telemetry } from '../../src/telemetry/telemetry.ts';
import { runDelivery } from '../../src/triggers/delivery.ts';
import { runDiscovery } from '../../src/triggers/discovery.ts';
import { handleEvent } from '../../src/triggers/event.ts';
import { runQueuedPass } from '../../src/triggers/queue.ts';
import { runTick } from '../../src/triggers/tick.ts';
import { DAY, type HttpStage, startHttpStage } from './http/stage.ts';
import { filesIn } from './infra-files.ts';

let stage: HttpStage;
let calls: string[] = [];

const telemetry: Telemetry = {
  signals: { traces: true, metrics: false },
  notePass: async () => void calls.push('notePass'),
  noteFleet: async () => undefined,
  flush: async () => void calls.push('flush'),
};
const NOTIFICATIONS: Notifications = {
  state: 'ready',
  url: new SecretValue('http://127.0.0.1:9/'),
  secret: new SecretValue('0123456789abcdefghijklmnopqrstuv'),
};

beforeAll(async () => {
  stage = await startHttpStage();
  stage.addAccount('alpha');
  await stage.adopt();
  if (!stage.app.settings.ok) throw new Error('The settings of the stage are valid.');
  const settings = { ...stage.app.settings.settings, notifications: NOTIFICATIONS };
  stage.serving = { ...stage.app, telemetry, settings: { ok: true, settings } };
});
afterAll(() => stage.close());
afterEach(() => {
  stage.azure.faults.clear();
  calls = [];
  stage.advance(DAY);
});

const RUNS: Readonly<Record<string, (context: InvocationContext) => Promise<unknown>>> = {
  'reconcile-on-schedule': (context) => runTick(stage.serving, context),
  'reconcile-account': (context) =>
    runQueuedPass(stage.serving, { accountIds: [...stage.azure.world.accounts.keys()].slice(0, 1) }, context),
  'discover-accounts': (context) => runDiscovery(stage.serving, context),
  'deliver-notifications': (context) => runDelivery(stage.serving, context),
  'on-secret-event': (context) =>
    handleEvent(
      stage.serving,
      {
        eventType: 'Microsoft.KeyVault.SecretNearExpiry',
        data: {
          VaultName: new URL(stage.azure.endpoints.keyVault).host,
          ObjectType: 'Secret',
          ObjectName: 'alpha-key',
        },
      },
      context,
    ),
};
const contextOf = (functionName: string) => new InvocationContext({ functionName, logHandler: () => undefined });

it('there is no other function with a trigger besides HTTP, but the second that takes events', async () => {
  const triggered: string[] = [];
  const register = (name: string): void => void triggered.push(name);
  const spies = (['timer', 'storageQueue', 'eventGrid'] as const).map((trigger) =>
    vi.spyOn(app, trigger).mockImplementation(register),
  );
  vi.resetModules();
  for (const file of filesIn('src/functions', '.ts')) await import(`../../${file}`);
  for (const spy of spies) spy.mockRestore();
  expect(triggered.toSorted()).toEqual([...Object.keys(RUNS), 'on-key-regenerated'].toSorted());
});

it.each(Object.keys(RUNS))('%s sends what it noted', async (name) => {
  await RUNS[name]?.(contextOf(name));
  expect(calls.at(-1)).toBe('flush');
  expect(calls.filter((call) => call === 'flush')).toHaveLength(1);
  const passes = ['reconcile-on-schedule', 'reconcile-account', 'on-secret-event'].includes(name);
  expect(calls.includes('notePass')).toBe(passes);
});

it.each(Object.keys(RUNS))('%s sends it also when it fails', async (name) => {
  for (const service of ['table', 'appConfiguration'] as const) {
    stage.azure.faults.add({ service, times: 9, fault: { kind: 'serverError', status: 503 } });
  }
  await expect(RUNS[name]?.(contextOf(name))).rejects.toThrow();
  expect(calls).toEqual(['flush']);
});
