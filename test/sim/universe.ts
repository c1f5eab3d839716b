// Everything a simulation can change, in one place that can be copied and put back: the world, the rows, the clock,
// effects under way, and what the checkers remember. The shipped core runs against `ports`, unmodified.
// It must not check anything: see `checkers.ts`.
import { createMemoryPorts, type MemoryPorts } from '../../local/azure/memory/memory-ports.ts';
import type { MemoryRows } from '../../local/azure/memory/memory-records.ts';
import type { KeyValueState } from '../../local/azure/world/key-value.ts';
import type { SecretState, SecretVersionState } from '../../local/azure/world/key-vault.ts';
import { type AccountState, isSearchService, World } from '../../local/azure/world/world.ts';
import { obstacleOf } from '../../src/azure/data-plane/find-kind.ts';
import type { ErrorCode, ServiceName } from '../../src/rotation/errors.ts';
import type { Account, AccountId, Fingerprint, RotationRecord } from '../../src/rotation/model.ts';
import { isSamePlace, type Place } from '../../src/rotation/place.ts';
import type { Report } from './checkers.ts';
import { copyAccount, copyMap, copyMemory, copyRows, copySecret, refill } from './copies.ts';
import { hashOf } from './hash-of.ts';
import { isSpent, type Sent } from './sent.ts';
import { ACCOUNT, SEED, TICK_MS } from './sim-account.ts';
import type { SimHolders } from './sim-holders.ts';

/** An effect whose answer was lost and which happens later. */
export interface LateEffect {
  readonly landsAt: number;
  /** Happens, and is judged. */
  readonly land: (report: Report) => Promise<unknown>;
  /** What it will do. */
  readonly sent: Sent;
}

/** A service that refuses calls for a while. */
export interface Outage {
  readonly service: ServiceName;
  readonly code: ErrorCode;
  /** What the service asks for; absent when it does not say. */
  readonly retryAfterMs?: number;
  /** True when reads are answered all the same. */
  readonly isForEffectsOnly: boolean;
  readonly until: number;
}

/** What the checkers remember between passes. */
export interface Memory {
  /** When Key Vault or the reference last named a value. */
  named: Map<Fingerprint, number>;
  /** When the account last came to rest. */
  idleAt: number | undefined;
  /** Others acted, and no clean pass has been since. */
  isDisturbed: boolean;
  compromised: Set<Fingerprint>;
  /** By request: the value that its words meant when it was stored. */
  meant: Map<string, Fingerprint>;
  /** The place that was left, and since when the next one is published and referenced. */
  left: { readonly place: Place; readonly since: number | undefined } | undefined;
  /** When both keys were last changed by others: an approval of before says nothing. */
  remadeAt: number | undefined;
  /** Passes since a leaked value became known, while it is live. */
  leakedForPasses: number;
  /** A key leaked or others acted, at any time; and the passes for which a holder has been refused since. */
  areHoldersDisturbed: boolean;
  refusedForPasses: number;
  /** Whether anything but clean passes happened since the rotation under way began. */
  isRotationDisturbed: boolean;
}

export interface Snapshot {
  readonly now: number;
  readonly accounts: Map<string, AccountState>;
  readonly secrets: Map<string, SecretState>;
  readonly keyValues: Map<string, KeyValueState>;
  readonly rows: Map<AccountId, MemoryRows>;
  readonly late: readonly LateEffect[];
  readonly outage: Outage | undefined;
  readonly memory: Memory;
  readonly faultsUsed: number;
  readonly movesLeft: readonly string[];
  readonly account: Account;
  readonly holders: SimHolders | undefined;
}

