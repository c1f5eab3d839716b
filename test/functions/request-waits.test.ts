// What an open request waits for, by the reason of the last pass: in literal instants.
import { describe, expect, it } from 'vitest';
import { waitingOf } from '../../src/operators/requests/request-waits.ts';
import type { Policy, RotationRecord } from '../../src/rotation/model.ts';
import { asked, idle, NOW, POLICY, preparing, present, retiring } from '../rotation/given.ts';

interface Given {
  readonly record?: RotationRecord;
  readonly isBlocked?: boolean;
  readonly policy?: Partial<Policy>;
  readonly passAt?: number;
}

const waiting = (reason: string, { record = idle, isBlocked = false, policy = {}, passAt = NOW }: Given = {}) => {
  const lastPass = { at: passAt, reason, isBlocked, since: passAt, failures: 0 };
  const entity = { lease: undefined, record, nextObservationAt: NOW + 500, lastPass, revision: 1 };
  const stored = { record: present(record), entity };
  return waitingOf(asked('rotate', { at: NOW - 100 }), { policy: { ...POLICY, ...policy }, stored, now: NOW });
};

describe('an open request waits', () => {
  it('for the next pass, until one has ended since it was stored', () => {
    expect(waiting('NotDue', { passAt: NOW - 101 })).toEqual({ reason: 'NextPass' });
    expect(waiting('NotDue', { passAt: NOW - 100 })).toEqual({ reason: 'NotDue', until: NOW + 500 });
  });
  it('for a person, without an end that is known', () => {
    for (const reason of ['Paused', 'Frozen', 'ObserveOnly']) expect(waiting(reason)).toEqual({ reason });
    expect(waiting('StandbyMayBeInUse', { isBlocked: true })).toEqual({ reason: 'StandbyMayBeInUse' });
  });
  it('for the end of the time after the adoption, not for the next look', () => {
    const record = { ...idle, adoptedAt: NOW - 1_000 };
    const policy = { overlapMaximumMs: 90_000 };
    expect(waiting('RecentlyAdopted', { record, policy })).toEqual({ reason: 'RecentlyAdopted', until: NOW + 89_000 });
  });
  it('for the window', () => {
    const windowAt = () => ({ isOpen: false, opensAt: NOW + 7_000 }) as const;
    expect(waiting('OutsideWindow', { policy: { windowAt } })).toEqual({ reason: 'OutsideWindow', until: NOW + 7_000 });
    const never = () => ({ isOpen: false }) as const;
    expect(waiting('OutsideWindow', { policy: { windowAt: never } })).toEqual({
      reason: 'OutsideWindow',
      until: NOW + 500,
    });
  });
  it('for the settling and the activation of an attempt', () => {
    const policy = { settleMs: 20_000, activationForMs: 5_000 };
    const record = { ...preparing, attemptAt: NOW - 1_000 };
    expect(waiting('SettleTimeNotOver', { record, policy })).toEqual({
      reason: 'SettleTimeNotOver',
      until: NOW + 19_000,
    });
    expect(waiting('ActivationTimeNotOver', { record, policy })).toEqual({
      reason: 'ActivationTimeNotOver',
      until: NOW + 24_000,
    });
    const retried = { ...retiring, attemptAt: NOW - 2_000 };
    expect(waiting('SettleTimeNotOver', { record: retried, policy })).toMatchObject({ until: NOW + 18_000 });
  });
  it('says no instant that is over', () => {
    const record = { ...preparing, attemptAt: NOW - 30_000 };
    expect(waiting('SettleTimeNotOver', { record, policy: { settleMs: 20_000 } })).toEqual({
      reason: 'SettleTimeNotOver',
    });
  });
  it('for a record that can be understood; not at all once it is closed', () => {
    const entity = { lease: undefined, record: undefined, nextObservationAt: 0, lastPass: undefined, revision: 1 };
    const stored = { record: { state: 'unreadable', detail: 'x' } as const, entity };
    expect(waitingOf(asked('rotate'), { policy: POLICY, stored, now: NOW })).toEqual({ reason: 'RecordUnreadable' });
    const closed = { ...asked('rotate'), closedAt: NOW, outcome: 'Expired' as const };
    expect(waitingOf(closed, { policy: POLICY, stored, now: NOW })).toBeUndefined();
  });
});
