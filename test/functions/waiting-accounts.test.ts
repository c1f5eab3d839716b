// Whose turn it is in a tick when a subscription has used up its limit.
import { describe, expect, it } from 'vitest';
import { WaitingAccounts } from '../../src/fleet/waiting-accounts.ts';
import { RotationError, type RotationErrorDetails } from '../../src/rotation/errors.ts';
import type { PassOutcome } from '../../src/rotation/pass/reconcile.ts';
import { buildAccount } from '../support/account.ts';

const [alpha, beta, gamma] = [buildAccount('alpha'), buildAccount('beta'), buildAccount('gamma')];

function failed(changes: Partial<RotationErrorDetails>): PassOutcome {
  const details = { code: 'Throttled', service: 'arm', operation: 'list', message: 'Not sent.' } as const;
  return { kind: 'failed', error: new RotationError({ ...details, ...changes }), retryAt: 99_000 };
}

const notAdmitted = (retryAfterMs: number): PassOutcome => failed({ isUnsent: true, retryAfterMs });

describe('turns', () => {
  it('go first to those who have not been seen, then to those who were sent away, as they were told', () => {
    const waiting = new WaitingAccounts([alpha, beta, gamma]);
    expect(waiting.next(0)).toEqual({ kind: 'now', account: alpha, isAgain: false });
    waiting.comeBack(alpha, notAdmitted(500), 0);
    expect(waiting.next(0)).toEqual({ kind: 'now', account: beta, isAgain: false });
    waiting.comeBack(beta, notAdmitted(300), 0);
    expect(waiting.next(600)).toEqual({ kind: 'now', account: gamma, isAgain: false });
    expect(waiting.next(299)).toEqual({ kind: 'notYet', at: 300 });
    expect(waiting.next(300)).toEqual({ kind: 'now', account: beta, isAgain: true });
    expect(waiting.next(300)).toEqual({ kind: 'notYet', at: 500 });
    expect(waiting.next(500)).toEqual({ kind: 'now', account: alpha, isAgain: true });
    expect(waiting.next(500)).toBeUndefined();
  });
  it.each<[string, PassOutcome]>([
    ['that ARM itself refused', failed({ status: 429, retryAfterMs: 500 })],
    ['that was held off by another service', failed({ service: 'keyVault', isUnsent: true, retryAfterMs: 500 })],
    ['that does not say when to come back', failed({ isUnsent: true })],
    ['that somebody else has in hand', { kind: 'leaseHeld', until: 5 }],
  ])('are given once only to an account %s', (_, outcome) => {
    const waiting = new WaitingAccounts([alpha]);
    waiting.next(0);
    waiting.comeBack(alpha, outcome, 0);
    expect(waiting.next(1_000)).toBeUndefined();
  });
  it('leave over those who have had none and those who were sent away', () => {
    const waiting = new WaitingAccounts([alpha, beta, gamma]);
    waiting.next(0);
    waiting.comeBack(alpha, notAdmitted(500), 0);
    waiting.next(0);
    expect(waiting.rest()).toEqual([gamma, alpha]);
    expect(waiting.size).toBe(2);
  });
});
