// The service in virtual time over the in-memory Azure, with holders that live beside it, and their applications.

import { createHolderRecords } from '../../../src/azure/table/holders.ts';
import type { HolderParts } from '../../../src/holders/ports.ts';
import type { Account, RequestId, Slot } from '../../../src/rotation/model.ts';
import type { PassReport } from '../../../src/rotation/pass/reconcile.ts';
import { HolderWorld } from '../../support/holder-world.ts';
import { MemoryStage } from '../memory-stage.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The holders that are found are all applications, and each is observed. */
export const OBSERVED = { consumers: ['holders'], overlapMinimumMs: HOUR } as const;

export class HolderStage extends MemoryStage {
  readonly holders = new HolderWorld(this.world, () => this.now);
  readonly records = createHolderRecords({ table: this.table });
  /** The holders whose application called with a key that was refused. */
  readonly failures: string[] = [];
  /** Changes of the parts, for broken ones. */
  change: (parts: HolderParts) => HolderParts = (parts) => parts;

  async adoptWith(policy: Partial<Account['policy']>): Promise<Account> {
    const adopted = await this.adopt('shop');
    const account = { ...adopted, policy: { ...adopted.policy, ...policy } };
    this.accounts.splice(0, 1, account);
    return account;
  }

  look(account: Account): Promise<PassReport> {
    const { keys } = this.ports;
    const regenerate: typeof keys.regenerate = (of, slot) => {
      // Next to the calls of holders, so that a test sees their order.
      this.holders.calls.push(`regenerate ${slot}`);
      return keys.regenerate(of, slot);
    };
    const ports = { ...this.ports, keys: { ...keys, regenerate } };
    return this.pass(account, { ports, holders: this.change(this.holders.parts(this.records)) });
  }

  /** Passes when the account or its holders are due. The applications call before and after, at least every six hours. */
  async live(account: Account, ms: number): Promise<void> {
    for (const end = this.now + ms; this.now < end; ) {
      this.now = Math.min(end, Math.max(this.now + MINUTE, Math.min(this.#dueAt(), this.now + 6 * HOUR)));
      this.holders.tick();
      this.call(account);
      if (this.#dueAt() <= this.now) await this.look(account);
      this.call(account);
    }
  }

  /** One call of each application with the key that it has. */
  call({ id }: Account): void {
    const held = [
      ...this.holders.apps.map((app) => [app.id, app.environment] as const),
      ...this.holders.connections.map((connection) => [connection.id, connection.value] as const),
    ];
    for (const [holder, value] of held) if (!this.world.acceptsKey(id, value)) this.failures.push(holder);
  }

  async recordOf(account: Account) {
    const { record } = await this.ports.records.read(account);
    if (record.state !== 'present') throw new Error('The account has no record.');
    return record.record;
  }

  /** Lives until the record is in the phase, at most `ms`. */
  async liveUntil(account: Account, phase: string, ms: number): Promise<void> {
    for (const end = this.now + ms; (await this.recordOf(account)).phase !== phase && this.now < end; )
      await this.live(account, 10 * MINUTE);
  }

  async request(account: Account, kind: 'rotate' | 'rollBack' | 'approve' | 'compromised', named?: Slot | 'published') {
    const id = `request-${this.now}` as RequestId;
    const request = { id, kind, reason: 'test', by: 'operator', at: this.now };
    await this.ports.records.insertRequest(account, named === undefined ? request : { ...request, named }, []);
  }

  async knownHolders(account: Account) {
    return (await this.records.read(account)).known;
  }

  async lastPass(account: Account) {
    return (await this.ports.records.read(account)).entity.lastPass;
  }

  #dueAt(): number {
    const rows = [...this.table.rows.values()].filter(({ rowKey }) => rowKey.startsWith('a|'));
    return Math.min(...rows.map((row) => Number(row['nextObservationAt'] ?? Number.POSITIVE_INFINITY)));
  }
}
