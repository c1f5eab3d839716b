// Notifications of the built app in the running host: the rotation away from a leaked key, told to a receiver that verifies them.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { demoAccounts } from '../../local/azure/demo-accounts.ts';
import { freePort } from '../../local/azure/ports.ts';
import { DEMO_POLICY } from '../../local/start/seed.ts';
import { type Stage, setStage } from '../../local/start/stage.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { eventually, HostClient } from './http-client.ts';

const SECRET = 'correct-horse-battery-staple-0123456789';
const POLICY = {
  ...DEMO_POLICY,
  rotationInterval: 'P1D',
  overlapMinimum: 'PT2S',
  overlapMaximum: 'PT3S',
  spread: 'PT0S',
};
const ACCOUNT = '/api/accounts/demo-language-1';

let receiver: Receiver;
let stage: Stage;
let client: HostClient;
const lines: string[] = [];
beforeAll(async () => {
  receiver = await startReceiver(SECRET);
  stage = await setStage({
    accounts: demoAccounts(1),
    policy: POLICY,
    latencyMs: 0,
    settings: { NOTIFICATION_URL: receiver.url, NOTIFICATION_SECRET: SECRET },
    onLine: (line) => lines.push(JSON.stringify(line)),
  });
  const port = await freePort();
  await stage.startHost(port);
  client = new HostClient(port);
});
afterAll(async () => {
  await stage.close();
  await receiver.close();
});

it('tells of a compromised key from the request to its end', async () => {
  await eventually(
    () => client.get(ACCOUNT),
    ({ body }) => body['phase'] === 'idle',
  );
  const asked = await client.post(`${ACCOUNT}/rotate`, { reason: 'in a log', compromised: 'published' });
  expect(asked.status).toBe(202);
  await eventually(
    () => client.get(ACCOUNT),
    ({ body }) => body['phase'] === 'idle' && body['rotationId'] === 1,
  );
  // What the timer does each minute, now. It may do so beside, so each is looked at once.
  expect((await client.post('/admin/functions/deliver-notifications', {})).status).toBe(202);
  const typesOf = () => new Map(receiver.received.map(({ event }) => [event.id, event.type])).values();
  const types = await eventually(
    async () => [...typesOf()].map((type) => type.replace('AiServicesKeyRotation.', '')),
    (told) => told.includes('RotationCompleted') && told.includes('RequestClosed'),
  );
  expect(types[0]).toBe('CompromisedRequested');
  expect(types).toContain('KeyReplaced');
  expect(types).toContain('RequestClosed');
  const ofRotation = ['RotationStarted', 'RotationCompleted'];
  expect(types.filter((type) => ofRotation.includes(type))).toEqual(ofRotation);
  expect(receiver.received.every(({ isSigned }) => isSigned)).toBe(true);
  const told = [...receiver.received.map(({ body }) => body), ...lines, ...client.answers].join('\n');
  for (const { keys } of stage.azure.world.accounts.values()) {
    for (const { value } of [keys.key1, keys.key2]) expect(told).not.toContain(value);
  }
  expect(told).not.toMatch(/not-to-be-shown|correct-horse/);
});
