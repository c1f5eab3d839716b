// The ports of the core. Each states its obligations; adapters and in-memory ports pass the same contract suite.
// Every effect MAY HAVE HAPPENED even if its promise is rejected: the core always observes again.
import type { HistoryDraft } from './history.ts';
import type {
  Account,
  AccountId,
  Acknowledgement,
  ETag,
  Fingerprint,
  OwnerId,
  Pause,
  RecordRead,
  RequestClosing,
  RequestMark,
  RotationId,
  RotationRecord,
  SecretVersion,
  Slot,
  StoredRequest,
} from './model.ts';
import type { OtherInstallation } from './place.ts';
import type { SecretValue } from './secret.ts';
import type { ProbeVerdict } from './verdict.ts';

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

export type KeyPair = Readonly<Record<Slot, SecretValue>>;

/** The calls that ARM counts against the limit of a subscription. */
export type KeysCall = 'list' | 'regenerate';
/** A pass about a leaked value may use the reserve of each limit. */
export type Urgency = 'routine' | 'compromised';

/** The account's two keys (ARM). No call is sent twice by the adapter: `regenerate` is not idempotent. */
export interface KeysPort {
  /**
   * Sets one call aside for this pass, before anything is read or recorded for it. Sends nothing and never waits. While
   * the limit of the subscription is used up, it throws `Throttled` with the time to come back.
   */
  admit(account: Account, call: KeysCall, urgency: Urgency): Promise<void>;
  list(account: Account): Promise<KeyPair>;
  /** Gives `slot` a new value and returns both keys. May have happened, once, even if this throws. */
  regenerate(account: Account, slot: Slot): Promise<KeyPair>;
}

export type NewestSecret =
  /** Never returned by the port: a read of the secret failed, or an attempt to write it was not answered. */
  | { readonly state: 'unknown'; readonly cause: string }
  | { readonly state: 'missing' }
  | { readonly state: 'disabled' }
  | {
      readonly state: 'enabled';
      readonly version: SecretVersion;
      readonly value: SecretValue;
      readonly tags: SecretTags;
      readonly held: HeldMarks;
      /** To the second; absent if the service does not return it. */
      readonly createdAt?: number;
    };

/** The tags that mark a version as ours; all are optional because anyone may write a version. */
export interface SecretTags {
  readonly slot?: Slot;
  readonly accountId?: string;
  readonly rejectedAt?: string;
  /** Present if another installation of this service published the version. */
  readonly otherInstallation?: OtherInstallation;
}

/** What others have written on a version, so that the next one keeps it. Only the adapter looks into it. */
export interface HeldMarks {
  readonly tags: Readonly<Record<string, string>>;
  /** Absent if it is the service's own. */
  readonly contentType?: string;
}

export type SecretVersionRead =
  | { readonly state: 'missing' }
  | { readonly state: 'disabled'; readonly tags: SecretTags }
  | { readonly state: 'enabled'; readonly value: SecretValue; readonly tags: SecretTags };

export interface PublishContent {
  readonly value: SecretValue;
  readonly slot: Slot;
  readonly rotationId: RotationId;
  /** When the version is due to be replaced; the adapter writes it as the secret's expiry. */
  readonly expiresAt: number;
  readonly validityMs: number;
  /** Of the version that is replaced; absent if it could not be read. */
  readonly held?: HeldMarks;
}

/** The account's secret (Key Vault). */
export interface SecretsPort {
  readNewest(account: Account): Promise<NewestSecret>;
  readVersion(account: Account, version: SecretVersion): Promise<SecretVersionRead>;
  /**
   * One write of value and tags: the commit point. Each success is a new version. May have happened even if this
   * throws.
   */
  publish(account: Account, content: PublishContent): Promise<SecretVersion>;
  /** In one write, disables the version and marks it as rejected by a probe. May have happened even if this throws. */
  disable(account: Account, version: SecretVersion, rejectedAt: number): Promise<void>;
}

