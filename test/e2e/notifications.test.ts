// Notifications of the built app in the running host: a rotation and a leaked key, told to a receiver that fails at first.
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

it('tells of a compromised key from the request to its end, once the receiver is there', async () => {
  receiver.answers.push('cut');
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
  const types = await eventually(
    async () => receiver.received.map(({ event }) => event.type.replace('AiServicesKeyRotation.', '')),
    (told) => told.includes('RotationCompleted') && told.includes('RequestClosed'),
    170_000,
  );
  // The first attempt was cut off: the same notification came again before any other.
  expect(receiver.received[1]?.event).toEqual(receiver.received[0]?.event);
  expect(types.slice(0, 2)).toEqual(['CompromisedRequested', 'CompromisedRequested']);
  expect(types).toEqual(expect.arrayContaining(['RotationStarted', 'RotationCompleted', 'RequestClosed']));
  const ofRotation = ['RotationStarted', 'RotationCompleted'];
  expect(types.filter((type) => ofRotation.includes(type))).toEqual(ofRotation);
  expect(receiver.received.every(({ isSigned }) => isSigned)).toBe(true);
  const told = [...receiver.received.map(({ body }) => body), ...lines, ...client.answers].join('\n');
  for (const { keys } of stage.azure.world.accounts.values()) {
    for (const { value } of [keys.key1, keys.key2]) expect(told).not.toContain(value);
  }
  expect(told).not.toMatch(/not-to-be-shown|correct-horse/);
}, 240_000);
