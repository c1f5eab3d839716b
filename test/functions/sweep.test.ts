// The sweep over all accounts: when a round begins, how far one tick gets, and that nothing it meets stops a tick.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Fleet } from '../../src/config/fleet.ts';
import type { OldRows, Sweep } from '../../src/fleet/ports.ts';
import { sweep } from '../../src/fleet/sweep.ts';
import { RotationError } from '../../src/rotation/errors.ts';
import type { Account, AccountId } from '../../src/rotation/model.ts';
import type { StatusRow } from '../../src/rotation/ports.ts';
import { buildAccount, buildPolicy } from '../support/account.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2030, 5, 1);
const NO_ANSWER = { code: 'Unavailable', service: 'table', operation: 'query', message: 'No answer.' } as const;

let rows: StatusRow[];
let accounts: Account[];
let looked: [AccountId, OldRows][];
let removed: [AccountId, number][];
let calls: string[];
let said: Record<string, unknown>[];
let failing: (call: string) => boolean;

beforeEach(() => {
  [rows, accounts, looked, removed, calls, said] = [[], [], [], [], [], []];
  failing = () => false;
});

const called = <T>(call: string, answer: T): Promise<T> => {
  calls.push(call);
  return failing(call) ? Promise.reject(new RotationError(NO_ANSWER)) : Promise.resolve(answer);
};

function run(former: Sweep | undefined, now = NOW): Promise<Sweep> {
  const records = {
    listStatus: () => called('listStatus', rows),
    forgetOld: (id: AccountId, old: OldRows) => {
      looked.push([id, old]);
      return called(`forgetOld ${id.slice(-3)}`, 1);
    },
    forgetAccount: (id: AccountId, before: number) => {
      removed.push([id, before]);
      return called(`forgetAccount ${id.slice(-3)}`, 5);
    },
  };
  const parts = {
    ports: { records },
    campaigns: { forget: (before: number) => called(`campaigns ${before}`, 0) },
    checks: { forgetSearches: (before: number) => called(`searches ${before}`, 0) },
    clock: { now: () => now },
  };
  const fleet = { accounts } as unknown as Fleet;
  return sweep(parts as never, fleet, former, (level, event, fields) => said.push({ level, event, ...fields }));
}

function row(name: string, changes: Partial<NonNullable<StatusRow['lastPass']>> = {}): StatusRow {
  const lastPass = { at: NOW, reason: 'NotDue', isBlocked: false, since: NOW - 500 * DAY, failures: 0, ...changes };
  return { accountId: buildAccount(name).id, record: { state: 'absent' }, nextObservationAt: NOW, lastPass };
}

describe('a round', () => {
  it('does not begin with the first tick, which has nothing old', async () => {
    expect(await run(undefined)).toEqual({ begunAt: NOW });
    expect(calls).toEqual([]);
  });
  it('begins a week after the one before, and not earlier', async () => {
    const former = { begunAt: NOW - 7 * DAY + 1 };
    expect(await run(former)).toBe(former);
    expect(calls).toEqual([]);
    expect(await run({ begunAt: NOW - 7 * DAY })).toEqual({ begunAt: NOW });
    expect(calls).toEqual(['listStatus', `campaigns ${NOW - 365 * DAY}`, `searches ${NOW - DAY}`]);
  });
  it('is not held up by a clock that was ahead', async () => {
    expect(await run({ begunAt: NOW + 90 * DAY })).toEqual({ begunAt: NOW });
  });
  it('looks at a hundred accounts in a tick, and each account once', async () => {
    rows = Array.from({ length: 250 }, (_, index) => row(`a-${String(index).padStart(3, '0')}`)).toReversed();
    let note: Sweep = { begunAt: NOW - 7 * DAY };
    const seen: number[] = [];
    for (let tick = 0; tick < 4; tick++) {
      note = await run(note, NOW + tick);
      seen.push(looked.length);
    }
    expect(seen).toEqual([100, 200, 250, 250]);
    expect(new Set(looked.map(([id]) => id)).size).toBe(250);
    expect(note).toEqual({ begunAt: NOW });
    expect(calls.filter((call) => call.startsWith('campaigns'))).toHaveLength(1);
  });
});

describe('an account', () => {
  it('loses what is old, and acknowledgements of consumers that its policy does not name', async () => {
    accounts = [buildAccount('a-1', { policy: buildPolicy({ consumers: ['web'] }) })];
    rows = [row('a-1')];
    await run({ begunAt: 0 });
    const before = NOW - 400 * DAY;
    const acknowledgements = { before, except: ['web'] };
    expect(looked).toEqual([[rows[0]?.accountId, { historyBefore: before, requestsBefore: before, acknowledgements }]]);
    expect(said).toEqual([{ level: 'info', event: 'rowsForgotten', count: 1 }]);
  });
  it('whose policy is not valid keeps every acknowledgement: nobody knows its consumers', async () => {
    accounts = [buildAccount('a-1', { policy: buildPolicy({ isInvalid: true }) })];
    rows = [row('a-1')];
    await run({ begunAt: 0 });
    expect(looked[0]?.[1]).not.toHaveProperty('acknowledgements');
  });
  it('that left 400 days ago goes; one that left later stays, and so does one that is in the fleet', async () => {
    const left = { reason: 'NotConfigured' };
    accounts = [buildAccount('a-3')];
    rows = [
      row('a-1', { ...left, since: NOW - 400 * DAY - 1 }),
      row('a-2', { ...left, since: NOW - 400 * DAY }),
      row('a-3', { ...left, since: NOW - 500 * DAY }),
      row('a-4', { reason: 'NotFound' }),
    ];
    await run({ begunAt: 0 });
    expect(removed).toEqual([[rows[0]?.accountId, NOW - 400 * DAY]]);
    expect(looked.map(([id]) => id.slice(-3))).toEqual(['a-2', 'a-3', 'a-4']);
  });
});

describe('a table that does not answer', () => {
  it('for one account ends the round for no other', async () => {
    rows = [row('a-1'), row('a-2'), row('a-3')];
    failing = (call) => call === 'forgetOld a-2';
    expect(await run({ begunAt: 0 })).toEqual({ begunAt: NOW });
    expect(looked).toHaveLength(3);
    expect(said).toEqual([
      expect.objectContaining({ level: 'warn', event: 'rowsNotForgotten', code: 'Unavailable' }),
      { level: 'info', event: 'rowsForgotten', count: 2 },
    ]);
  });
  it('for the list of accounts leaves the round to the next tick', async () => {
    failing = () => true;
    const former = { begunAt: NOW - 8 * DAY };
    expect(await run(former)).toBe(former);
    expect(calls).toEqual(['listStatus']);
  });
});
