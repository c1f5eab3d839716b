// Whose turn it is in a tick: first come, first served, and those who were not admitted to their subscription again when
// they were told to come back, after everybody else. It must not wait or pass over an account.
import type { Account } from '../rotation/model.ts';
import type { PassOutcome } from '../rotation/pass/reconcile.ts';

export type Turn =
  /** `isAgain`: it was sent away before. */
  | { readonly kind: 'now'; readonly account: Account; readonly isAgain: boolean }
  /** Only accounts that were told to come back later are left. */
  | { readonly kind: 'notYet'; readonly at: number };

export class Turns {
  readonly #waiting: Account[];
  /** When each of those who were sent away may come back. */
  readonly #sentAway = new Map<Account, number>();

  constructor(accounts: readonly Account[]) {
    this.#waiting = [...accounts];
  }

  get size(): number {
    return this.#waiting.length + this.#sentAway.size;
  }

  /** Takes the next account out; undefined when nobody is left. */
  next(now: number): Turn | undefined {
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

  /** Those whose turn has not come. */
  rest(): readonly Account[] {
    return [...this.#waiting, ...this.#sentAway.keys()];
  }
}