export class Universe {
  now = 1_000_000_000_000;
  readonly world: World;
  readonly ports: MemoryPorts;
  late: readonly LateEffect[] = [];
  outage: Outage | undefined;
  memory: Memory = {
    named: new Map(),
    idleAt: undefined,
    isDisturbed: false,
    compromised: new Set(),
    meant: new Map(),
    left: undefined,
    remadeAt: undefined,
    leakedForPasses: 0,
    areHoldersDisturbed: false,
    refusedForPasses: 0,
    isRotationDisturbed: false,
  };
  /** Faults that a run may have. */
  faultsAllowed = 0;
  faultsUsed = 0;
  movesLeft: readonly string[] = [];
  /** As configured now: an administrator may edit its policy at any time. */
  account: Account;
  /** Several passes run at once: one may repeat what another has just done. */
  isConcurrent = false;
  isDueDriven = false;
  /** From one pass to the next. */
  tickMs = TICK_MS;
  holders: SimHolders | undefined;
  isSkewed = false;
  /** Which node a probe meets, where the nodes do not agree. */
  chooseNode: (count: number) => number = () => 0;

  constructor(account: Account = ACCOUNT) {
    this.account = account;
    let count = 0;
    const next = (): string => String(++count).padStart(8, '0');
    this.world = new World({
      now: () => this.now,
      newKey: () => `key-${next()}`,
      newVersion: () => `version-${next()}`,
      newETag: () => `etag-${next()}`,
      chooseNode: (count) => this.chooseNode(count),
    });
    this.world.addAccount(SEED);
    this.ports = createMemoryPorts(this.world);
  }

  /** How far two instances may disagree about a span. */
  get toleranceMs(): number {
    return this.isSkewed ? 2 * this.account.policy.clockSkewMs : 0;
  }

  get azureAccount(): AccountState {
    return this.world.accounts.get(this.account.id) ?? this.world.account(this.account.id);
  }

  get rows(): MemoryRows {
    return this.ports.records.rowsOf(this.account.id);
  }

  get record(): RotationRecord | undefined {
    return this.rows.entity.record;
  }

  /** Where the account is published; the configuration may differ. */
  get place(): Place {
    return this.record?.place ?? this.account;
  }

  get newest(): SecretVersionState | undefined {
    return this.newestAt(this.place);
  }

  newestAt({ secretName }: Place): SecretVersionState | undefined {
    const secret = this.world.vault.secrets.get(secretName);
    return secret === undefined || secret.deletedAt !== undefined ? undefined : secret.versions.at(-1);
  }

  /** What readers of a place that was left hold, until they have had the maximum overlap to read the next one. */
  get newestLeft(): SecretVersionState | undefined {
    const { left } = this.memory;
    if (left === undefined || isSamePlace(left.place, this.place)) return undefined;
    const isOver = left.since !== undefined && this.now >= left.since + this.account.policy.overlapMaximumMs;
    return isOver ? undefined : this.newestAt(left.place);
  }

  version(id: string | undefined): SecretVersionState | undefined {
    const secret = this.world.vault.secrets.get(this.place.secretName);
    if (secret === undefined || secret.deletedAt !== undefined) return undefined;
    return secret.versions.find((entry) => entry.version === id);
  }

  get versions(): readonly SecretVersionState[] {
    return this.world.vault.secrets.get(this.place.secretName)?.versions ?? [];
  }

  get reference(): KeyValueState | undefined {
    return this.world.store.get(this.place.referenceKey, null);
  }

  /** The version that the reference names, whether it exists or not. */
  get referencedVersion(): string | undefined {
    const value = this.reference?.value;
    return value?.slice(value.lastIndexOf('/') + 1);
  }

  get flag(): KeyValueState | undefined {
    return this.world.store.get(`.appconfig.featureflag/${this.place.flagName}`, null);
  }

  /** Whether a node of the gateway, or every node, takes the value now. */
  accepts(value: string, where: 'somewhere' | 'everywhere' = 'somewhere'): boolean {
    const isAccepted = (_: unknown, node: number): boolean => this.world.acceptsKey(this.account.id, value, node);
    const { nodes } = this.azureAccount.knobs;
    return where === 'somewhere' ? nodes.some(isAccepted) : nodes.every(isAccepted);
  }

