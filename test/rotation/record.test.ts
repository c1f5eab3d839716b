// What one write of the entity holds, and how failures and blocks are remembered.
import { describe, expect, it } from 'vitest';
import { block, wait } from '../../src/rotation/decide/situation.ts';
import { RotationError } from '../../src/rotation/errors.ts';
import type { Account, AccountAlias, AccountId, ETag, OwnerId, Policy, RequestId } from '../../src/rotation/model.ts';
import {
  blockHistory,
  failureSummary,
  leaseOf,
  recordWrite,
  retryAt,
  storedAfter,
  summaryOf,
  withLastPolicy,
} from '../../src/rotation/pass/record.ts';
import type { Configured, StoredAccount } from '../../src/rotation/ports.ts';
import { buildAccount, buildPolicy } from '../support/account.ts';
import { asked, ID, idle, K2, NOW, preparing } from './given.ts';

const policy = buildPolicy({ leaseMs: 5_000, backOffMinimumMs: 1_000, backOffMaximumMs: 60_000 });
const account = buildAccount('language', { policy });
/** Everything of the account but what follows from its id. */
const CONFIGURED = {
  alias: 'language',
  vaultUrl: 'https://vault.test',
  secretName: 'language-key',
  referenceKey: 'language:Key',
  flagName: 'language-uses-key2',
  label: undefined,
  policyName: 'default',
  policy,
};
const ME = 'me' as OwnerId;
function accountNumber(index: number): Account {
  const id = `/subscriptions/s/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/account-${index}`;
  return { ...account, id: id as AccountId };
}
function configuredOf(edit: Partial<Policy>): Configured {
  return { ...CONFIGURED, alias: 'language' as AccountAlias, policy: { ...policy, ...edit } };
}
const stored: StoredAccount = {
  etag: '"1"' as ETag,
  record: { state: 'present', record: idle },
  entity: { lease: undefined, record: idle, nextObservationAt: 5, lastPass: undefined, revision: 3 },
  requests: [asked('rotate')],
  acknowledgements: [],
  pause: undefined,
};
const former = { at: NOW - 9, reason: 'NotDue', isBlocked: false, since: NOW - 99, failures: 2 };
const error = (retryAfterMs?: number) =>
  new RotationError({
    code: 'Throttled',
    service: 'arm',
    operation: 'list',
    message: 'Slow down.',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

it('leases an account to its owner from now on', () => {
  expect(leaseOf(account, ME, NOW)).toEqual({ owner: 'me', expiresAt: NOW + 5_000 });
});

describe('a write', () => {
  it('keeps record and last pass where nothing new is said, and counts itself', () => {
    const write = recordWrite(
      account,
      { ...stored, entity: { ...stored.entity, lastPass: former } },
      { lease: undefined, nextObservationAt: 8 },
      NOW,
    );
    expect(write).toEqual({
      entity: {
        lease: undefined,
        record: idle,
        nextObservationAt: 8,
        lastPass: former,
        revision: 4,
        configured: CONFIGURED,
      },
      closes: [],
      history: [],
      at: NOW,
    });
  });
  it('stamps its history with the time and the id of the rotation that it is about', () => {
    const history = [{ kind: 'RotationStarted' as const, reason: 'RotationDue' }];
    const write = recordWrite(
      account,
      stored,
      { record: preparing, lease: undefined, nextObservationAt: 8, history },
      NOW,
    );
    expect(write.history).toEqual([{ kind: 'RotationStarted', reason: 'RotationDue', at: NOW, rotationId: 8 }]);
    expect(write.entity.record).toBe(preparing);
  });
  it('calls the time before the adoption rotation 0', () => {
    const absent: StoredAccount = { ...stored, entity: { ...stored.entity, record: undefined } };
    const history = [{ kind: 'Blocked' as const }];
    expect(
      recordWrite(account, absent, { lease: undefined, nextObservationAt: 8, history }, NOW).history,
    ).toMatchObject([{ rotationId: 0 }]);
  });
  it('once answered, is what is known of a request that stays open, and of one that it closes as well', () => {
    const requests = [asked('compromised', { named: 'key2' }), asked('rotate')];
    const marks = [
      { id: 'compromised-1' as RequestId, fingerprint: K2 },
      { id: 'rotate-1' as RequestId, replacedAt: 4 },
    ];
    const closes = [{ id: 'rotate-1' as RequestId, outcome: 'RotationStarted' as const }];
    const write = recordWrite(account, stored, { lease: undefined, nextObservationAt: 8, marks, closes }, NOW);
    expect(write.marks).toBe(marks);
    expect(storedAfter({ ...stored, requests }, write, undefined).requests).toStrictEqual([
      asked('compromised', { named: 'key2', fingerprint: K2 }),
      { ...asked('rotate'), replacedAt: 4, outcome: 'RotationStarted', closedAt: NOW },
    ]);
  });
  it('once answered, is what is stored', () => {
    const closes = [{ id: 'rotate-1' as RequestId, outcome: 'RotationStarted' as const, rotationId: ID }];
    const write = recordWrite(
      account,
      stored,
      { record: preparing, lease: leaseOf(account, ME, NOW), nextObservationAt: 8, closes },
      NOW,
    );
    const another = asked('approve');
    expect(storedAfter({ ...stored, requests: [...stored.requests, another] }, write, '"2"' as ETag)).toStrictEqual({
      ...stored,
      etag: '"2"',
      entity: write.entity,
      record: { state: 'present', record: preparing },
      requests: [{ ...asked('rotate'), outcome: 'RotationStarted', rotationId: 7, closedAt: NOW }, another],
    });
    const nothing = recordWrite(
      account,
      { ...stored, entity: { ...stored.entity, record: undefined } },
      { lease: undefined, nextObservationAt: 8 },
      NOW,
    );
    expect(storedAfter(stored, nothing, undefined)).toMatchObject({
      record: { state: 'absent' },
      requests: [asked('rotate')],
    });
  });
});

describe('the configuration that is stored with the record', () => {
  const invalid = { ...account, policy: { ...policy, isInvalid: true as const, confirmProbes: 9, isFrozen: true } };
  const known: StoredAccount = {
    ...stored,
    entity: { ...stored.entity, configured: configuredOf({ confirmProbes: 4 }) },
  };
  const nothing = { lease: undefined, nextObservationAt: 8 };

  it('is what was valid last: a policy that is not valid leaves it as it was', () => {
    expect(recordWrite(invalid, known, nothing, NOW).entity.configured).toBe(known.entity.configured);
    expect(recordWrite(invalid, stored, nothing, NOW).entity.configured).toBeUndefined();
    expect(recordWrite(account, known, nothing, NOW).entity.configured).toEqual(CONFIGURED);
  });
  it('stands in for a policy that is not valid, but for a freeze and the mode of now', () => {
    expect(withLastPolicy(invalid, known)).toEqual({
      ...invalid,
      policy: { ...policy, confirmProbes: 4, isInvalid: true, isFrozen: true, isObserveOnly: false },
    });
    const observing = { ...invalid, policy: { ...invalid.policy, isFrozen: false, isObserveOnly: true } };
    expect(withLastPolicy(observing, known).policy).toMatchObject({ isFrozen: false, isObserveOnly: true });
  });
  it('leaves an account that was only observed alone: the mode may have been that of the policy', () => {
    const entity = { ...stored.entity, configured: configuredOf({ isObserveOnly: true }) };
    const observed: StoredAccount = { ...stored, entity };
    expect(withLastPolicy(invalid, observed).policy).toMatchObject({ isInvalid: true, isObserveOnly: true });
  });
  it('stands in for nothing else', () => {
    expect(withLastPolicy(account, known)).toBe(account);
    expect(withLastPolicy(invalid, stored)).toBe(invalid);
  });
});

describe('how the last pass ended', () => {
  it('keeps since when while the reason stays the same', () => {
    expect(summaryOf(former, wait('NotDue', 1), NOW)).toEqual({
      at: NOW,
      reason: 'NotDue',
      isBlocked: false,
      since: NOW - 99,
      failures: 0,
    });
    expect(summaryOf(former, block('KeysIdentical', 1), NOW)).toEqual({
      at: NOW,
      reason: 'KeysIdentical',
      isBlocked: true,
      since: NOW,
      failures: 0,
    });
    expect(summaryOf(undefined, wait('NotDue', 1), NOW)).toMatchObject({ since: NOW });
  });
  it('counts failures in a row', () => {
    expect(failureSummary(undefined, error(), NOW)).toEqual({
      at: NOW,
      reason: 'Throttled',
      isBlocked: false,
      since: NOW,
      detail: error().message,
      failures: 1,
    });
    expect(failureSummary({ ...former, reason: 'Throttled' }, error(), NOW)).toMatchObject({
      since: NOW - 99,
      failures: 3,
    });
    expect(failureSummary(former, error(), NOW)).toMatchObject({ since: NOW, failures: 3 });
  });
  it('is told when an account becomes blocked, blocked otherwise, or free', () => {
    const blocked = { ...former, reason: 'KeysIdentical', isBlocked: true };
    expect(blockHistory(former, block('KeysIdentical', 1))).toEqual([{ kind: 'Blocked', reason: 'KeysIdentical' }]);
    expect(blockHistory(undefined, block('KeysIdentical', 1))).toEqual([{ kind: 'Blocked', reason: 'KeysIdentical' }]);
    expect(blockHistory(blocked, block('KeysIdentical', 1))).toEqual([]);
    expect(blockHistory(blocked, block('SecretDisabled', 1))).toEqual([{ kind: 'Blocked', reason: 'SecretDisabled' }]);
    expect(blockHistory(blocked, wait('NotDue', 1))).toEqual([{ kind: 'Unblocked', reason: 'KeysIdentical' }]);
    expect(blockHistory(former, wait('Paused', 1))).toEqual([]);
    expect(blockHistory(undefined, wait('Paused', 1))).toEqual([]);
  });
});

/** Up to a quarter is added, so a delay of 60 s lies from 60 to 75 s. */
function expectDelay(at: number, leastMs: number): void {
  expect(at - NOW).toBeGreaterThanOrEqual(leastMs);
  expect(at - NOW).toBeLessThan(leastMs * 1.25);
}

describe('the delay after failures', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [6, 32_000],
    [7, 60_000],
    [500, 60_000],
  ])('doubles: after %i it is %i ms, and up to a quarter more', (failures, delay) => {
    expectDelay(retryAt(account, error(), failures, NOW), delay);
  });
  it("is the service's own wish where that is longer, within the bound", () => {
    expectDelay(retryAt(account, error(7_000), 1, NOW), 7_000);
    expectDelay(retryAt(account, error(500), 1, NOW), 1_000);
    expectDelay(retryAt(account, error(3_600_000), 1, NOW), 60_000);
  });
  // Digits 25 to 36 of the SHA-256 of the id, as sha256sum prints it, are 0.697, 0.940 and 0.562 of their greatest value.
  it.each([
    [1, 4_697],
    [2, 4_940],
    [3, 4_562],
  ])('is the own of the account: account-%i comes back after %i ms', (index, delay) => {
    expect(retryAt(accountNumber(index), error(4_000), 1, NOW)).toBe(NOW + delay);
  });
  it.each([0, 86_400_000])(
    'spreads accounts that failed together evenly over a quarter, with a jitter of %i',
    (jitterMs) => {
      const tenths = Array.from({ length: 10 }, () => 0);
      for (let index = 0; index < 1_000; index++) {
        const own = accountNumber(index);
        const delay = retryAt({ ...own, policy: { ...policy, jitterMs } }, error(), 7, NOW) - NOW;
        expectDelay(NOW + delay, 60_000);
        const tenth = Math.floor((delay - 60_000) / 1_500);
        tenths[tenth] = (tenths[tenth] ?? 0) + 1;
      }
      for (const count of tenths) {
        expect(count).toBeGreaterThan(70);
        expect(count).toBeLessThan(130);
      }
    },
  );
  it('does not double for a call that was held back before it was sent', () => {
    const held = new RotationError({
      code: 'Throttled',
      service: 'arm',
      operation: 'list',
      message: 'No.',
      isUnsent: true,
    });
    expect(failureSummary(former, held, NOW).failures).toBe(2);
    expectDelay(retryAt(account, held, 0, NOW), 1_000);
  });
});
