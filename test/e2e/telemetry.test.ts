// The built app in a host of its own, sending to a receiver on this machine while a key is rotated: what is deployed
// finds its exporter by the standard settings, and no key leaves with what it sends.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { demoAccounts } from '../../local/azure/demo-accounts.ts';
import { freePort } from '../../local/azure/ports.ts';
import { type Child, startHostProcess } from '../../local/start/children.ts';
import { DEMO_POLICY } from '../../local/start/seed.ts';
import { type Stage, setStage } from '../../local/start/stage.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { eventually, HostClient } from './http-client.ts';

const POLICY = {
  ...DEMO_POLICY,
  rotationInterval: 'P1D',
  overlapMinimum: 'PT1S',
  overlapMaximum: 'PT2S',
  spread: 'PT0S',
};

let stage: Stage;
let receiver: OtlpReceiver;
let host: Child;
let client: HostClient;

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  stage = await setStage({ accounts: demoAccounts(1), policy: POLICY, latencyMs: 0, onLine: () => undefined });
  const port = await freePort();
  const environment = {
    ...stage.environment,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-collector=here',
    OTEL_SERVICE_NAME: 'rotation-of-tests',
  };
  host = await startHostProcess({ port, environment, appFolder: stage.appFolder, onLine: () => undefined });
  client = new HostClient(port);
});
afterAll(async () => {
  await host.stop();
  await stage.close();
  await receiver.close();
});

it('traces a whole rotation from the built app', async () => {
  const [{ name } = { name: '' }] = demoAccounts(1);
  const path = `/api/accounts/${name}`;
  await eventually(
    () => client.get(path),
    ({ body }) => body['phase'] === 'idle',
  );
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  await client.post(`${path}/rotate`, { reason: 'exercise' });
  await eventually(
    () => client.get(path),
    ({ body }) => body['phase'] === 'idle' && body['rotationId'] === 1,
    40_000,
  );
  const ofRotation = () =>
    receiver.spans.filter(({ attributes }) => attributes['key_rotation.rotation_id'] === 1).map((span) => span.name);
  await eventually(
    () => Promise.resolve(ofRotation()),
    (names) => names.filter((step) => step === 'step regenerate').length === 2,
  );
  expect(ofRotation()).toEqual(expect.arrayContaining(['pass', 'observe', 'step publish', 'arm.regenerate']));
  expect(receiver.spans[0]?.resource['service.name']).toBe('rotation-of-tests');
  expect(receiver.points.map(({ metric }) => metric)).toContain('key_rotation.key.age');
  expect(receiver.raw[0]).toContain('"x-collector":"here"');
  const sent = receiver.raw.join('\n');
  for (const { keys } of stage.azure.world.accounts.values()) {
    for (const { value } of [keys.key1, keys.key2]) expect(sent.includes(value)).toBe(false);
  }
});
