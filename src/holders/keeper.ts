// Keeps the row of one account's holders, searches and brings them. A failure is logged and nothing more: a holder must
// not hold up a pass.
import type { Log } from '../base/log.ts';
import { asRotationError } from '../rotation/errors.ts';
import type { Account, Fingerprint, RotationRecord, Slot } from '../rotation/model.ts';
import type { AccountHolders } from './model.ts';
import type { HolderParts, StoredHolders } from './ports.ts';
import { searchHolders } from './search.ts';
import type { Subject } from './standing.ts';
import { bringAlong, recheckValues } from './turn.ts';
import type { Published } from './watch.ts';

/** An inventory this old still serves the search of a pass. */
const INVENTORY_AGE_MS = 10 * 60_000;

/** What is needed to know a holder of the account. */
export interface Known {
  readonly keys: Readonly<Record<Slot, Fingerprint>>;
  readonly record: RotationRecord | undefined;
}

export class Keeper {
  /** Undefined if the row could not be read: then nothing is written, either. */
  holders: StoredHolders | undefined;
  readonly #parts: HolderParts;
  readonly #account: Account;
  readonly #log: Log;

  constructor(parts: HolderParts, account: Account, log: Log) {
    this.#parts = parts;
    this.#account = account;
    this.#log = log;
  }

  async read(): Promise<void> {
    await this.#attempt(async () => {
      this.holders = await this.#parts.records.read(this.#account);
    });
  }

  /**
   * If another process has written the row, the row is read again. The change is made once more on it, unless it would
   * replace what the other has noted of the holders.
   */
  async keep(change: Partial<AccountHolders>): Promise<void> {
    if (this.holders === undefined) return;
    if (await this.#write(change)) return;
    await this.read();
    if (change.holders === undefined) await this.#write(change);
  }

  async #write(change: Partial<AccountHolders>): Promise<boolean> {
    const { holders } = this;
    if (holders === undefined) return false;
    return this.#attempt(async () => {
      const known = { ...holders.known, ...change };
      this.holders = { etag: await this.#parts.records.write(this.#account, holders.etag, known), known };
    });
  }

  async recheck(until: number): Promise<void> {
    if (this.holders === undefined) return;
    const { known } = this.holders;
    const holders = await recheckValues(this.#parts, known.holders, until);
    if (holders.some((holder, index) => holder !== known.holders[index])) await this.keep({ holders });
  }

  async search(seen: Known, maximumAgeMs: number = INVENTORY_AGE_MS): Promise<void> {
    if (this.holders === undefined) return;
    const limits = { now: this.#parts.clock.now(), maximumAgeMs };
    let hosts: readonly string[] = [];
    await this.#attempt(async () => {
      hosts = await this.#parts.hostsOf(this.#account);
    });
    const subject = { ...subjectOf(this.#account, seen), hosts };
    const found = await searchHolders(this.#parts, subject, this.holders.known, limits);
    await this.keep({ ...found, lookedFor: undefined });
  }

  async bring(seen: Known & { readonly published: Published }, until: number, isAwaited: boolean): Promise<void> {
    if (this.holders === undefined) return;
    const subject = subjectOf(this.#account, seen);
    const turn = { account: this.#account, subject, target: { ...seen.published, isAwaited }, until, log: this.#log };
    this.holders = await bringAlong(this.#parts, turn, this.holders);
  }

  /** Whether it has succeeded. */
  async #attempt(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      const { code, message } = asRotationError(error);
      this.#log('warn', 'holdersNotKept', { account: this.#account.alias, code, message });
      return false;
    }
  }
}

/** A move of the account takes effect later than in its configuration. */
function subjectOf(account: Account, { keys, record }: Known): Subject {
  const { vaultUrl, secretName } = record?.place ?? account;
  return { vaultUrl, secretName, keys, hosts: [] };
}
