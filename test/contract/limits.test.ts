// The limits that the local Azure enforces, and the service under them over the wire: with its governor it is never
// refused and still uses what there is; without, it is. One clock for both, and nobody waits for it.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LocalAzure } from '../../local/azure/local-azure.ts';
import { Query, type WireCall } from '../../local/azure/servers/http.ts';
import { Limits } from '../../local/azure/world/limits.ts';
import { createAccountKeys, createManagement } from '../../src/azure/arm/account-keys.ts';
import { createGovernor, type Governor } from '../../src/azure/arm/governor.ts';
import { localCloud } from '../../src/config/cloud.ts';
import type { RotationError } from '../../src/rotation/errors.ts';
import type { Account, AccountId } from '../../src/rotation/model.ts';
import type { KeysPort } from '../../src/rotation/ports.ts';
import { buildAccount } from '../support/account.ts';
import { type LocalAzureUnderTest, startAzureUnderTest } from './local-azure-clients.ts';
import { UNGOVERNED } from './wire.ts';

const BUSY = 'aaaaaaaa-2222-3333-4444-555555555555';
const CALM = 'bbbbbbbb-2222-3333-4444-555555555555';
const startedAt = Date.now();
let nowMs = startedAt;
vi.spyOn(performance, 'now').mockImplementation(() => nowMs);

let under: LocalAzureUnderTest;
let azure: LocalAzure;
beforeAll(async () => {
  under = await startAzureUnderTest({ accounts: [], now: () => nowMs });
  azure = under.azure;
});
afterAll(() => azure.close());
beforeEach(() => {
  // Every bucket is full again.
  nowMs += 60_000;
  azure.limits.isEnforced = true;
});

function keysUnder(governor: Governor): KeysPort {
  const { resourceManager, authority } = azure.endpoints;
  const cloud = localCloud({ resourceManagerEndpoint: resourceManager, authorityHost: authority });
  return createAccountKeys(createManagement({ credential: under.credential, cloud, governor }));
}

function accountIn(subscriptionId: string, name: string): Account {
  const seed = { kind: 'TextAnalytics', location: 'westeurope', keyShape: 'hex32' } as const;
  const { id } = azure.world.addAccount({ subscriptionId, resourceGroup: 'rg', name, ...seed });
  return buildAccount(name, { id: id.toLowerCase() as AccountId, subscriptionId, resourceGroup: 'rg' });
}

function refusals(): number {
  return azure.requests.filter(({ status }) => status === 429).length;
}

/** Lists and regenerates once per account, those who are refused when they were told to; answers when each was done. */
async function regenerateAll(keys: KeysPort, accounts: readonly Account[]): Promise<ReadonlyMap<Account, number>> {
  const doneAt = new Map<Account, number>();
  const turns = new Map(accounts.map((account) => [account, nowMs]));
  while (turns.size > 0) {
    nowMs = Math.max(nowMs, Math.min(...turns.values()));
    for (const [account, turnAt] of turns) {
      if (turnAt > nowMs) continue;
      try {
        await keys.admit(account, 'list', 'routine');
        await keys.list(account);
        await keys.admit(account, 'regenerate', 'routine');
        await keys.regenerate(account, 'key2');
        turns.delete(account);
        doneAt.set(account, nowMs);
      } catch (error) {
        turns.set(account, nowMs + ((error as RotationError).retryAfterMs ?? 1_000));
      }
    }
  }
  return doneAt;
}

