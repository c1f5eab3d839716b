// Notifications over the wire: the record's transaction, the outbox in a real table, and a receiver that verifies each
// signature and fails in every way that one can.
import { randomUUID } from 'node:crypto';
import { TableClient } from '@azure/data-tables';
import { InvocationContext } from '@azure/functions';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTable } from '../../src/azure/table/client.ts';
import { createTableNotifications } from '../../src/azure/table/notifications.ts';
import { createTableRecords } from '../../src/azure/table/records.ts';
import { createWebhook } from '../../src/azure/webhook.ts';
import { type App, composeApp } from '../../src/compose.ts';
import { cloudEvent } from '../../src/notify/cloud-event.ts';
import { healthOf } from '../../src/operators/status/health.ts';
import type { Account } from '../../src/rotation/model.ts';
import type { HistoryEntry } from '../../src/rotation/ports.ts';
import { SecretValue } from '../../src/rotation/secret.ts';
import { runDelivery } from '../../src/triggers/delivery.ts';
import { createMemoryOutbox } from '../support/memory-outbox.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { describeOutboxContract } from './suites/outbox.ts';
import { change, entity, line } from './suites/stored.ts';
import { startWire, type Wire } from './wire.ts';

const SECRET = 'correct-horse-battery-staple-0123456789';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let wire: Wire;
let receiver: Receiver;
let app: App;
/** What the function is called with. */
let serving: App;
let now: number;
let said: string[];
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.close());

const client = () =>
  TableClient.fromConnectionString(wire.azure.endpoints.storageConnectionString ?? '', 'KeyRotation', {
    allowInsecureConnection: true,
  });
const table = () =>
  createTable({ connectionString: new SecretValue(wire.azure.endpoints.storageConnectionString ?? '') }, 'KeyRotation');

describeOutboxContract('in memory', async () => {
  const outbox = createMemoryOutbox();
  return {
    outbox,
    put: async (entries) => {
      const queue = randomUUID();
      const account = wire.newAccount();
      entries.forEach((entry, index) => {
        const noted = { accountId: account.id, entry };
        outbox.put({ key: `o|${queue}|${index}`, queue, line: noted, attempts: 0, nextAttemptAt: 0 });
      });
      return queue;
    },
  };
});

describeOutboxContract('over the wire', async () => {
  const outbox = createTableNotifications({ table: table() });
  return {
    outbox,
    put: async (history) => {
      const account = wire.newAccount();
      await wire.ports.records.write(account, undefined, change({ history }));
      const row = (await outbox.list(1_000, undefined)).find((pending) => pending.line?.accountId === account.id);
      return row?.queue ?? 'none';
    },
  };
});

