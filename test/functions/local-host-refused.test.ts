// The local host against a local Azure whose storage refuses: over the wire, each answer as the real host was seen to meet it.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure, WireFault } from '../../local/azure/local-azure.ts';
import { startLocalAzure } from '../../local/azure/start-local-azure.ts';
import {
  type BuiltApp,
  buildFixtureApp,
  type RunningHost,
  runToExit,
  startLocalHost,
  until,
} from './fixtures/run-host.ts';

const REFUSED: WireFault = { kind: 'answer', status: 403, headers: { 'x-ms-error-code': 'AuthorizationFailure' } };

let azure: LocalAzure;
let app: BuiltApp;
let environment: Readonly<Record<string, string>>;
let host: RunningHost | undefined;
let hosts = 0;

beforeAll(async () => {
  azure = await startLocalAzure({ subscriptionId: 'sub', resourceGroup: 'group', accounts: [] });
  app = await buildFixtureApp('queue-app');
});
beforeEach(() => {
  // A host that storage has ended keeps its locks for a minute, so each test has a host of another name.
  hosts += 1;
  environment = {
    AzureWebJobsStorage: azure.endpoints.storageConnectionString ?? '',
    AzureFunctionsWebHost__hostid: `host-${hosts}`,
    WORK_QUEUE: 'work',
  };
});
afterEach(async () => {
  azure.faults.clear();
  await host?.stop();
  host = undefined;
});
afterAll(async () => {
  await app.remove();
  await azure.close();
});

describe.each([
  ['queue', 'queues'],
  ['blob', 'blobs'],
] as const)('a storage account that refuses with 403 for its %s', (service, word) => {
  it('ends the host before it listens, as the real one', async () => {
    azure.faults.add({ service, fault: REFUSED });
    const { code, stdout, stderr } = await runToExit(['--app', app.folder, '--port', '0'], environment);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`Storage refuses the host: 403 for ${word}. Host and app end.`);
  });

  it('ends the host that runs, and HTTP with it, as the real one', async () => {
    host = await startLocalHost(app, [], environment);
    expect((await fetch(`${host.url}/api/seen`)).status).toBe(200);
    azure.faults.add({ service, fault: REFUSED });
    await until(() => host?.child.exitCode === 1, 20_000);
    expect(host.errorText()).toContain(`Storage refuses the host: 403 for ${word}. Host and app end.`);
    await expect(fetch(`${host.url}/api/seen`)).rejects.toThrow();
  });
});

it('a storage account that is busy with 503 is tolerated, as by the real host', async () => {
  host = await startLocalHost(app, [], environment);
  azure.faults.add({ service: 'queue', fault: { kind: 'serverError', status: 503 } });
  const refused = () => azure.requests.filter(({ service, status }) => service === 'queue' && status === 503).length;
  await until(() => refused() >= 2, 20_000);
  expect((await fetch(`${host.url}/api/seen`)).status).toBe(200);
});
