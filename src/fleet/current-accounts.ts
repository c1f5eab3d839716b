// The accounts as configured now, for work that takes minutes: a freeze, another policy or a departure must not wait
// for its end. It must not read more often than every half minute: a store accepts only so many requests an hour.
import type { Account, AccountId } from '../rotation/model.ts';
import type { Clock } from '../rotation/ports.ts';

const KEPT_MS = 30_000;

/** Whether a reading may still be used. If it seems to come from the future, a clock was set back: age unknown. */
export function isCurrent(readAt: number, now: number): boolean {
  return now >= readAt && now - readAt < KEPT_MS;
}

export interface AccountSource {
  readonly clock: Clock;
  /** Throws `RotationError`. */
  accounts(): Promise<readonly Account[]>;
}

export class CurrentAccounts {
  readonly #source: AccountSource;
  #accounts: ReadonlyMap<AccountId, Account>;
  #readAt: number;
  #reading: Promise<void> | undefined;

  /** `accounts`: as just read. */
  constructor(source: AccountSource, accounts: readonly Account[]) {
    this.#source = source;
    this.#accounts = byId(accounts);
    this.#readAt = source.clock.now();
  }

  /** As last read; undefined if the account is not configured any more. */
  get(id: AccountId): Account | undefined {
    return this.#accounts.get(id);
  }

  /** Reads them again after half a minute. Throws if that fails: no pass begins on accounts that may have changed. */
  async renew(): Promise<void> {
    if (isCurrent(this.#readAt, this.#source.clock.now())) return;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #read(): Promise<void> {
    const readAt = this.#source.clock.now();
    this.#accounts = byId(await this.#source.accounts());
    this.#readAt = readAt;
  }
}

function byId(accounts: readonly Account[]): ReadonlyMap<AccountId, Account> {
  return new Map(accounts.map((account) => [account.id, account]));
}
