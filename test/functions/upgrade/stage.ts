// The service of one release over an in-memory Azure, in virtual time, that can be saved and loaded by another release.
// It is the entry of the bundle that is kept of each release (`main.ts`). Its methods and `Archive` are what the releases
// of a test have in common, so they stay as they are. It must not import a test library or a client of an SDK.
import type { InvocationContext } from '@azure/functions';
import { MemoryTable } from '../../../local/azure/memory/memory-table.ts';
import { type AccountState, World } from '../../../local/azure/world/world.ts';
import type { Row } from '../../../src/azure/table/rows/columns.ts';
import type { Delivery, ReceiverPort } from '../../../src/notify/ports.ts';
import type { Account } from '../../../src/rotation/model.ts';
import { runDelivery } from '../../../src/triggers/delivery.ts';
import { runDiscovery } from '../../../src/triggers/discovery.ts';
import { runQueuedPass } from '../../../src/triggers/queue.ts';
import { batchesOf } from '../../../src/triggers/queue-batches.ts';
import { runTick } from '../../../src/triggers/tick.ts';
import { TEST_RESOURCE_GROUP, TEST_SUBSCRIPTION } from '../../support/account.ts';
import { type Archive, type ArchivedAccount, keyOf, rowOfWire, wireRowOf } from './archive-format.ts';
import { createParts, type ReleaseParts, type Surroundings } from './parts.ts';

const TICK_MS = 300_000;
/** Later instants are those of rows that are never due. */
const NEVER_DUE = 9_999_999_999_999;
/** An account that was there from the beginning: JSON knows no infinity. */
const ALWAYS = 0;

/** What the service did to the keys, and what it told. */
export interface Deed {
  readonly at: number;
  readonly account: string;
  readonly deed: string;
}

export class ReleaseStage implements Surroundings {
  now: number;
  made: number;
  readonly table = new MemoryTable();
  readonly world: World;
  readonly deeds: Deed[] = [];
  /** Lines of the log by their event, each with its fields. */
  readonly said: Readonly<Record<string, unknown>>[] = [];
  readonly documents: Map<string, object>;
  messages: unknown[];
  readonly parts: ReleaseParts;
  /** What an outside condition refuses, by the name of the account. */
  readonly refused = { regenerate: new Set<string>(), publish: new Set<string>() };
  /** The receiver's answer to a notification. */
  answer: (type: string, subject: string) => Delivery = () => ({ kind: 'taken' });
  /** The number of each key, version and owner. */
  readonly #numbers = new Map<string, number>();

  private constructor({
    now,
    made,
    documents,
    messages,
  }: Omit<Archive, 'accounts' | 'secrets' | 'keyValues' | 'rows'>) {
    this.now = now;
    this.made = made;
    this.documents = new Map(Object.entries(documents));
    this.messages = [...messages];
    this.world = new World({
      now: () => this.now,
      newKey: () => this.#key(++this.made),
      newVersion: () => keyOf(++this.made),
      newETag: () => `${++this.made}`.padStart(43, 'e'),
      chooseNode: () => 0,
    });
    this.parts = createParts(this);
  }

  static begin(now: number): ReleaseStage {
    return new ReleaseStage({ now, made: 0, documents: {}, messages: [] });
  }

