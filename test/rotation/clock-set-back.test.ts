// The clock is set back, or was ahead when something was stored: every wait still ends within its span.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OwnerId, RotationRecord } from '../../src/rotation/model.ts';
import { withinClock } from '../../src/rotation/pass/clock-set-back.ts';
import type { StoredAccount } from '../../src/rotation/ports.ts';
import { ACCOUNT, SIM_POLICY, TICK_MS } from '../sim/sim-account.ts';
import type { Universe } from '../sim/universe.ts';
import { anyRecord } from './arbitrary.ts';
import { NOW } from './given.ts';
import { dueAccount, passOver, renewedAccount } from './given-pass.ts';

const MONTH_MS = 30 * 86_400_000;
const SET_BACK = { behindMs: MONTH_MS };

function storedWith(record: RotationRecord): StoredAccount {
  return {
    etag: undefined,
    record: { state: 'present', record },
    entity: { lease: undefined, record, nextObservationAt: 0, lastPass: undefined, revision: 1 },
    requests: [],
    acknowledgements: [],
    pause: undefined,
  };
}

/** Every instant in a record, by its name: they end in `At`, or are a `since`. */
function instantsIn(value: unknown): readonly number[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'number' && /At$|[sS]ince$/.test(name) && name !== 'provenAt' ? [inner] : instantsIn(inner),
  );
}

describe('a stored record', () => {
  it('has no instant that is further ahead than clocks may be apart', () => {
    fc.assert(
      fc.property(anyRecord, fc.integer({ min: 0, max: 300_000 }), (record, backMs) => {
        const now = NOW - backMs;
        const { record: read, entity } = withinClock(storedWith(record), ACCOUNT, now);
        const bounded = read.state === 'present' ? read.record : undefined;
        expect(entity.record).toBe(bounded);
        const before = instantsIn(record);
        const latest = now + SIM_POLICY.clockSkewMs;
        const shift = Math.max(...before) - now;
        expect(instantsIn(bounded)).toEqual(before.map((instant) => (instant > latest ? instant - shift : instant)));
      }),
    );
  });
  it('is bounded in the parts that have instants of their own, and keeps all else', () => {
    const ahead = NOW + 1_000_000;
    const record = {
      phase: 'retiring',
      rotationId: ahead,
      enteredAt: ahead,
      acceptedAt: ahead,
      sacrifice: { slot: 'key1', attemptAt: ahead },
      former: { since: ahead, place: { secretName: 'a' } },
    } as unknown as RotationRecord;
    expect(withinClock(storedWith(record), ACCOUNT, NOW).entity.record).toEqual({
      phase: 'retiring',
      rotationId: ahead,
      enteredAt: NOW,
      acceptedAt: NOW,
      sacrifice: { slot: 'key1', attemptAt: NOW },
      former: { since: NOW, place: { secretName: 'a' } },
    });
  });
  it('is the same object while nothing in it is ahead', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const stored = storedWith(record);
        expect(withinClock(stored, ACCOUNT, NOW + 300_000)).toBe(stored);
      }),
    );
  });
});

/** One pass each tick: how many until the account has come to this phase. */
async function ticksUntil(universe: Universe, phase: RotationRecord['phase']): Promise<number> {
  for (let ticks = 1; ticks <= 40; ticks++) {
    universe.now += TICK_MS;
    if ((await passOver(universe, SET_BACK)).report.phase === phase) return ticks;
  }
  return Number.POSITIVE_INFINITY;
}

describe('after the clock was set back by a month', () => {
  it('a regenerate is settled after its time, and not at once', async () => {
    const universe = await dueAccount();
    await passOver(universe);
    expect(universe.rows.entity.record?.phase).toBe('preparing');
    const { report } = await passOver(universe, SET_BACK);
    expect(report).toMatchObject({ phase: 'preparing', outcome: { kind: 'waiting' } });
    expect(await ticksUntil(universe, 'propagating')).toBeLessThanOrEqual(4);
  });
  it('an overlap lasts its span from then on', async () => {
    const universe = await renewedAccount();
    await passOver(universe);
    expect(universe.rows.entity.record?.phase).toBe('propagating');
    await passOver(universe, SET_BACK);
    universe.now += SIM_POLICY.overlapMaximumMs - 1;
    expect((await passOver(universe, SET_BACK)).report.phase).toBe('propagating');
    expect(await ticksUntil(universe, 'idle')).toBeLessThanOrEqual(5);
  });
  it('the next rotation comes after the interval', async () => {
    const universe = await dueAccount();
    await passOver(universe, SET_BACK);
    expect(await ticksUntil(universe, 'preparing')).toBe(SIM_POLICY.rotationIntervalMs / TICK_MS);
  });
  it('a lease that nobody frees ends after its length, and not at once', async () => {
    const universe = await dueAccount();
    const lease = { owner: 'crashed' as OwnerId, expiresAt: universe.now + SIM_POLICY.leaseMs };
    universe.rows.entity = { ...universe.rows.entity, lease };
    const until = universe.now - MONTH_MS + SIM_POLICY.leaseMs;
    expect((await passOver(universe, SET_BACK)).report.outcome).toEqual({ kind: 'leaseHeld', until });
    expect(universe.rows.entity).toMatchObject({ lease: { owner: 'crashed', expiresAt: until } });
    universe.now += SIM_POLICY.leaseMs + SIM_POLICY.clockSkewMs - 1;
    expect((await passOver(universe, SET_BACK)).report.outcome).toMatchObject({ kind: 'leaseHeld' });
    universe.now += 1;
    expect((await passOver(universe, SET_BACK)).report.outcome.kind).toBe('waiting');
  });
  it('the owner of a lease that was cut short loses it, and sends nothing more', async () => {
    const universe = await dueAccount();
    let hasCut = false;
    const { report, calls } = await passOver(universe, {
      onCall: (operation) => {
        if (operation !== 'write' || hasCut) return;
        // Another pass has written since this one has read.
        hasCut = true;
        universe.rows.etag = '"cut"' as typeof universe.rows.etag;
      },
    });
    expect(calls).not.toContain('regenerate');
    expect(report.outcome).toMatchObject({ kind: 'failed', error: { code: 'LostRace' } });
  });
});

it('a lease that another clock has written, as far ahead as clocks may be apart, is left as it is', async () => {
  const universe = await dueAccount();
  const expiresAt = universe.now + SIM_POLICY.leaseMs + SIM_POLICY.clockSkewMs;
  const lease = { owner: 'other' as OwnerId, expiresAt };
  universe.rows.entity = { ...universe.rows.entity, lease };
  const { report, calls } = await passOver(universe);
  expect([report.outcome, calls]).toEqual([{ kind: 'leaseHeld', until: expiresAt }, ['read']]);
});

it('no look is stored further ahead than a day, however rarely the policy looks', async () => {
  const universe = await dueAccount();
  universe.now -= SIM_POLICY.rotationIntervalMs;
  const policy = { rotationIntervalMs: MONTH_MS, observeEveryMs: MONTH_MS };
  const { report } = await passOver(universe, { policy });
  expect(report.outcome).toMatchObject({ wait: { reason: 'NotDue', until: universe.now + MONTH_MS } });
  expect(universe.rows.entity.nextObservationAt).toBe(universe.now + 86_400_000);
});
