// The accounts as configured now, for work that goes on for minutes: a freeze, another policy or a departure must not wait
// for its end. It must not read more often than every half minute: a store bears only so many requests an hour.
import type { Account, AccountId } from '../rotation/model.ts';
import type { Clock } from '../rotation/ports.ts';

const KEPT_MS = 30_000;

/** Whether a reading is to be used still. One that seems to come later is of a clock that was set back: of unknown age. */
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

  /** `accounts`: as they have just been read. */
  constructor(source: AccountSource, accounts: readonly Account[]) {
    this.#source = source;
    this.#accounts = byId(accounts);
    this.#readAt = source.clock.now();
  }

  /** As last read; undefined when it is not configured any more. */
  get(id: AccountId): Account | undefined {
    return this.#accounts.get(id);
  }

  /** Reads them anew when half a minute is over. Throws when they cannot be read: nobody begins on what may have changed. */
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
