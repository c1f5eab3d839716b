// The order of accounts in a tick: first come, first served. An account that its subscription did not admit comes back
// at the time that it was given, after all others. It must not wait or pass over an account.
import type { Account } from '../rotation/model.ts';
import type { PassOutcome } from '../rotation/pass/reconcile.ts';

export type NextAccount =
  /** `isAgain`: it was not admitted at an earlier turn. */
  | { readonly kind: 'now'; readonly account: Account; readonly isAgain: boolean }
  /** Only accounts that must come back later are left. */
  | { readonly kind: 'notYet'; readonly at: number };

export class WaitingAccounts {
  readonly #waiting: Account[];
  /** When each account that was not admitted may come back. */
  readonly #sentAway = new Map<Account, number>();

  constructor(accounts: readonly Account[]) {
    this.#waiting = [...accounts];
  }

  get size(): number {
    return this.#waiting.length + this.#sentAway.size;
  }

  /** Takes the next account out; undefined if none is left. */
  next(now: number): NextAccount | undefined {
    const fresh = this.#waiting.shift();
    if (fresh !== undefined) return { kind: 'now', account: fresh, isAgain: false };
    let first: { readonly account: Account; readonly at: number } | undefined;
    for (const [account, at] of this.#sentAway) if (first === undefined || at < first.at) first = { account, at };
    if (first === undefined) return undefined;
    if (first.at > now) return { kind: 'notYet', at: first.at };
    this.#sentAway.delete(first.account);
    return { kind: 'now', account: first.account, isAgain: true };
  }

  /** Gives the account another turn in this tick if its pass ended only because nothing more could be sent to ARM. */
  comeBack(account: Account, outcome: PassOutcome, now: number): void {
    if (outcome.kind !== 'failed') return;
    const { service, isUnsent, retryAfterMs } = outcome.error;
    if (service !== 'arm' || !isUnsent || retryAfterMs === undefined) return;
    this.#sentAway.set(account, now + retryAfterMs);
  }

  /** The accounts whose turn has not come. */
  rest(): readonly Account[] {
    return [...this.#waiting, ...this.#sentAway.keys()];
  }
}
