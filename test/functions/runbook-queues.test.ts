// What the runbook says to do about what was given up: messages in the poison queue, notifications that nobody took.
// What its commands name (queue, table, filter, columns) is taken from its text.
import { readFileSync } from 'node:fs';
import { TableClient } from '@azure/data-tables';
import { InvocationContext } from '@azure/functions';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runDelivery } from '../../src/triggers/delivery.ts';
import { runQueuedPass } from '../../src/triggers/queue.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { DAY, HOUR, type HttpStage, startHttpStage } from './http/stage.ts';

const RUNBOOK = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const SECRET = 'correct-horse-battery-staple-0123456789';

let receiver: Receiver;
let stage: HttpStage;
beforeEach(async () => {
  receiver = await startReceiver(SECRET);
  stage = await startHttpStage({ NOTIFICATION_URL: receiver.url, NOTIFICATION_SECRET: SECRET });
});
afterEach(async () => {
  await stage.close();
  await receiver.close();
});

const connection = (): string => stage.azure.endpoints.storageConnectionString ?? '';
const invocation = (functionName: string, triggerMetadata: Record<string, string> = {}) =>
  new InvocationContext({
    functionName,
    triggerMetadata,
    logHandler: (_level, ...args) => void stage.said.push(args.map(String).join(' ')),
  });

describe('messages in the poison queue', () => {
  it('say why they were given up; the tick does their work, and clearing the queue loses nothing', async () => {
    const account = stage.addAccount('shop');
    const message = { accountIds: [account.id.toLowerCase()] };
    stage.azure.faults.add({ service: 'appConfiguration', fault: { kind: 'serverError', status: 503 } });
    const context = invocation('reconcile-account', { dequeueCount: '5' });
    await expect(runQueuedPass(stage.serving, message, context)).rejects.toThrow();
    const line = stage.said.find((text) => text.includes('"event":"messageGivenUp"')) ?? '';
    expect(JSON.parse(line)).toMatchObject({ accountIds: account.id.toLowerCase(), code: 'Unavailable' });
    const [name = ''] = /(?<=az storage message peek --queue-name )\S+/.exec(RUNBOOK) ?? [];
    const queue = QueueServiceClient.fromConnectionString(connection()).getQueueClient(name);
    await queue.createIfNotExists();
    await queue.sendMessage(JSON.stringify(message));
    expect((await queue.peekMessages({ numberOfMessages: 32 })).peekedMessageItems).toHaveLength(1);

    stage.azure.faults.clear();
    await queue.clearMessages();
    await stage.tick();

    expect((await queue.peekMessages({ numberOfMessages: 32 })).peekedMessageItems).toEqual([]);
    expect((await stage.get('accounts/shop')).body).toMatchObject({ phase: 'idle', isBlocked: false });
  });
});

describe('notifications that were given up', () => {
  it('are listed with account and failure, and removed; those that wait are delivered', async () => {
    const account = stage.addAccount('shop');
    await stage.adopt();
    await stage.post('accounts/shop/rotate', { reason: 'now' });
    await stage.activate();
    receiver.answers.push(...Array.from({ length: 200 }, () => ({ status: 401 })));
    for (let hours = 0; hours < 26; hours += 1) {
      await runDelivery(stage.serving, invocation('deliver-notifications'));
      stage.advance(HOUR);
    }
    await stage.post('accounts/shop/rollback', { reason: 'so that something waits' });
    const { deadNotifications } = (await stage.get('health')).body;
    expect(deadNotifications).toBeGreaterThan(0);
    const table = TableClient.fromConnectionString(connection(), 'KeyRotation', { allowInsecureConnection: true });
    const [, filter = ''] = /--filter "(PartitionKey eq 'rotation' and RowKey ge 'x\|'[^"]*)"/.exec(RUNBOOK) ?? [];
    const dead: { rowKey?: string; accountId?: string; failure?: string }[] = [];
    for await (const row of table.listEntities<{ accountId: string; failure: string }>({ queryOptions: { filter } })) {
      dead.push(row);
    }
    expect(dead).toHaveLength(Number(deadNotifications));
    expect(new Set(dead.map(({ accountId }) => accountId))).toEqual(new Set([account.id.toLowerCase()]));
    expect(dead.every(({ failure }) => failure?.includes('401'))).toBe(true);

    for (const { rowKey = '' } of dead) await table.deleteEntity('rotation', rowKey);
    receiver.answers.length = 0;
    receiver.received.length = 0;
    stage.advance(DAY / 4);
    await runDelivery(stage.serving, invocation('deliver-notifications'));

    expect((await stage.get('health')).body['deadNotifications']).toBe(0);
    expect(receiver.received.map(({ event }) => event.type)).toContain('AiServicesKeyRotation.RolledBack');
  });
});