  static async load(archive: Archive): Promise<ReleaseStage> {
    const stage = new ReleaseStage(archive);
    const { world, table } = stage;
    for (const account of archive.accounts) stage.#put(account);
    for (const { name, key, version, ...rest } of archive.secrets) {
      const secret = world.vault.secrets.get(name) ?? { name, versions: [], deletedAt: undefined };
      world.vault.secrets.set(name, secret);
      const fixed = { contentType: undefined, notBefore: undefined, expires: undefined, updated: rest.created };
      secret.versions.push({ ...fixed, ...rest, version, value: stage.#key(key) });
    }
    for (const { key, ...content } of archive.keyValues) world.store.set(key, null, content);
    for (const row of archive.rows) await table.transact('load', [['create', rowOfWire(row)]], NO_DEADLINE);
    stage.made = archive.made + 1_000;
    stage.#observe();
    return stage;
  }

  save(): Archive {
    const { now, made, documents, messages, world, table } = this;
    return {
      now,
      made,
      documents: Object.fromEntries(documents),
      accounts: [...world.accounts.values()].map(({ seed, tags, createdAt, keys, superseded }) => ({
        name: seed.name,
        tags,
        createdAt,
        keys: [keys.key1, keys.key2].map(({ value, since }) => ({
          key: this.#numberOf(value),
          since: Number.isFinite(since) ? since : ALWAYS,
        })),
        superseded: superseded.map(({ value, replacedAt }) => ({ key: this.#numberOf(value), replacedAt })),
      })),
      secrets: [...world.vault.secrets].flatMap(([name, { versions }]) =>
        versions.map(({ version, value, tags, contentType, isEnabled, created }) => ({
          name,
          version,
          key: this.#numberOf(value),
          tags,
          ...(contentType === undefined ? {} : { contentType }),
          isEnabled,
          created,
        })),
      ),
      keyValues: [...world.store.keyValues.values()].map(({ key, value, tags }) => ({ key, value, tags })),
      messages,
      rows: [...table.rows.values()].sort((a, b) => (a.rowKey < b.rowKey ? -1 : 1)).map(wireRowOf),
    };
  }

  add(name: string, tags: Readonly<Record<string, string>> = {}): AccountState {
    const keys = [0, 1].map(() => ({ key: ++this.made, since: ALWAYS }));
    this.#put({ name, tags, createdAt: this.now, keys, superseded: [] });
    this.#observe();
    return this.world.accountNamed(name);
  }

  async account(name: string): Promise<Account> {
    const found = (await this.parts.fleet()).accounts.find((account) => account.name === name);
    if (found === undefined) throw new Error(`${name} is not configured.`);
    return found;
  }

  /** A value that is no key of any account. */
  strangeValue(): string {
    return this.#key(++this.made);
  }

  /** Ticks, each with its messages and its notifications, until there is nothing due up to `until`. */
  async run(until: number): Promise<void> {
    for (let next = this.#next(); next <= until; next = this.#next()) {
      this.now = next;
      await this.tick();
    }
    this.now = Math.max(this.now, until);
  }

  readonly send: ReceiverPort['send'] = ({ type, subject, time }) => {
    const delivery = this.answer(type, subject);
    const account = subject.slice(subject.lastIndexOf('/') + 1);
    if (delivery.kind === 'taken') this.deeds.push({ at: this.now, account, deed: `${type} of ${time}` });
    return Promise.resolve(delivery);
  };

  async tick(): Promise<void> {
    this.messages.push(...(await runTick(this.parts, this.#context('reconcile-on-schedule'))));
    await this.work();
    await runDelivery(this.parts, this.#context('deliver-notifications'));
  }

  /** Leaves the accounts to the queue, as a tick does that has no time for them. */
  queue(accounts: readonly Account[]): void {
    this.messages.push(...batchesOf(accounts.map(({ id }) => id)));
  }

  /** Handles the messages of the queue. */
  async work(): Promise<void> {
    for (const message of this.messages.splice(0)) {
      await runQueuedPass(this.parts, message, this.#context('reconcile-queued'));
    }
  }

  search(): Promise<void> {
    return runDiscovery(this.parts, this.#context('discover-accounts'));
  }

  /** The next tick after now at which an account, a campaign or a notification is due. */
  #next(): number {
    const due = [...this.table.rows.values()].map(dueAt).filter((at) => at < NEVER_DUE);
    return (Math.floor(Math.max(this.now, Math.min(NEVER_DUE, ...due) - 1) / TICK_MS) + 1) * TICK_MS;
  }

  #key(number: number): string {
    const value = keyOf(number);
    this.#numbers.set(value, number);
    return value;
  }

  #numberOf(value: string): number {
    const number = this.#numbers.get(value);
    if (number === undefined) throw new Error('A value of unknown origin cannot be kept.');
    return number;
  }

  #put({ name, tags, createdAt, keys, superseded }: ArchivedAccount): void {
    const place = { subscriptionId: TEST_SUBSCRIPTION, resourceGroup: TEST_RESOURCE_GROUP, location: 'westeurope' };
    const state = this.world.addAccount({ ...place, name, kind: 'TextAnalytics', keyShape: 'hex32', tags });
    const [key1 = { key: 0, since: 0 }, key2 = key1] = keys;
    state.keys.key1 = { value: this.#key(key1.key), since: key1.since };
    state.keys.key2 = { value: this.#key(key2.key), since: key2.since };
    state.superseded = superseded.map(({ key, replacedAt }) => ({ value: this.#key(key), replacedAt }));
    Object.assign(state, { createdAt });
  }

  #observe(): void {
    const note = (account: string, deed: string): void => void this.deeds.push({ at: this.now, account, deed });
    this.world.onAction = (id, action) => {
      if (action !== 'regenerateKey') return;
      const { keys, seed } = this.world.account(id);
      note(seed.name, `regenerate ${keys.key1.since > keys.key2.since ? 'key1' : 'key2'}`);
    };
    this.world.vault.onNewVersion = (name) => note(name.replace(/-key$/, ''), 'publish');
  }

  #context(functionName: string): InvocationContext {
    const line = (text: string): void => void this.said.push(JSON.parse(text) as Record<string, unknown>);
    const sink = {
      functionName,
      invocationId: 'invocation',
      debug: () => undefined,
      info: line,
      warn: line,
      error: line,
    };
    return sink as unknown as InvocationContext;
  }
}

const NO_DEADLINE = {} as never;

/** Open requests are always due: while their account waits they cost a look at each tick, and nothing else. */
function dueAt({ rowKey, nextAttemptAt, nextObservationAt }: Row): number {
  if (rowKey.startsWith('o|')) return Number(nextAttemptAt ?? 0);
  const isOfAccount = rowKey.startsWith('a|') && (rowKey.endsWith('|0') || rowKey.endsWith('|run'));
  return isOfAccount && nextObservationAt !== undefined ? Number(nextObservationAt) : NEVER_DUE;
}