/** The content of a key-value besides our own, so that a write keeps it. Only the adapter looks into it. */
export interface HeldContent {
  readonly value: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ReferenceRead {
  readonly etag: ETag;
  readonly held: HeldContent;
  /** The named version; absent if the reference names none, names another secret, or cannot be understood. */
  readonly version?: SecretVersion;
}

export interface FlagRead {
  readonly etag: ETag;
  readonly held: HeldContent;
  readonly slot?: Slot;
  /** The version that the flag is stamped with. */
  readonly version?: SecretVersion;
}

/** Absent key-values are `undefined`. */
export interface Announcement {
  readonly reference: ReferenceRead | undefined;
  readonly flag: FlagRead | undefined;
}

/** Reference and flag (App Configuration). Writes depend on the ETag of `former` (`undefined`: must not exist). */
export interface AnnouncementsPort {
  read(account: Account): Promise<Announcement>;
  /** Throws `LostRace` when the ETag no longer matches. May have happened even if this throws. */
  writeReference(account: Account, version: SecretVersion, former: ReferenceRead | undefined): Promise<ReferenceRead>;
  writeFlag(account: Account, slot: Slot, version: SecretVersion, former: FlagRead | undefined): Promise<FlagRead>;
}

/** The result of a probe. The core decides on `verdict`; the rest says for people why it was given. */
export interface ProbeResult {
  readonly verdict: ProbeVerdict;
  readonly finding:
    | 'live'
    | 'liveOutOfQuota'
    | 'dead'
    | 'throttled'
    | 'deniedByNetwork'
    | 'deadOrKeptOut'
    | 'keyAuthenticationOff'
    | 'wrongEndpoint'
    | 'unreachable'
    | 'notUnderstood'
    /** Nothing was sent: no call proves a key of this kind of account. */
    | 'noProof';
  readonly status?: number;
  readonly detail?: string;
}

/** Sends one harmless data-plane call with a given key. Never throws for an answer; changes nothing. */
export interface ProbesPort {
  probe(account: Account, value: SecretValue): Promise<ProbeResult>;
}

export interface Lease {
  readonly owner: OwnerId;
  readonly expiresAt: number;
}

/** The end of the last pass that noted it. For people only: `decide` never reads it. */
export interface PassSummary {
  readonly at: number;
  readonly reason: string;
  readonly isBlocked: boolean;
  readonly since: number;
  /** What the pass found, in a sentence, if the reason alone does not say it. */
  readonly detail?: string | undefined;
  /** Passes in a row that ended with an error. */
  readonly failures: number;
  /** The block seen before the failures began. Unknown whether it still holds. */
  readonly interrupted?: { readonly reason: string; readonly since: number } | undefined;
}

/** The one entity per account. */
/** What is known of an account besides its rotation. For people: no decision depends on it. */
export interface AccountNotes {
  /** As Azure Resource Manager has named them to a process that wrote the record. */
  readonly kind?: string;
  readonly location?: string;
  /** By slot: the last regenerate by this service. */
  readonly renewed?: Readonly<Partial<Record<Slot, Renewal>>>;
}

export interface Renewal {
  readonly at: number;
  /** The value, once it was published. */
  readonly fingerprint?: Fingerprint;
}

export interface StoredEntity {
  readonly lease: Lease | undefined;
  readonly record: RotationRecord | undefined;
  /** When the timer should look again, milliseconds since the epoch; when written at most `LOOK_WITHIN_MS` ahead. */
  readonly nextObservationAt: number;
  readonly lastPass: PassSummary | undefined;
  /** Counts the writes of this entity. */
  readonly revision: number;
  /** How the account was configured when this was written; absent if its configuration was never valid. */
  readonly configured?: Configured | undefined;
  readonly notes?: AccountNotes | undefined;
}

/** However rarely a policy looks at an account: a stored look must not wait for a clock that is later set back. */
export const LOOK_WITHIN_MS = 24 * 3_600_000;

/** Further ahead than this is no look that a clock in order has written. An hour more than the clocks of two may differ. */
export const LOOK_BEYOND_MS = LOOK_WITHIN_MS + 3_600_000;

/** Whether the instant of a stored look has come, or cannot be right. */
export function isLookDue(at: number, now: number): boolean {
  return at <= now || at > now + LOOK_BEYOND_MS;
}

/** The configuration that an emergency needs to act on an account while App Configuration does not answer. */
export type Configured = Omit<Account, 'id' | 'subscriptionId' | 'resourceGroup' | 'name'>;

export interface StoredAccount {
  /** `undefined` when the entity does not exist. */
  readonly etag: ETag | undefined;
  readonly record: RecordRead;
  readonly entity: StoredEntity;
  /** Open and recently closed. */
  readonly requests: readonly StoredRequest[];
  readonly acknowledgements: readonly Acknowledgement[];
  readonly pause: Pause | undefined;
}

export interface HistoryEntry extends HistoryDraft {
  readonly at: number;
  readonly rotationId: RotationId;
}

export interface RecordWrite {
  readonly entity: StoredEntity;
  /** At most `CLOSINGS_PER_WRITE`: the size of a transaction is limited. */
  readonly closes: readonly RequestClosing[];
  readonly marks?: readonly RequestMark[];
  readonly history: readonly HistoryEntry[];
  readonly at: number;
}

/** Each takes four operations, with its line in the history. A transaction holds at most a hundred. */
export const CLOSINGS_PER_WRITE = 20;

export interface StatusRow {
  readonly accountId: AccountId;
  readonly record: RecordRead;
  readonly nextObservationAt: number;
  readonly lastPass: PassSummary | undefined;
  readonly notes?: AccountNotes | undefined;
}

/** A record of another account with the same ARM name. Only its keys show whether it is the same account. */
export interface Namesake {
  readonly accountId: AccountId;
  readonly record: RotationRecord;
}

/** At most this many are read for one adoption. */
export const NAMESAKES_MAXIMUM = 20;

/** The record of an account (Azure Tables), with its requests: one transaction per write. */
export interface RecordsPort {
  read(account: Account): Promise<StoredAccount>;
  /** Up to `NAMESAKES_MAXIMUM` readable records of other ids with the same ARM name, without regard to case. */
  readNamesakes(account: Account): Promise<readonly Namesake[]>;
  /**
   * Compare-and-swap of the entity (`expected` undefined: must not exist) together with its closings, history and
   * notification rows: all or nothing. Throws `LostRace` on a mismatch. May have happened even if this throws.
   */
  write(account: Account, expected: ETag | undefined, change: RecordWrite): Promise<ETag>;
}

export interface Ports {
  readonly keys: KeysPort;
  readonly secrets: SecretsPort;
  readonly announcements: AnnouncementsPort;
  readonly probes: ProbesPort;
  readonly records: RecordsPort;
}