describe('300 regenerates in two subscriptions, of which one is used up', () => {
  const fleetOf = (run: string): readonly Account[] => [
    ...Array.from({ length: 250 }, (_, n) => accountIn(BUSY, `${run}-busy-${n}`)),
    ...Array.from({ length: 50 }, (_, n) => accountIn(CALM, `${run}-calm-${n}`)),
  ];

  test('are never refused under the governor, use what there is, and the other subscription does not wait', async () => {
    const [before, from] = [refusals(), nowMs];
    const doneAt = await regenerateAll(keysUnder(createGovernor(() => nowMs)), fleetOf('governed'));
    const lastOf = (subscriptionId: string): number =>
      Math.max(...[...doneAt].filter(([account]) => account.subscriptionId === subscriptionId).map(([, at]) => at));
    expect(refusals() - before).toBe(0);
    expect(lastOf(CALM) - from).toBe(0);
    // 500 calls: 160 at once, the rest at ten a second take 34 s; 95 % of that speed is 35.8 s.
    expect(lastOf(BUSY) - from).toBeGreaterThanOrEqual(34_000);
    expect(lastOf(BUSY) - from).toBeLessThanOrEqual(35_800);
  }, 60_000);

  test('are refused without it', async () => {
    const before = refusals();
    await regenerateAll(keysUnder(UNGOVERNED), fleetOf('ungoverned'));
    expect(refusals() - before).toBeGreaterThan(0);
  }, 60_000);
});

describe('a subscription that others have used up', () => {
  const useUp = async (account: Account): Promise<void> => {
    const keys = keysUnder(UNGOVERNED);
    for (let n = 0; n < 200; n++) await keys.list(account);
  };

  test('is left alone for as long as ARM asks, and is not asked before', async () => {
    const account = accountIn(BUSY, 'left-alone');
    await useUp(account);
    const keys = keysUnder(createGovernor(() => nowMs));
    await keys.admit(account, 'list', 'compromised');
    await expect(keys.list(account)).rejects.toMatchObject({ code: 'Throttled', status: 429, retryAfterMs: 1_000 });
    const sent = azure.requests.length;
    nowMs += 999;
    await expect(keys.admit(account, 'list', 'compromised')).rejects.toMatchObject({ code: 'Throttled' });
    await expect(keys.list(account)).rejects.toMatchObject({ code: 'Throttled', status: undefined, retryAfterMs: 1 });
    expect(azure.requests).toHaveLength(sent);
    nowMs += 1;
    await keys.admit(account, 'list', 'compromised');
    expect(await keys.list(account)).toHaveProperty('key2');
  });

  test.each([
    ['an error without a count', { kind: 'serverError', status: 503 }],
    ['no answer, the connection cut', { kind: 'refuse' }],
  ] as const)('holds no place of those on their way after %s', async (_, fault) => {
    const account = accountIn(CALM, `over-${fault.kind}`);
    const keys = keysUnder(createGovernor(() => nowMs));
    azure.faults.add({ service: 'arm', fault });
    for (let calls = 0; calls < 16; calls++) {
      await keys.admit(account, 'regenerate', 'routine');
      await expect(keys.regenerate(account, 'key1')).rejects.toMatchObject({ code: 'Unavailable' });
    }
    azure.faults.clear();
  });

  test('is noticed from what ARM says is left: the next routine call is not sent', async () => {
    const account = accountIn(CALM, 'noticed');
    await useUp(account);
    nowMs += 2_000;
    const keys = keysUnder(createGovernor(() => nowMs));
    await keys.admit(account, 'list', 'routine');
    await keys.list(account);
    await expect(keys.admit(account, 'regenerate', 'routine')).rejects.toMatchObject({
      code: 'Throttled',
      service: 'arm',
      status: undefined,
    });
    await keys.admit(account, 'regenerate', 'compromised');
    expect(await keys.regenerate(account, 'key1')).toHaveProperty('key1');
  });
});

