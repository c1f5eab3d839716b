// The dead of notifications are kept for a month, and looked for in one run of each hour.
import { InvocationContext } from '@azure/functions';
import { beforeEach, expect, it } from 'vitest';
import { type App, composeApp } from '../../src/compose.ts';
import type { Pending } from '../../src/notify/ports.ts';
import type { AccountId, RotationId } from '../../src/rotation/model.ts';
import { runDelivery } from '../../src/triggers/delivery.ts';
import { createMemoryOutbox, type MemoryOutbox } from '../support/memory-outbox.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const AT = Date.UTC(2030, 5, 1, 12, 30);
const HOUR_AFTER_A_MONTH = Date.UTC(2030, 6, 1, 13);

let outbox: MemoryOutbox;
let now: number;
const said: string[] = [];

let app: App;

beforeEach(async () => {
  outbox = createMemoryOutbox();
  said.length = 0;
  const entry = { kind: 'Blocked', at: AT, rotationId: 1 as RotationId } as const;
  const line = { accountId: '/accounts/a' as AccountId, entry };
  const pending: Pending = { key: 'o|a|1', queue: 'a', line, attempts: 6, nextAttemptAt: 0 };
  outbox.put(pending);
  await outbox.bury(pending, 'The receiver answered 410.');
  const composed = composeApp({
    KEY_VAULT_URL: 'https://contoso.vault.azure.net',
    APP_CONFIGURATION_ENDPOINT: 'https://contoso.azconfig.io',
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    NOTIFICATION_URL: 'https://hooks.example.org/',
    NOTIFICATION_SECRET: '0123456789abcdefghijklmnopqrstuv',
  });
  app = { ...composed, outbox, clock: { now: () => now } };
});

const run = () =>
  runDelivery(
    app,
    new InvocationContext({
      functionName: 'deliver-notifications',
      logHandler: (_level, ...args) => said.push(args.map(String).join(' ')),
    }),
  );

it.each([
  ['less than a month after it happened', AT + 30 * DAY - MINUTE, 1],
  ['before the hour is full', HOUR_AFTER_A_MONTH - MINUTE, 1],
  ['in the first minute of an hour', HOUR_AFTER_A_MONTH, 0],
  ['a minute later', HOUR_AFTER_A_MONTH + MINUTE, 1],
])('%s', async (_, instant, left) => {
  now = instant;
  await run();
  expect(outbox.dead.size).toBe(left);
  expect(said).toEqual(left === 1 ? [] : ['{"event":"notificationsForgotten","count":1}']);
});

it('an outbox that does not answer is told, and the run succeeds', async () => {
  now = HOUR_AFTER_A_MONTH;
  outbox.forgetDead = () => Promise.reject(new Error('no answer'));
  await run();
  expect(said.join()).toContain('"event":"notificationFailed"');
  expect(outbox.dead.size).toBe(1);
});
