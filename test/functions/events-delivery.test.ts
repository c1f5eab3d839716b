// Local Azure delivers as Event Grid does: after a handshake, in either schema, again after a refusal.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EventGrid } from '../../local/azure/events/event-grid.ts';
import { connectEventSources } from '../../local/azure/events/event-sources.ts';
import type { EventSubscription } from '../../local/azure/local-azure.ts';
import { Places } from '../../local/azure/places.ts';
import { World } from '../../local/azure/world/world.ts';
import { until } from './fixtures/run-host.ts';

const VERSION = '0123456789abcdef0123456789abcdef';
const NOW = Date.UTC(2030, 0, 1);
const CREATED = 'Microsoft.KeyVault.SecretNewVersionCreated';
const REGENERATE = 'Microsoft.CognitiveServices/accounts/regenerateKey/action';

interface Delivery {
  readonly method: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let grid: EventGrid;
let world: World;
let server: Server;
let endpoint: string;
let deliveries: Delivery[];
let answer: (delivery: Delivery, response: ServerResponse) => void;

const isValidation = ({ headers }: Delivery) => headers['aeg-event-type'] === 'SubscriptionValidation';
const events = () => deliveries.filter((delivery) => delivery.method === 'POST' && !isValidation(delivery));

/** A good webhook. */
function accept(delivery: Delivery, response: ServerResponse): void {
  if (delivery.method === 'OPTIONS') response.setHeader('WebHook-Allowed-Origin', 'eventgrid.azure.net').end();
  else if (isValidation(delivery)) {
    const [{ data }] = JSON.parse(delivery.body) as [{ data: { validationCode: string } }];
    response.end(JSON.stringify({ validationResponse: data.validationCode }));
  } else response.writeHead(202).end();
}

beforeEach(async () => {
  deliveries = [];
  answer = accept;
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const delivery = { method: request.method, headers: request.headers, body };
      deliveries.push(delivery);
      answer(delivery, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  let made = 0;
  const unique = () => String(++made);
  world = new World({
    now: () => NOW,
    newKey: () => `key-${unique()}`,
    newVersion: () => VERSION,
    newETag: unique,
    chooseNode: () => 0,
  });
  grid = new EventGrid(() => NOW);
  const urls = { vaultUrl: () => 'https://localhost:1', storeUrl: () => 'https://localhost:2' };
  connectEventSources({ world, grid, subscriptionId: 'S', places: new Places('S', 'RG'), ...urls });
});
afterEach(() => {
  grid.close();
  server.closeAllConnections();
  server.close();
});

const subscribe = (subscription: Partial<EventSubscription> = {}) =>
  grid.subscribe({ endpoint, schema: 'eventGrid', types: [CREATED], ...subscription });
const bodyOf = (delivery: Delivery | undefined) => JSON.parse(delivery?.body ?? 'null') as unknown;
const DATA = {
  Id: `https://localhost:1/secrets/alpha-key/${VERSION}`,
  VaultName: 'local-vault',
  ObjectType: 'Secret',
  ObjectName: 'alpha-key',
  Version: VERSION,
  NBF: null,
  EXP: null,
};
const VAULT = '/subscriptions/S/resourceGroups/RG/providers/Microsoft.KeyVault/vaults/local-vault';
const anyText = expect.any(String) as string;

it('a new version of a secret comes in the Event Grid schema, as an array', async () => {
  await subscribe();
  world.vault.set('alpha-key', { value: 'v' });
  await until(() => events().length === 1, 2_000);
  expect(events()[0]?.headers).toMatchObject({ 'aeg-event-type': 'Notification', 'content-type': 'application/json' });
  expect(bodyOf(events()[0])).toEqual([
    {
      id: anyText,
      topic: VAULT,
      subject: 'alpha-key',
      eventType: CREATED,
      eventTime: '2030-01-01T00:00:00.000Z',
      data: DATA,
      dataVersion: '1',
      metadataVersion: '1',
    },
  ]);
});

it('a new version of a secret comes in the CloudEvents schema, as one object', async () => {
  await subscribe({ schema: 'cloudEvents' });
  world.vault.set('alpha-key', { value: 'v' });
  await until(() => events().length === 1, 2_000);
  expect(events()[0]?.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
  expect(bodyOf(events()[0])).toEqual({
    id: anyText,
    source: VAULT,
    subject: 'alpha-key',
    type: CREATED,
    time: '2030-01-01T00:00:00.000Z',
    specversion: '1.0',
    data: DATA,
  });
});

it.each([
  ['no code', 'eventGrid', (response: ServerResponse) => response.end('{}')],
  ['a wrong code', 'eventGrid', (response: ServerResponse) => response.end('{"validationResponse":"x"}')],
  ['202', 'eventGrid', (response: ServerResponse) => response.writeHead(202).end()],
  [
    'another origin',
    'cloudEvents',
    (response: ServerResponse) => response.setHeader('WebHook-Allowed-Origin', 'x').end(),
  ],
  ['404', 'cloudEvents', (response: ServerResponse) => response.writeHead(404).end()],
] as const)('an endpoint that answers the handshake with %s gets no events', async (_, schema, refuse) => {
  answer = (_delivery, response) => refuse(response);
  await expect(subscribe({ schema })).rejects.toThrow('did not answer the handshake');
  answer = accept;
  world.vault.set('alpha-key', { value: 'v' });
  await subscribe({ schema });
  expect(events()).toEqual([]);
});

it('what is refused is sent again, the same event, until it is taken', async () => {
  await subscribe();
  answer = (delivery, response) => {
    if (events().length < 3) response.writeHead(500).end();
    else accept(delivery, response);
  };
  world.vault.set('alpha-key', { value: 'v' });
  await until(() => events().length === 3, 5_000);
  expect(events().map(({ headers }) => headers['aeg-delivery-count'])).toEqual(['0', '1', '2']);
  expect(new Set(events().map(({ body }) => body)).size).toBe(1);
});

it('a version that is valid for less than thirty days nears its expiry from birth, one that is valid for longer does not', async () => {
  const type = 'Microsoft.KeyVault.SecretNearExpiry';
  await subscribe({ types: [type] });
  const seconds = NOW / 1000;
  world.vault.set('long', { value: 'v', expires: seconds + 30 * 86_400 });
  world.vault.set('short', { value: 'v', expires: seconds + 30 * 86_400 - 1 });
  await until(() => events().length === 1, 2_000);
  expect(bodyOf(events()[0])).toMatchObject([{ eventType: type, subject: 'short', data: { EXP: 1_896_047_999 } }]);
});

it('of the actions on an account only those that the filter names are sent', async () => {
  const account = { subscriptionId: 'S', resourceGroup: 'RG', name: 'a', kind: 'X', location: 'w', keyShape: 'hex32' };
  const { id } = world.addAccount({ ...account, keyShape: 'hex32' });
  await subscribe({ types: ['Microsoft.Resources.ResourceActionSuccess'], operationNames: [REGENERATE] });
  world.listKeys(id);
  world.regenerateKey(id, 'key1');
  await until(() => events().length === 1, 2_000);
  expect(bodyOf(events()[0])).toMatchObject([
    {
      topic: '/subscriptions/S',
      subject: id,
      data: { operationName: REGENERATE, resourceUri: id, status: 'Succeeded' },
    },
  ]);
});

it('a key-value that is written is told by its address', async () => {
  await subscribe({ types: ['Microsoft.AppConfiguration.KeyValueModified'] });
  world.store.set('alpha:Key', 'blue green', { value: '{}' });
  await until(() => events().length === 1, 2_000);
  expect(bodyOf(events()[0])).toMatchObject([
    {
      subject: 'https://localhost:2/kv/alpha%3AKey?label=blue%20green',
      data: { key: 'alpha:Key', label: 'blue green' },
    },
  ]);
});

it('events can be lost, sent twice and sent out of order', async () => {
  await subscribe();
  const subjects = () => events().map((delivery) => (bodyOf(delivery) as [{ subject: string }])[0].subject);
  Object.assign(grid.knobs, { lose: 3, duplicate: 4, delayMs: 150 });
  for (const name of ['one', 'two', 'three', 'four', 'five']) world.vault.set(name, { value: 'v' });
  await until(() => events().length === 5, 3_000);
  expect(subjects().slice(0, 2).sort()).toEqual(['five', 'one']);
  expect(subjects().slice(2).sort()).toEqual(['four', 'four', 'two']);
});

it('a subscription that has ended gets nothing', async () => {
  const end = await subscribe();
  end();
  await subscribe({ types: ['Microsoft.KeyVault.SecretNearExpiry'] });
  world.vault.set('alpha-key', { value: 'v', expires: NOW / 1000 + 60 });
  await until(() => events().length === 1, 2_000);
  expect(bodyOf(events()[0])).toMatchObject([{ eventType: 'Microsoft.KeyVault.SecretNearExpiry' }]);
});

it('an endpoint that refuses the handshake is named without its key', async () => {
  answer = (_, response) => response.writeHead(401).end();
  const refused = subscribe({ endpoint: `${endpoint}hook?functionName=f&code=the-key-of-the-host` });
  await expect(refused).rejects.toThrow('hook?functionName=f&code=… did not answer the handshake (401).');
});