describe('a run of the function', () => {
  beforeEach(async () => {
    receiver = await startReceiver(SECRET);
    // Whatever the tests before have left is not of interest here.
    const outbox = createTableNotifications({ table: table() });
    for (const pending of await outbox.list(1_000, undefined)) await outbox.remove(pending);
    now = Date.now();
    said = [];
    const composed = composeApp({
      ...wire.azure.environment(),
      WEBSITE_SITE_NAME: 'func-test',
      NOTIFICATION_URL: receiver.url,
      NOTIFICATION_SECRET: SECRET,
    });
    app = { ...composed, clock: { now: () => now } };
    serving = app;
  });
  afterEach(async () => {
    await receiver.close();
  });

  const runOnce = () =>
    runDelivery(
      serving,
      new InvocationContext({
        functionName: 'deliver-notifications',
        logHandler: (_level, ...args) => said.push(args.join(' ')),
      }),
    );
  const tell = async (history: readonly HistoryEntry[]): Promise<Account> => {
    const account = wire.newAccount();
    await wire.ports.records.write(account, undefined, change({ entity: entity(), history }));
    return account;
  };
  const typesOf = () => receiver.received.map(({ event }) => event.type.replace('AiServicesKeyRotation.', ''));
  const configure = (alias: string, account: Account) =>
    wire.azure.world.store.set(`KeyRotation:Accounts:${alias}`, null, {
      value: JSON.stringify({ resourceId: account.id }),
      contentType: 'application/json',
    });

  it('delivers what the transaction told, signed, in order, as documented events', async () => {
    const account = await tell([
      line(now, 'RotationStarted', { reason: 'RotationDue' }),
      line(now + 1, 'Published', { slot: 'key2' }),
      line(now + 2, 'RotationCompleted', { reason: 'DeathProven', slot: 'key1' }),
    ]);
    configure('shop-language', account);
    await runOnce();
    expect(typesOf()).toEqual(['RotationStarted', 'RotationCompleted']);
    for (const { event, headers, isSigned } of receiver.received) {
      expect(isSigned).toBe(true);
      expect(cloudEvent.strict().parse(event)).toEqual(event);
      expect(headers).toMatchObject({
        'content-type': 'application/cloudevents+json; charset=utf-8',
        'webhook-id': event.id,
      });
      expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(120);
      expect(event).toMatchObject({ source: 'urn:ai-services-key-rotation:app:func-test', subject: account.id });
      expect(event.data).toMatchObject({ account: 'shop-language', resourceId: account.id, rotationId: 3 });
    }
    await runOnce();
    expect(receiver.received).toHaveLength(2);
    expect(said.filter((text) => text.includes('"delivery"'))).toEqual([
      '{"event":"delivery","delivered":2,"postponed":0,"dead":0,"failed":0}',
    ]);
  });

  it.each([
    ['answers 500', { status: 500 }, 'The receiver answered 500.'],
    ['answers 400', { status: 400 }, 'The receiver answered 400.'],
    ['sends it elsewhere', { status: 307, headers: { Location: 'http://127.0.0.1:1/' } }, 'The receiver answered 307.'],
    ['cuts the connection', 'cut', 'No answer (UND_ERR_SOCKET).'],
  ] as const)('tries again when the receiver %s, with the same id, and later ones wait', async (_, answer, detail) => {
    await tell([line(now, 'Blocked', { reason: 'KeysIdentical' }), line(now + 1, 'Unblocked')]);
    receiver.answers.push(answer);
    // Signed by the same virtual clock: an attempt carries its own time.
    const webhook = { url: new SecretValue(receiver.url), secret: new SecretValue(SECRET), clock: app.clock };
    serving = { ...app, receiver: createWebhook(webhook) };
    await runOnce();
    expect(typesOf()).toEqual(['Blocked']);
    const postponed = said.find((text) => text.includes('notificationPostponed')) ?? '';
    expect(JSON.parse(postponed)).toMatchObject({ kind: 'Blocked', detail, attempts: 1 });
    now += 59_000;
    await runOnce();
    expect(typesOf()).toEqual(['Blocked']);
    now += 1_000;
    await runOnce();
    expect(typesOf()).toEqual(['Blocked', 'Blocked', 'Unblocked']);
    const [first, second] = receiver.received;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['webhook-signature']).not.toBe(first?.headers['webhook-signature']);
    expect(receiver.received.every(({ isSigned }) => isSigned)).toBe(true);
  });

  it('waits as long as the receiver asks', async () => {
    await tell([line(now, 'Repaired')]);
    receiver.answers.push({ status: 429, headers: { 'Retry-After': '600' } });
    await runOnce();
    now += 599_000;
    await runOnce();
    expect(receiver.received).toHaveLength(1);
    now += 1_000;
    await runOnce();
    expect(receiver.received).toHaveLength(2);
  });

  it('does not wait for ever for an answer', async () => {
    receiver.answers.push('silent');
    const { url } = receiver;
    const webhook = createWebhook({
      url: new SecretValue(url),
      secret: new SecretValue(SECRET),
      clock: app.clock,
      deadlineMs: 50,
    });
    const event = { id: 'x' } as Parameters<typeof webhook.send>[0];
    expect(await webhook.send(event)).toEqual({ kind: 'unavailable', detail: 'No answer (TimeoutError).' });
  });

  it('gives up after a day: the dead are kept, shown in the health, and said', async () => {
    const dead = (await healthOf(app)).deadNotifications;
    const account = await tell([line(now, 'Blocked', { reason: 'KeysIdentical' }), line(now + 1, 'Unblocked')]);
    for (let attempt = 1; attempt <= 5; attempt++, now += 3_600_000) {
      receiver.answers.push({ status: 410 });
      await runOnce();
    }
    receiver.answers.push({ status: 410 });
    now += DAY;
    await runOnce();
    expect(typesOf()).toEqual(['Blocked', 'Blocked', 'Blocked', 'Blocked', 'Blocked', 'Blocked', 'Unblocked']);
    expect((await healthOf(app)).deadNotifications).toBe(dead + 1);
    const rows: Record<string, unknown>[] = [];
    const filter = `RowKey ge 'x|' and RowKey lt 'x}' and accountId eq '${account.id}'`;
    for await (const row of client().listEntities({ queryOptions: { filter } })) rows.push({ ...row });
    expect(rows).toMatchObject([
      { kind: 'Blocked', reason: 'KeysIdentical', failure: 'The receiver answered 410.', accountId: account.id },
    ]);
    expect(
      said.filter((text) => text.includes('notificationDead')).map((text) => JSON.parse(text) as unknown),
    ).toMatchObject([{ resourceId: account.id, kind: 'Blocked', detail: 'The receiver answered 410.', attempts: 6 }]);
  });

  it('buries a damaged row, and delivers the next', async () => {
    const account = await tell([line(now, 'Blocked'), line(now + 1, 'Unblocked')]);
    const filter = `RowKey ge 'o|' and RowKey lt 'o}' and accountId eq '${account.id}' and kind eq 'Blocked'`;
    for await (const { partitionKey = '', rowKey = '' } of client().listEntities({ queryOptions: { filter } })) {
      await client().updateEntity({ partitionKey, rowKey, rotationId: 'three' }, 'Merge');
    }
    await runOnce();
    expect(typesOf()).toEqual(['Unblocked']);
  });

  it('costs one query when nothing waits', async () => {
    now = Math.floor(now / HOUR) * HOUR + 30 * 60_000;
    const operations: string[] = [];
    const stop = wire.azure.onRequest(({ service, operation }) => {
      if (service !== 'token') operations.push(operation);
    });
    await runOnce();
    stop();
    expect(operations).toEqual(['queryEntities']);
    expect(said).toEqual([]);
  });

  it('delivers without aliases when the configuration cannot be read', async () => {
    await tell([line(now, 'Blocked')]);
    serving = { ...app, fleet: () => Promise.reject(new Error('no configuration')) };
    await runOnce();
    expect(receiver.received.map(({ event }) => event.data['account'])).toEqual([undefined]);
  });

  it('shows neither address nor secret, whatever goes wrong', async () => {
    await tell([line(now, 'Blocked'), line(now + 1, 'Unblocked')]);
    await receiver.close();
    await runOnce();
    expect(said.join('\n')).toContain('No answer (ECONNREFUSED).');
    expect(said.join('\n')).not.toMatch(/not-to-be-shown|neither|correct-horse/);
    expect(JSON.stringify(app.settings)).not.toMatch(/not-to-be-shown|neither|correct-horse/);
    receiver = await startReceiver(SECRET);
  });
});

