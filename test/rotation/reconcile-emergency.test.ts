// Whole passes about a leaked key, each service failing in turn: what they do all the same.
import { describe, expect, it } from 'vitest';
import type { Request } from '../../src/rotation/model.ts';
import { fingerprintOf } from '../../src/rotation/secret.ts';
import { ACCOUNT, SIM_POLICY } from '../sim/sim-account.ts';
import type { Universe } from '../sim/universe.ts';
import { asked } from './given.ts';
import { dueAccount, passOver, renewedAccount } from './given-pass.ts';

/** An adopted account of which nothing is due; a request about the key of the slot was just stored. */
async function leakingAccount(slot: 'key1' | 'key2', extra: Partial<Request> = {}): Promise<Universe> {
  const universe = await dueAccount();
  universe.now -= SIM_POLICY.rotationIntervalMs;
  const fingerprint = fingerprintOf(universe.azureAccount.keys[slot].value);
  universe.rows.requests.push(asked('compromised', { fingerprint, at: universe.now, ...extra }));
  return universe;
}
const keysOf = ({ azureAccount: { keys } }: Universe) => ({ key1: keys.key1.value, key2: keys.key2.value });
const regeneratesOf = (calls: readonly string[]): number => calls.filter((call) => call === 'regenerate').length;

describe('a leaked published key', () => {
  it('is replaced in the pass that learns of it', async () => {
    const universe = await leakingAccount('key1');
    const before = keysOf(universe);
    const { calls, report } = await passOver(universe);
    expect(calls.filter((call) => ['publish', 'regenerate', 'writeReference', 'writeFlag'].includes(call))).toEqual([
      'regenerate',
      'publish',
      'writeReference',
      'writeFlag',
      'regenerate',
    ]);
    expect(report).toMatchObject({ phase: 'retiring', outcome: { wait: { reason: 'ConfirmationTimeNotOver' } } });
    expect(keysOf(universe).key1).not.toBe(before.key1);
    expect(universe.newest?.value).toBe(keysOf(universe).key2);
    expect(universe.rows.requests[0]).not.toHaveProperty('closedAt');
  });
  it('is dead, proven, when the time of the proof is over', async () => {
    const universe = await leakingAccount('key1');
    await passOver(universe);
    universe.now += SIM_POLICY.confirmOverMs;
    const { report } = await passOver(universe);
    expect(report).toMatchObject({ phase: 'idle', outcome: { wait: { reason: 'NotDue' } } });
    expect(universe.rows.requests).toMatchObject([{ outcome: 'KeyIsDead', rotationId: 1 }]);
  });
  it('is the one that a name meant when the request was stored', async () => {
    const universe = await leakingAccount('key1');
    const before = keysOf(universe);
    universe.rows.requests = [asked('compromised', { named: 'published', at: universe.now })];
    const { report } = await passOver(universe);
    expect(report.phase).toBe('retiring');
    expect(keysOf(universe).key1).not.toBe(before.key1);
  });
});

describe('while App Configuration fails', () => {
  it.each(['appConfiguration.read', 'appConfiguration.writeReference', 'appConfiguration.writeFlag'] as const)(
    '%s: the leaked published key is replaced in the same pass',
    async (fail) => {
      const universe = await leakingAccount('key1');
      const before = keysOf(universe);
      const { calls, report } = await passOver(universe, { fail });
      expect(regeneratesOf(calls)).toBe(2);
      expect(keysOf(universe).key1).not.toBe(before.key1);
      expect(report.phase).toBe('retiring');
    },
  );
  it('a write is tried once in the pass, and is made up for by the next', async () => {
    const universe = await leakingAccount('key1');
    const { calls } = await passOver(universe, { fail: 'appConfiguration.writeReference', code: 'LostRace' });
    expect(calls.filter((call) => call === 'writeReference')).toHaveLength(1);
    expect(calls).not.toContain('writeFlag');
    await passOver(universe);
    expect(universe.referencedVersion).toBe(universe.newest?.version);
  });
  it('a rotation without a leak ends its pass', async () => {
    const { calls, report } = await passOver(await renewedAccount(), { fail: 'appConfiguration.writeReference' });
    expect(report.outcome).toMatchObject({ kind: 'failed', error: { service: 'appConfiguration' } });
    expect(calls.slice(calls.indexOf('writeReference') + 1)).toEqual(['write']);
  });
  it('a lost race for the record ends the pass of an emergency as well', async () => {
    const universe = await leakingAccount('key1');
    const { report } = await passOver(universe, { fail: 'table.write' });
    expect(report.outcome).toMatchObject({ kind: 'failed', error: { service: 'table' } });
    expect(universe.rows.entity.record).toMatchObject({ phase: 'idle' });
  });
  it('so does one before an announcement: the pass has not got the lease', async () => {
    const universe = await leakingAccount('key1');
    universe.world.vault.set(ACCOUNT.secretName, { value: keysOf(universe).key1 });
    const { calls, report } = await passOver(universe, { fail: 'table.write', code: 'LostRace' });
    expect(calls.slice(4)).toEqual(['write']);
    expect(report.outcome).toMatchObject({ kind: 'failed', error: { code: 'LostRace' } });
  });
});