  /** Whether no call proves a key of the account's kind. */
  get isUnprovable(): boolean {
    return obstacleOf(this.azureAccount.seed.kind) !== undefined;
  }

  /** Whether the network lets no probe through. */
  get isShut(): boolean {
    return this.azureAccount.knobs.isDeniedByFirewall;
  }

  /** Whether a dead key and a closed network get the same answer. The network may have been closed a moment ago. */
  get isAmbiguous(): boolean {
    return isSearchService(this.azureAccount.seed);
  }

  /** Whether the data plane gives no verdict on any key. */
  get isWithoutVerdict(): boolean {
    return this.isUnprovable || this.isShut;
  }

  /** For how long the slowest node accepts a value that is no key any more. */
  get lagOldMs(): number {
    return Math.max(...this.azureAccount.knobs.nodes.map(({ acceptsOldForMs }) => acceptsOldForMs));
  }

  isLive(value: string): boolean {
    const { keys } = this.azureAccount;
    return keys.key1.value === value || keys.key2.value === value;
  }

  isLiveFingerprint(fingerprint: Fingerprint | undefined): boolean {
    const { keys } = this.azureAccount;
    return fingerprint === hashOf(keys.key1.value) || fingerprint === hashOf(keys.key2.value);
  }

  snapshot(): Snapshot {
    return {
      now: this.now,
      accounts: copyMap(this.world.accounts, copyAccount),
      secrets: copyMap(this.world.vault.secrets, copySecret),
      keyValues: new Map(this.world.store.keyValues),
      rows: copyMap(this.ports.records.rows, copyRows),
      late: this.late,
      outage: this.outage,
      memory: copyMemory(this.memory),
      faultsUsed: this.faultsUsed,
      movesLeft: this.movesLeft,
      account: this.account,
      holders: this.holders,
    };
  }

  restore(snapshot: Snapshot): void {
    this.now = snapshot.now;
    refill(this.world.accounts, snapshot.accounts, copyAccount);
    refill(this.world.vault.secrets, snapshot.secrets, copySecret);
    refill(this.world.store.keyValues, snapshot.keyValues, (entry) => entry);
    refill(this.ports.records.rows, snapshot.rows, copyRows);
    this.late = snapshot.late;
    this.outage = snapshot.outage;
    this.memory = copyMemory(snapshot.memory);
    this.faultsUsed = snapshot.faultsUsed;
    this.movesLeft = snapshot.movesLeft;
    this.account = snapshot.account;
    this.holders = snapshot.holders;
  }

  /** Does something to the universe, and puts it back as it was. */
  aside(act: () => void): void {
    const before = this.snapshot();
    act();
    this.restore(before);
  }

  /** Lets go of what nothing can read any more: told history, versions that nobody names, effects that will be refused. */
  prune(): void {
    this.late = this.late.filter(({ sent }) => !isSpent(this, sent));
    this.rows.history.length = 0;
    const left = this.memory.left?.place.secretName;
    const former =
      left === undefined || left === this.place.secretName ? undefined : this.world.vault.secrets.get(left);
    if (former !== undefined) former.versions = former.versions.slice(-1);
    const secret = this.world.vault.secrets.get(this.place.secretName);
    if (secret === undefined) return;
    const { record, rows } = this;
    const named = new Set<string | undefined>([
      this.referencedVersion,
      this.flag?.tags['SecretVersion'],
      record?.published.version,
      ...(record !== undefined && 'superseded' in record ? [record.superseded.version, ...record.versions] : []),
      ...rows.acknowledgements.map(({ version }) => version),
      // A late effect may still point there.
      ...this.late.map(({ sent }) => ('version' in sent ? sent.version : undefined)),
    ]);
    secret.versions = secret.versions.filter((entry) => entry === this.newest || named.has(entry.version));
  }
}
