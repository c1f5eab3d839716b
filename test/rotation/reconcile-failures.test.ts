// What a pass does when a call fails: what it still writes, what it tells, and when it looks again.
import { describe, expect, it } from 'vitest';
import { ACCOUNT, SIM_POLICY } from '../sim/sim-account.ts';
import { Universe } from '../sim/universe.ts';
import { dueAccount, FIRST_BACK_OFF_MS, passOver, renewedAccount } from './given-pass.ts';

describe('a read that fails', () => {
  it('of the record ends the pass before anything else is read', async () => {
    const universe = await dueAccount();
    const { report, calls } = await passOver(universe, { fail: 'table.read' });
    expect(calls).toEqual(['read']);
    expect(report).toMatchObject({
      outcome: { kind: 'failed', error: { code: 'Unavailable' }, retryAt: universe.now + SIM_POLICY.backOffMinimumMs },
      steps: 0,
      phase: undefined,
    });
  });
  it.each(['keyVault.readNewest', 'arm.list'] as const)('of %s ends the pass, noted, without a lease', async (fail) => {
    const universe = await dueAccount();
    const { report, calls } = await passOver(universe, { fail, code: 'Forbidden' });
    const { entity } = universe.rows;
    expect(calls.at(-1)).toBe('write');
    expect(report.outcome).toMatchObject({ kind: 'failed', error: { code: 'Forbidden' } });
    expect(entity.lease).toBeUndefined();
    expect(entity.lastPass).toMatchObject({ reason: 'Forbidden', isBlocked: false, failures: 1, since: universe.now });
  });
  it('of App Configuration is an observation with its cause, not a failure', async () => {
    const universe = await dueAccount();
    const { report } = await passOver(universe, { fail: 'appConfiguration.read' });
    const told = { reason: 'AnnouncementUnknown', detail: 'No answer.' };
    expect(report.outcome).toMatchObject({ kind: 'waiting', wait: told });
    expect(universe.rows.entity.lastPass).toMatchObject(told);
    await passOver(universe);
    expect(universe.rows.entity.lastPass).not.toHaveProperty('detail');
  });
});

describe('failures in a row', () => {
  it('are counted, and the delay doubles up to its bound', async () => {
    const universe = await dueAccount();
    const delays: number[] = [];
    for (let pass = 0; pass < 3; pass++) {
      await passOver(universe, { fail: 'arm.list' });
      delays.push(universe.rows.entity.nextObservationAt - universe.now);
    }
    expect(delays).toEqual([12_273, 24_546, 24_546]);
    expect(universe.rows.entity.lastPass).toMatchObject({ failures: 3 });
  });
  it('are forgotten when a pass ends well', async () => {
    const universe = await dueAccount();
    await passOver(universe, { fail: 'arm.list' });
    await passOver(universe);
    expect(universe.rows.entity.lastPass).toMatchObject({ reason: 'ActivationTimeNotOver', failures: 0 });
  });
  it('wait as long as the service asked for, within the bound', async () => {
    const universe = await dueAccount();
    await passOver(universe, { fail: 'arm.list', code: 'Throttled', retryAfterMs: 13_000 });
    expect(universe.rows.entity.nextObservationAt).toBe(universe.now + 15_955);
  });
});

describe('an effect that fails', () => {
  it('is not tried again in the same pass', async () => {
    const { calls } = await passOver(await dueAccount(), { fail: 'arm.regenerate' });
    expect(calls.filter((operation) => operation === 'regenerate')).toHaveLength(1);
    expect(calls.slice(calls.indexOf('regenerate') + 1)).not.toContain('probe');
  });
  it('leaves its intent and the lease behind: the call may still arrive', async () => {
    const universe = await dueAccount();
    await passOver(universe, { fail: 'arm.regenerate' });
    const { lease, record } = universe.rows.entity;
    expect(record).toMatchObject({ phase: 'preparing', attemptAt: universe.now, attempts: 1 });
    expect(lease).toEqual({ owner: 'me', expiresAt: universe.now + SIM_POLICY.leaseMs });
  });
  it('of the store is not followed by another write', async () => {
    const { calls, report } = await passOver(await dueAccount(), { fail: 'table.write' });
    expect(calls.filter((operation) => operation === 'write')).toHaveLength(1);
    expect(calls).not.toContain('regenerate');
    expect(report.outcome).toMatchObject({ kind: 'failed', error: { service: 'table' } });
  });
  it('is noted when a regenerate fails right after its intent was written', async () => {
    const universe = await dueAccount();
    const { report } = await passOver(universe, { fail: 'arm.regenerate', code: 'Forbidden' });
    expect(report.outcome).toMatchObject({ kind: 'failed', error: { code: 'Forbidden' } });
    expect(universe.rows.entity.lastPass).toMatchObject({ reason: 'Forbidden', failures: 1 });
    expect(universe.rows.entity.nextObservationAt).toBe(universe.now + FIRST_BACK_OFF_MS);
  });
  it('is noted when it is the first of its pass', async () => {
    const universe = new Universe();
    await passOver(universe, { fail: 'keyVault.publish', code: 'Forbidden' });
    expect(universe.rows.entity.lastPass).toMatchObject({ reason: 'Forbidden', failures: 1 });
    expect(universe.rows.entity.nextObservationAt).toBe(universe.now + FIRST_BACK_OFF_MS);
  });
});

