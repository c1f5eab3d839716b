// What the simulator cannot name: order and budget of one pass, and what it writes when it must not write.
import { describe, expect, it } from 'vitest';
import type { ETag, OwnerId } from '../../src/rotation/model.ts';
import type { ReferenceRead } from '../../src/rotation/ports.ts';
import { fingerprintOf } from '../../src/rotation/secret.ts';
import { ACCOUNT, SIM_POLICY } from '../sim/sim-account.ts';
import { Universe } from '../sim/universe.ts';
import { asked } from './given.ts';
import { dueAccount, FIRST_BACK_OFF_MS, passOver, renewedAccount } from './given-pass.ts';

describe('a pass', () => {
  it('reads record, vault, App Configuration, keys, in this order', async () => {
    const universe = await dueAccount();
    expect((await passOver(universe)).calls.slice(0, 4)).toEqual(['read', 'readNewest', 'read', 'list']);
  });
  it('writes the intent before it regenerates, then leaves the gateway the time to learn', async () => {
    const universe = await dueAccount();
    const { calls, report } = await passOver(universe);
    expect(calls.slice(4)).toEqual(['probe', 'write', 'regenerate', 'write']);
    expect(report).toMatchObject({
      phase: 'preparing',
      rotationId: 1,
      outcome: { wait: { reason: 'ActivationTimeNotOver', until: universe.now + 30_000 } },
    });
  });
  it('verifies the new key, writes the entity right before it publishes, and goes on with the answers', async () => {
    const universe = await renewedAccount();
    const { calls, report } = await passOver(universe);
    expect(calls.slice(4)).toEqual(['probe', 'probe', 'write', 'publish', 'writeReference', 'writeFlag', 'write']);
    expect(report).toMatchObject({
      phase: 'propagating',
      rotationId: 1,
      outcome: { wait: { reason: 'OverlapNotOver' } },
    });
  });
  it('frees the lease in the write that ends it', async () => {
    const universe = await renewedAccount();
    await passOver(universe);
    expect(universe.rows.entity.lease).toBeUndefined();
    expect(universe.rows.entity.nextObservationAt).toBe(universe.now + SIM_POLICY.overlapMaximumMs);
  });
  it('begins no step when its time is up, and frees the lease', async () => {
    const universe = await renewedAccount();
    const until = universe.now + 5;
    const { report, calls } = await passOver(universe, {
      until,
      onCall: (operation) => {
        if (operation === 'publish') universe.now = until;
      },
    });
    expect(report.outcome).toEqual({ kind: 'budgetSpent' });
    expect(calls.at(-1)).toBe('write');
    expect(calls).not.toContain('writeReference');
    expect(universe.rows.entity.lease).toBeUndefined();
    expect(universe.rows.entity.nextObservationAt).toBe(until);
  });
  it('sends nothing when it was held up until its lease may end', async () => {
    const universe = await dueAccount();
    const { report, calls } = await passOver(universe, {
      onCall: (operation) => {
        if (operation === 'write') universe.now += SIM_POLICY.leaseMs - 1;
      },
    });
    expect(calls).not.toContain('regenerate');
    expect(report.outcome).toMatchObject({ kind: 'failed', error: { code: 'LostRace' } });
  });
  it('renews a lease that the next call might outlive', async () => {
    const universe = await renewedAccount();
    const { calls } = await passOver(universe, {
      onCall: (operation) => {
        if (operation === 'publish') universe.now += SIM_POLICY.leaseMs;
      },
    });
    const published = calls.indexOf('publish');
    expect(calls.slice(published + 1, published + 3)).toEqual(['write', 'writeReference']);
  });
  it('keeps the lease when a call failed, and tells when to look again', async () => {
    const universe = await renewedAccount();
    const { report } = await passOver(universe, { fail: 'keyVault.publish' });
    const { entity } = universe.rows;
    expect(report.outcome).toMatchObject({ kind: 'failed', retryAt: universe.now + FIRST_BACK_OFF_MS });
    expect(entity.lease).toMatchObject({ owner: 'me' });
    expect(entity.lastPass).toMatchObject({ reason: 'Unavailable', failures: 1 });
    expect(entity.nextObservationAt).toBe(universe.now + FIRST_BACK_OFF_MS);
  });
  it('leaves an account alone that another pass holds, also while its clock may be behind', async () => {
    const universe = await dueAccount();
    const lease = { owner: 'other' as OwnerId, expiresAt: universe.now };
    universe.rows.entity = { ...universe.rows.entity, lease };
    expect(await passOver(universe)).toMatchObject({ report: { outcome: { kind: 'leaseHeld' } }, calls: ['read'] });
    universe.now += SIM_POLICY.clockSkewMs;
    expect((await passOver(universe)).report.outcome.kind).toBe('waiting');
  });
  it('goes on under a lease of its own', async () => {
    const universe = await dueAccount();
    universe.rows.entity = { ...universe.rows.entity, lease: { owner: 'me' as OwnerId, expiresAt: universe.now + 1 } };
    expect((await passOver(universe)).report.outcome.kind).toBe('waiting');
  });
  it('writes nothing but when to look again when it may only observe', async () => {
    const universe = await dueAccount();
    const { record } = universe.rows.entity;
    const { calls } = await passOver(universe, { policy: { isObserveOnly: true } });
    expect(calls).toEqual(['read', 'readNewest', 'read', 'list', 'write']);
    expect(universe.rows.entity).toMatchObject({ record, lease: undefined, lastPass: { reason: 'ObserveOnly' } });
    expect(universe.rows.entity.nextObservationAt).toBe(universe.now + SIM_POLICY.observeEveryMs);
    const failed = await passOver(universe, { policy: { isObserveOnly: true }, fail: 'arm.list' });
    expect(failed.calls).toEqual(['read', 'readNewest', 'read', 'list', 'write']);
    expect(universe.rows.entity.record).toEqual(record);
  });
  it('writes nothing at all over a record that it cannot understand', async () => {
    const universe = await dueAccount();
    universe.ports.records.corrupt(ACCOUNT.id, 'schema 9');
    const { calls, report } = await passOver(universe);
    expect(calls).toEqual(['read', 'readNewest', 'read', 'list']);
    expect(report.outcome).toMatchObject({ wait: { reason: 'RecordUnreadable', detail: 'schema 9' } });
    expect((await passOver(universe, { fail: 'arm.list' })).calls).not.toContain('write');
  });
  it('tells when an account becomes blocked and when it no longer is', async () => {
    const universe = await dueAccount();
    universe.azureAccount.knobs.isDeniedByFirewall = true;
    await passOver(universe);
    universe.azureAccount.knobs.isDeniedByFirewall = false;
    universe.now += SIM_POLICY.backOffMinimumMs;
    await passOver(universe);
    const told = universe.rows.history.map(({ kind, reason }) => `${kind} ${reason ?? ''}`.trim());
    expect(told).toEqual([
      'Adopted',
      'Blocked PublishedKeyNotAccepted',
      'RotationStarted RotationDue',
      'Unblocked PublishedKeyNotAccepted',
    ]);
  });
  it('begins nothing, and writes nothing, when its time was up at the start', async () => {
    const universe = await dueAccount();
    const { report, calls } = await passOver(universe, { until: universe.now });
    expect(calls).toEqual(['read', 'readNewest', 'read', 'list']);
    expect(report).toMatchObject({ outcome: { kind: 'budgetSpent' }, steps: 0, phase: 'idle', rotationId: 0 });
  });
  it('lets go before a routine regenerate once the emergency it came for is over', async () => {
    const universe = await dueAccount();
    const dead = fingerprintOf('a key of long ago');
    universe.rows.requests.push({ ...asked('compromised', { fingerprint: dead }), at: universe.now });
    universe.rows.requests.push({ ...asked('rotate'), at: universe.now });
    const { calls, report } = await passOver(universe);
    // A routine change takes a place of its campaign, which an emergency does not.
    expect(calls).not.toContain('regenerate');
    expect(report).toMatchObject({ phase: 'idle', outcome: { kind: 'budgetSpent' } });
    expect(universe.rows.requests.map(({ outcome }) => outcome)).toEqual(['KeyReplaced', undefined]);
    const next = await passOver(universe);
    expect(next.calls).toContain('regenerate');
    expect(next.report).toMatchObject({ phase: 'preparing' });
    expect(universe.rows.requests.map(({ outcome }) => outcome)).toEqual(['KeyReplaced', 'RotationStarted']);
  });
  it('counts the record write that ends it among its steps, with the end in the same write', async () => {
    const universe = new Universe();
    universe.world.vault.set(ACCOUNT.secretName, { value: universe.azureAccount.keys.key1.value });
    const { calls, report } = await passOver(universe);
    expect(calls.slice(5)).toEqual(['write', 'writeReference', 'writeFlag', 'write']);
    expect(report).toMatchObject({ phase: 'idle', steps: 3, outcome: { wait: { reason: 'NotDue' } } });
    expect(universe.rows.entity.lastPass).toMatchObject({ reason: 'NotDue' });
  });
  it('stops after forty steps of a loop, and frees the lease', async () => {
    const universe = await dueAccount();
    const { announcements } = universe.ports;
    const isNeverInLine = { ...announcements, read: () => Promise.resolve({ reference: undefined, flag: undefined }) };
    const unheard = (reference: ReferenceRead | undefined): Promise<ReferenceRead> =>
      Promise.resolve(reference ?? { etag: '"1"' as ETag, held: { value: undefined, tags: {} } });
    Object.assign(universe.ports, {
      announcements: {
        ...isNeverInLine,
        writeReference: (_: unknown, __: unknown, former: ReferenceRead | undefined) => unheard(former),
      },
    });
    const { report, calls } = await passOver(universe);
    expect(report).toMatchObject({ outcome: { kind: 'budgetSpent' }, steps: 40 });
    expect(calls.filter((operation) => operation === 'writeReference')).toHaveLength(40);
    expect(universe.rows.entity.lease).toBeUndefined();
  });
});
