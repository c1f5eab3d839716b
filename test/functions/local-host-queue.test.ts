// Queue triggers and queue outputs of the local host, against the storage emulator.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azure/storage/azurite.ts';
import { type BuiltApp, buildFixtureApp, type RunningHost, startLocalHost, until } from './fixtures/run-host.ts';

let folder: string;
let azurite: Azurite;
let app: BuiltApp;
let host: RunningHost;
let queues: QueueServiceClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'queue-test-'));
  azurite = await startAzurite({ folder, ports: { blob: 0, queue: 0, table: 0 } });
  const connection = `DefaultEndpointsProtocol=http;AccountName=${azurite.accountName};AccountKey=${azurite.accountKey};BlobEndpoint=${azurite.blobEndpoint};QueueEndpoint=${azurite.queueEndpoint};`;
  queues = QueueServiceClient.fromConnectionString(connection);
  app = await buildFixtureApp('queue-app', {
    version: '2.0',
    extensions: { queues: { maxDequeueCount: 3, visibilityTimeout: '00:00:00', maxPollingInterval: '00:00:01' } },
  });
  host = await startLocalHost(app, [], { AzureWebJobsStorage: connection, WORK_QUEUE: 'work' });
});
afterAll(async () => {
  await host.stop();
  await app.remove();
  await azurite.close();
  await rm(folder, { recursive: true, force: true });
});

const run = (name: string, input = '') =>
  fetch(`${host.url}/admin/functions/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input }),
  });
const seen = async () => (await (await fetch(`${host.url}/api/seen`)).json()) as { message: unknown }[];
const waiting = async (name: string) => (await queues.getQueueClient(name).getProperties()).approximateMessagesCount;

describe('a queue', () => {
  it('takes what a function leaves in its output, one message per element, and each is worked off', async () => {
    expect((await run('produce')).status).toBe(202);
    await until(async () => (await seen()).length === 7, 20_000);
    const messages = await seen();
    expect(messages).toEqual(
      expect.arrayContaining([
        { message: { number: 1 }, dequeueCount: 1 },
        { message: { number: 2 }, dequeueCount: 1 },
        { message: 'once', dequeueCount: 1 },
        { message: 'once', dequeueCount: 2 },
        { message: 'never', dequeueCount: 1 },
        { message: 'never', dequeueCount: 2 },
        { message: 'never', dequeueCount: 3 },
      ]),
    );
    await until(async () => (await waiting('work')) === 0, 5_000);
  });

  it('loses a message that fails too often to the poison queue, as it was, in base64', async () => {
    const { peekedMessageItems } = await queues.getQueueClient('work-poison').peekMessages();
    expect(peekedMessageItems.map(({ messageText }) => messageText)).toEqual(['bmV2ZXI=']);
    expect(host.logLines().map(({ message }) => message)).toContain(
      "Message has reached MaxDequeueCount of 3. Moving message to queue 'work-poison'.",
    );
  });

  it('gets nothing from a function that failed', async () => {
    await run('produceAndFail');
    await until(() => host.logLines().some(({ message }) => message.includes('Nothing of it may be sent.')), 5_000);
    await run('consume', '"by hand"');
    await until(async () => (await seen()).length === 8, 5_000);
    expect((await seen()).map(({ message }) => message)).not.toContainEqual({ number: 3 });
    expect(await waiting('work')).toBe(0);
  });

  it('works off what others have put there', async () => {
    await queues.getQueueClient('work').sendMessage(Buffer.from('{"number":4}').toString('base64'));
    await until(async () => (await seen()).length === 9, 10_000);
    expect((await seen())[8]).toEqual({ message: { number: 4 }, dequeueCount: 1 });
  });
});
