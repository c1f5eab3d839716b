// How long after `SecretNewVersionCreated` the consumer library's first call with the new key is answered: the event is
// delivered over HTTP, the key read from the vault, the call sent to the data plane.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SecretClient } from '@azure/keyvault-secrets';
import { createKeyConsumer, createVaultSource } from '../packages/consumer/src/index.ts';
import { startWire } from '../test/contract/wire.ts';
import { type Figures, median, rounded } from './benchmark.ts';

const RUNS = 25;
const NEVER_POLL_MS = 3_600_000;
const GIVE_UP_MS = 10_000;

export async function measureReaction(): Promise<Figures> {
  const wire = await startWire();
  const { azure } = wire;
  const account = wire.newAccount('TextAnalytics');
  const { vault: secrets } = azure.world;
  const publish = (slot: 'key1' | 'key2'): string =>
    secrets.set(account.secretName, { value: azure.world.account(account.id).keys[slot].value }).version;
  publish('key1');
  const vault = new SecretClient(azure.endpoints.keyVault, wire.credential, {
    disableChallengeResourceVerification: true,
  });
  const consumer = createKeyConsumer({
    source: createVaultSource({ vault, secretName: account.secretName }),
    pollEveryMs: NEVER_POLL_MS,
  });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const events = JSON.parse(Buffer.concat(chunks).toString()) as { data?: { validationCode?: string } }[];
      const code = events[0]?.data?.validationCode;
      response.end(code === undefined ? '' : JSON.stringify({ validationResponse: code }));
      if (code === undefined) for (const event of events) void consumer.notify(event);
    });
  });
  try {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await azure.events.subscribe({
      endpoint,
      schema: 'eventGrid',
      types: ['Microsoft.KeyVault.SecretNewVersionCreated'],
    });
    await consumer.current();
    const url = `${azure.dataPlaneEndpoint(account.name)}language/:analyze-text?api-version=2023-04-01`;
    const call = (key: { reveal(): string }) =>
      fetch(url, {
        method: 'POST',
        headers: { 'Ocp-Apim-Subscription-Key': key.reveal(), 'Content-Type': 'application/json' },
        body: JSON.stringify({ kind: 'LanguageDetection', analysisInput: { documents: [{ id: '1', text: 'Hi' }] } }),
      });
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const startedAt = performance.now();
      const version = publish(run % 2 === 0 ? 'key2' : 'key1');
      for (let used: string | undefined; used !== version; ) {
        if (performance.now() - startedAt > GIVE_UP_MS) throw new Error('The consumer never used the new version.');
        used = await consumer.withKey(async (key, inUse) => {
          await (await call(key)).text();
          return inUse;
        });
      }
      times.push(performance.now() - startedAt);
    }
    return { medianMs: rounded(median(times), 1), slowestMs: rounded(Math.max(...times), 1), runs: RUNS };
  } finally {
    consumer.close();
    server.close();
    await wire.close();
  }
}