describe('while Key Vault cannot be read', () => {
  const fail = 'keyVault.readNewest';
  it('a leaked standby key dies on the record’s word', async () => {
    const universe = await leakingAccount('key2');
    const before = keysOf(universe);
    const { report } = await passOver(universe, { fail });
    expect(keysOf(universe)).toMatchObject({ key1: before.key1 });
    expect(keysOf(universe).key2).not.toBe(before.key2);
    expect(report).toMatchObject({ phase: 'preparing', outcome: { wait: { reason: 'SecretUnreachable' } } });
    expect(universe.rows.requests).toMatchObject([{ outcome: 'KeyReplaced' }]);
  });
  it('a leaked published key stays, and the account is blocked', async () => {
    const universe = await leakingAccount('key1');
    const before = keysOf(universe);
    const { calls, report } = await passOver(universe, { fail });
    expect(keysOf(universe)).toEqual(before);
    expect(calls).not.toContain('publish');
    expect(report.outcome).toMatchObject({
      wait: { isBlocked: true, reason: 'SecretUnreachable', detail: 'No answer.' },
    });
    expect(universe.rows.history.at(-1)).toMatchObject({ kind: 'Blocked', reason: 'SecretUnreachable' });
  });
  it('a leaked published key dies where an operator accepts the outage; the next pass that can publishes', async () => {
    const universe = await leakingAccount('key1', { accepts: 'outage' });
    const before = keysOf(universe);
    const { calls, report } = await passOver(universe, { fail });
    expect(regeneratesOf(calls)).toBe(1);
    expect(keysOf(universe)).toMatchObject({ key2: before.key2 });
    expect(keysOf(universe).key1).not.toBe(before.key1);
    expect(report.outcome).toMatchObject({ wait: { reason: 'SecretUnreachable' } });
    expect(universe.rows.requests).toMatchObject([{ outcome: 'KeyReplaced' }]);
    await passOver(universe);
    expect(universe.newest?.value).toBe(keysOf(universe).key1);
  });
  it('a pass without a leak fails', async () => {
    const { report } = await passOver(await dueAccount(), { fail });
    expect(report.outcome).toMatchObject({ kind: 'failed', error: { service: 'keyVault' } });
  });
});

describe('while Key Vault cannot be written', () => {
  const fail = 'keyVault.publish';
  it('the pass fails, and the leaked published key stays', async () => {
    const universe = await leakingAccount('key1', { accepts: 'unverifiedKey' });
    const before = keysOf(universe);
    const { report } = await passOver(universe, { fail });
    expect(report.outcome).toMatchObject({ kind: 'failed', error: { operation: 'publish' } });
    expect(keysOf(universe).key1).toBe(before.key1);
  });
  it('the leaked key dies in the same pass where an operator accepts the outage', async () => {
    const universe = await leakingAccount('key1', { accepts: 'outage' });
    const before = keysOf(universe);
    const { calls, report } = await passOver(universe, { fail });
    expect(calls.filter((call) => call === 'publish' || call === 'regenerate')).toEqual([
      'regenerate',
      'publish',
      'regenerate',
    ]);
    expect(keysOf(universe).key1).not.toBe(before.key1);
    expect(report.outcome).toMatchObject({ wait: { reason: 'SecretUnreachable', detail: 'No answer.' } });
    const told = universe.rows.history.map(({ kind }) => kind);
    expect(told).toContain('KeySacrificed');
  });
});

describe('a policy that is not valid', () => {
  it('is replaced by the one that was valid last, and begins no rotation', async () => {
    const universe = await dueAccount();
    const policy = { isInvalid: true as const, rotationIntervalMs: 100 * SIM_POLICY.rotationIntervalMs };
    const { calls, report } = await passOver(universe, { policy });
    expect(report.outcome).toMatchObject({ wait: { isBlocked: true, reason: 'PolicyInvalid' } });
    expect(calls).not.toContain('regenerate');
    expect(universe.rows.entity.configured?.policy.rotationIntervalMs).toBe(70_000);
  });
  it('does not hold the rotation under way', async () => {
    const universe = await renewedAccount();
    const { report } = await passOver(universe, { policy: { isInvalid: true } });
    expect(report.phase).toBe('propagating');
  });
});

it('publishes nothing when the account was paused while the new key was verified', async () => {
  const universe = await renewedAccount();
  let probes = 0;
  const { calls, report } = await passOver(universe, {
    onCall: (operation) => {
      if (operation !== 'probe' || ++probes !== 2) return;
      const { etag, entity } = universe.rows;
      const change = { entity, closes: [], history: [], at: universe.now };
      void universe.ports.records.write(universe.account, etag, change);
    },
  });
  expect(calls).not.toContain('publish');
  expect(report.outcome).toMatchObject({ kind: 'failed', error: { code: 'LostRace' } });
});