describe('a subscription whose ARM asks for half a day', () => {
  test('is left alone by routine passes for an hour, and tried for a leaked key each minute until it is done', async () => {
    const account = accountIn(BUSY, 'half-a-day');
    const keys = keysUnder(createGovernor(() => nowMs));
    azure.faults.add({ service: 'arm', times: 2, fault: { kind: 'throttle', retryAfterSeconds: 43_200 } });
    await keys.admit(account, 'list', 'routine');
    await expect(keys.list(account)).rejects.toMatchObject({ code: 'Throttled', status: 429 });
    const sent = azure.requests.length;
    await expect(keys.admit(account, 'list', 'routine')).rejects.toMatchObject({ retryAfterMs: 3_600_000 });
    await keys.admit(account, 'list', 'compromised');
    await expect(keys.list(account)).rejects.toMatchObject({ status: undefined, retryAfterMs: 60_000 });
    expect(azure.requests).toHaveLength(sent);
    nowMs += 60_000;
    await keys.admit(account, 'list', 'compromised');
    await expect(keys.list(account)).rejects.toMatchObject({ status: 429 });
    await expect(keys.admit(account, 'list', 'compromised')).rejects.toMatchObject({ retryAfterMs: 60_000 });
    nowMs += 60_000;
    await keys.admit(account, 'list', 'compromised');
    expect(await keys.list(account)).toHaveProperty('key2');
    await keys.admit(account, 'regenerate', 'compromised');
    expect(await keys.regenerate(account, 'key1')).toHaveProperty('key1');
    expect(azure.requests).toHaveLength(sent + 3);
    await expect(keys.admit(account, 'list', 'routine')).rejects.toMatchObject({ code: 'Throttled' });
    azure.faults.clear();
  });
});

describe('the limits of the local Azure', () => {
  const call = (method: string, oid = 'me', subscription = BUSY): WireCall => {
    const claims = Buffer.from(JSON.stringify({ oid })).toString('base64url');
    const path = `/subscriptions/${subscription}/providers`;
    const headers = { authorization: `Bearer x.${claims}.x` };
    const segments = path.slice(1).split('/');
    const unread = { query: new Query(''), rawHeaders: [], body: Buffer.of(), address: '', connection: {} };
    return { method, target: path, path, segments, headers, ...unread };
  };
  const taken = (limits: Limits, service: 'arm' | 'keyVault' | 'appConfiguration', made: WireCall): number => {
    let count = 0;
    while (count < 50_000 && limits.take(service, made).isAdmitted) count++;
    return count;
  };

  test('are off unless switched on', () => {
    const limits = new Limits(() => 0, false);
    expect(taken(limits, 'arm', call('POST'))).toBe(50_000);
    limits.isEnforced = true;
    expect(taken(limits, 'arm', call('POST'))).toBe(200);
  });
  test('of ARM are 200 writes and 250 reads, for each subscription and principal, and refill by 10 and 25 a second', () => {
    let now = 0;
    const limits = new Limits(() => now, true);
    expect(limits.take('arm', call('POST'))).toEqual({
      isAdmitted: true,
      headers: { 'x-ms-ratelimit-remaining-subscription-writes': '199' },
    });
    expect(taken(limits, 'arm', call('POST'))).toBe(199);
    expect(limits.take('arm', call('POST'))).toEqual({ isAdmitted: false, retryAfterSeconds: 1 });
    expect(taken(limits, 'arm', call('GET'))).toBe(250);
    expect(taken(limits, 'arm', call('POST', 'you'))).toBe(200);
    expect(taken(limits, 'arm', call('POST', 'me', CALM))).toBe(200);
    now += 2_000;
    expect(taken(limits, 'arm', call('POST'))).toBe(20);
    expect(taken(limits, 'arm', call('GET'))).toBe(50);
  });
  test('of a vault are 4,000 in ten seconds, and it does not say when to come back', () => {
    let now = 0;
    const limits = new Limits(() => now, true);
    expect(taken(limits, 'keyVault', call('GET'))).toBe(4_000);
    expect(limits.take('keyVault', call('GET'))).toEqual({ isAdmitted: false, retryAfterSeconds: undefined });
    now += 10_000;
    expect(taken(limits, 'keyVault', call('GET'))).toBe(4_000);
  });
  test('of a store are 30,000 in an hour, and it says when to come back', () => {
    let now = 0;
    const limits = new Limits(() => now, true);
    expect(taken(limits, 'appConfiguration', call('GET'))).toBe(30_000);
    now += 3_599_500;
    expect(limits.take('appConfiguration', call('GET'))).toEqual({ isAdmitted: false, retryAfterSeconds: 0.5 });
    now += 500;
    expect(taken(limits, 'appConfiguration', call('GET'))).toBe(30_000);
  });
});