// A failed pass is noted in the place where the block is remembered: the line that ends the block is never told, and the
// time since when it is blocked begins anew.
it('does not take a failure in between for the end of a block', async () => {
  const universe = await dueAccount();
  const { knobs } = universe.azureAccount;
  knobs.isDeniedByFirewall = true;
  await passOver(universe);
  universe.now += SIM_POLICY.backOffMinimumMs;
  await passOver(universe, { fail: 'arm.list' });
  knobs.isDeniedByFirewall = false;
  universe.now += SIM_POLICY.backOffMinimumMs;
  await passOver(universe);
  expect(universe.rows.history.map(({ kind }) => kind)).toEqual(['Adopted', 'Blocked', 'RotationStarted', 'Unblocked']);
});

describe('a note that cannot be written', () => {
  it('does not change how the pass ended', async () => {
    const universe = await dueAccount();
    universe.now -= SIM_POLICY.rotationIntervalMs;
    const { report } = await passOver(universe, { fail: 'table.write' });
    expect(report.outcome).toMatchObject({ kind: 'waiting', wait: { reason: 'NotDue' } });
  });
  it('leaves the lease to end by itself when the time is up', async () => {
    const universe = await renewedAccount();
    const until = universe.now + 5;
    let isLost = false;
    const { report } = await passOver(universe, {
      until,
      onCall: (operation) => {
        if (operation === 'write' && universe.now === until) isLost = true;
        if (isLost) throw new Error('socket hang up');
        if (operation === 'publish') universe.now = until;
      },
    });
    expect(report.outcome).toEqual({ kind: 'budgetSpent' });
    expect(universe.rows.entity.lease).toMatchObject({ owner: 'me' });
  });
});

it('calls what nobody classified unavailable, and keeps its cause', async () => {
  const universe = await dueAccount();
  const cause = new TypeError('fetch failed');
  const { report } = await passOver(universe, {
    onCall: (operation) => {
      if (operation === 'list') throw cause;
    },
  });
  expect(report.outcome).toMatchObject({
    error: {
      name: 'RotationError',
      code: 'Unavailable',
      service: 'core',
      operation: 'unknown',
      message: 'TypeError: fetch failed',
      cause,
    },
  });
});

it('says nothing of what was thrown when that is not even an error', async () => {
  const universe = await dueAccount();
  const thenable = { then: (_: unknown, reject: (reason: unknown) => void) => reject('the key is 0123') };
  Object.assign(universe.ports, { keys: { ...universe.ports.keys, list: () => thenable } });
  const { report } = await passOver(universe);
  expect(report.outcome).toMatchObject({ error: { code: 'Unavailable', message: 'An unknown error was thrown.' } });
});

it('tells each step once, after it was carried out, with the verdict of a probe', async () => {
  const told: string[] = [];
  const { report } = await passOver(await renewedAccount(), {
    onStep: (step, seen, probed) => told.push([step.kind, seen.published.state, probed?.verdict].join(' ').trim()),
  });
  expect(told).toEqual([
    'probe live accepted',
    'probe live accepted',
    'publish live',
    'announceReference live',
    'announceFlag live',
    'record live',
  ]);
  expect(report.steps).toBe(6);
});

it('does not tell a step that failed', async () => {
  const told: string[] = [];
  await passOver(await renewedAccount(), { fail: 'keyVault.publish', onStep: ({ kind }) => told.push(kind) });
  expect(told).toEqual(['probe', 'probe']);
});

it('goes on in the next pass where a lost answer left off, without a second regenerate', async () => {
  const universe = await dueAccount();
  const regenerate = universe.ports.keys.regenerate.bind(universe.ports.keys);
  const before = universe.azureAccount.keys.key2.value;
  Object.assign(universe.ports.keys, {
    regenerate: async (...args: Parameters<typeof regenerate>) => {
      await regenerate(...args);
      throw new Error('socket hang up');
    },
  });
  await passOver(universe);
  Object.assign(universe.ports.keys, { regenerate });
  const after = universe.azureAccount.keys.key2.value;
  universe.now += SIM_POLICY.settleMs + SIM_POLICY.activationForMs;
  const { calls } = await passOver(universe);
  expect(after).not.toBe(before);
  expect(calls).not.toContain('regenerate');
  expect(universe.newest?.value).toBe(after);
  expect(universe.reference?.key).toBe(ACCOUNT.referenceKey);
});