describe('without a receiver', () => {
  const rowsOf = async (account: Account) => {
    const rows: unknown[] = [];
    const filter = `RowKey ge 'o|' and RowKey lt 'o}' and accountId eq '${account.id}'`;
    for await (const row of client().listEntities({ queryOptions: { filter } })) rows.push(row);
    return rows;
  };

  it('stores nothing for nobody, but the history all the same', async () => {
    const records = createTableRecords({ table: table(), isNotifying: false });
    const account = wire.newAccount();
    await records.write(account, undefined, change({ history: [line(1_000, 'Blocked')] }));
    expect(await rowsOf(account)).toEqual([]);
    expect((await records.listHistory(account, 5)).entries).toEqual([line(1_000, 'Blocked')]);
  });

  it('asks the table nothing and says nothing', async () => {
    serving = composeApp(wire.azure.environment());
    let requests = 0;
    const stop = wire.azure.onRequest(() => requests++);
    await runDelivery(serving, new InvocationContext({ functionName: 'deliver-notifications' }));
    stop();
    expect(requests).toBe(0);
  });

  it('fails when the platform could not resolve a reference, while notifications wait', async () => {
    const unresolved = composeApp({
      ...wire.azure.environment(),
      NOTIFICATION_URL: 'https://example.org/hook',
      NOTIFICATION_SECRET: '@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/s)',
    });
    serving = unresolved;
    await expect(runDelivery(serving, new InvocationContext({}))).rejects.toThrow('NOTIFICATION_SECRET');
    const account = wire.newAccount();
    await unresolved.ports.records.write(account, undefined, change({ history: [line(1_000, 'Blocked')] }));
    expect(await rowsOf(account)).toHaveLength(1);
  });
});
