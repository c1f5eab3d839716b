// The types of the state machine: persisted state (record, requests) and reads of the world (observation).
// Decisions are in `step.ts`.
import type { FormerPlace, FormerSeen, OtherInstallation, Place, Predecessor } from './place.ts';
import type { RequestKind, RequestOutcome, Risk, StartReason } from './reasons.ts';
import type { Verdicts } from './verdict.ts';

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** Lower-cased ARM id of the account. */
export type AccountId = Branded<string, 'AccountId'>;
/** The name of the account for people: letters, digits, hyphens. */
export type AccountAlias = Branded<string, 'AccountAlias'>;
/** First 16 hex digits of the SHA-256 of a key. */
export type Fingerprint = Branded<string, 'Fingerprint'>;
/** Key Vault's version of a secret, 32 hex digits. */
export type SecretVersion = Branded<string, 'SecretVersion'>;
/** Counts the rotations of one account from 1; 0 is the adoption. */
export type RotationId = Branded<number, 'RotationId'>;
/** The `Idempotency-Key` under which an operator's wish was stored. */
export type RequestId = Branded<string, 'RequestId'>;
/** One pass of one process; never used twice. */
export type OwnerId = Branded<string, 'OwnerId'>;
/** ETag of a stored row or key-value, quoted as the service gave it. */
export type ETag = Branded<string, 'ETag'>;

export type Slot = 'key1' | 'key2';
export const SLOTS: readonly Slot[] = ['key1', 'key2'];
export function otherSlot(slot: Slot): Slot {
  return slot === 'key1' ? 'key2' : 'key1';
}

/** Whether an account may be acted on, and if not, when it next may; instants in milliseconds since the epoch. */
export type WindowState =
  | { readonly isOpen: true }
  /** `opensAt` is absent if no opening is known. */
  | { readonly isOpen: false; readonly opensAt?: number };

/** How one account is rotated. Spans in milliseconds. */
export interface Policy {
  readonly rotationIntervalMs: number;
  readonly overlapMinimumMs: number;
  readonly overlapMaximumMs: number;
  /** Applies when the maximum overlap is over and a required consumer has not acknowledged. */
  readonly onMissing: 'hold' | 'proceed';
  /** Whether holders that were not seen hold back a rotation; absent: `hold`. The core does not read it. */
  readonly onUnseen?: 'hold' | 'proceed' | undefined;
  /** Names of the consumers that must acknowledge. Empty means unknown, never "all". */
  readonly consumers: readonly string[];
  /** How long the gateway's nodes get to learn of a new key before it may be published. */
  readonly activationForMs: number;
  /** How many probes in a row, each on a connection of its own, must accept a new key before it is published. */
  readonly verifyProbes: number;
  /** How long a new key may be rejected before it is an alert. */
  readonly activationPatienceMs: number;
  /** How long an emergency waits for a verdict on the key that is to replace the leaked one. */
  readonly emergencyPatienceMs: number;
  /** How long a superseded value may stay accepted before the rotation ends without proof. */
  readonly confirmForMs: number;
  /** For how long a superseded value must have been rejected before its death is proven. */
  readonly confirmOverMs: number;
  /** How many probes in a row, each on a connection of its own, must reject a superseded value. */
  readonly confirmProbes: number;
  /** Regenerates without effect before the account is blocked. */
  readonly attemptsMaximum: number;
  /** Time between two looks at an account with nothing due. */
  readonly observeEveryMs: number;
  /** Shortest and longest time between two passes that wait for the outside world. */
  readonly backOffMinimumMs: number;
  readonly backOffMaximumMs: number;
  readonly leaseMs: number;
  readonly callDeadlineMs: number;
  /** How far the clocks of two instances may be apart. */
  readonly clockSkewMs: number;
  /** At least lease + call deadline + clock skew: a regenerate is not repeated earlier. */
  readonly settleMs: number;
  /** Spread of due dates, chosen per account and stored with the record. */
  readonly jitterMs: number;
  readonly standbyIsFree: boolean;
  /**
   * Takes Azure Resource Manager's list of keys for enough, where no call proves a key of the kind. Absent: the data
   * plane must accept a key.
   */
  readonly verification?: 'listing' | undefined;
  readonly isObserveOnly: boolean;
  readonly isFrozen: boolean;
  /** The account is configured no longer: `atRest`: its rotation is finished first; `now`: Azure says it is gone. */
  readonly leaves?: 'atRest' | 'now';
  /**
   * The configured policy is not valid. These are the last valid or the built-in values: no rotation begins on them.
   */
  readonly isInvalid?: true;
  /**
   * The windows and blackouts, as a pure function of the instant: a policy is read once and used for hours, while
   * windows open and close. Absent: always open.
   */
  readonly windowAt?: (instant: number) => WindowState;
}

/** A version of the account's secret that the record has followed. */
export interface PublishedVersion {
  readonly slot: Slot;
  readonly version: SecretVersion;
  readonly fingerprint: Fingerprint;
}

/** The intent to regenerate the published slot, on an operator's word that the leak is worse than an outage. */
export interface SacrificeIntent {
  readonly slot: Slot;
  /** The leaked value that is to be replaced. */
  readonly before: Fingerprint;
  readonly attemptAt: number;
}

interface RecordBase {
  readonly rotationId: RotationId;
  /** The version last followed. */
  readonly published: PublishedVersion;
  /** Where that is; absent in records of earlier versions. */
  readonly place?: Place;
  /** Present while the account moves from another place. */
  readonly former?: FormerPlace;
  /** The last sacrifice of the rotation under way, or of the time at rest. */
  readonly sacrifice?: SacrificeIntent;
}

export interface IdleRecord extends RecordBase {
  readonly phase: 'idle';
  /** When the account came to rest, with this standby key; the interval counts from here. */
  readonly rotatedAt: number;
  readonly jitterMs: number;
  readonly standby?: Fingerprint;
  /** Present until the first rotation begins. */
  readonly adoptedAt?: number;
  /** An operator's word that nothing uses the standby key. */
  readonly standbyApprovedAt?: number;
  readonly last?: {
    readonly rotationId: RotationId;
    readonly outcome: 'completed' | 'rolledBack';
    /** When the data plane rejected the superseded value; absent when that was never seen. */
    readonly provenAt?: number;
  };
}

export interface PreparingRecord extends RecordBase {
  readonly phase: 'preparing';
  readonly reason: StartReason;
  readonly requestId?: RequestId;
  /** Fingerprint of the standby value that the regenerate is to replace. */
  readonly before: Fingerprint;
  readonly attemptAt: number;
  readonly attempts: number;
}

interface OverlapFields {
  readonly superseded: PublishedVersion;
  /** When reference and flag were both seen in line with the published version. */
  readonly since: number;
  readonly rolledBack: boolean;
  /** Versions followed since the superseded one: an acknowledgement of any of them counts. */
  readonly versions: readonly SecretVersion[];
}

export interface PropagatingRecord extends RecordBase, OverlapFields {
  readonly phase: 'propagating';
}

export interface RetiringRecord extends RecordBase, OverlapFields {
  readonly phase: 'retiring';
  readonly enteredAt: number;
  /** Since when every probe has rejected the superseded value; absent before that, and after an acceptance. */
  readonly rejectedSince?: number | undefined;
  /** When a probe last accepted the superseded value: the longer a node lags, the longer the value must be rejected. */
  readonly acceptedAt?: number;
  /** Absent if the superseded key was already gone when the phase began. */
  readonly attemptAt?: number;
  readonly attempts: number;
}

export type RotationRecord = IdleRecord | PreparingRecord | PropagatingRecord | RetiringRecord;
export type Phase = RotationRecord['phase'];

export type RecordRead =
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly detail: string }
  | { readonly state: 'present'; readonly record: RotationRecord };

/** An operator's recorded wish. `by` and `reason` go to the history as they are. */
export interface Request {
  readonly id: RequestId;
  readonly kind: RequestKind;
  readonly reason: string;
  readonly by: string;
  readonly at: number;
  /** compromised: how the operator named the leaked key; absent when its fingerprint was given. */
  readonly named?: Slot | 'published';
  /** compromised: the value that must die. Absent until a pass has read which value the name means. */
  readonly fingerprint?: Fingerprint;
  /** compromised: how long both keys stay valid. Absent: not at all. */
  readonly overlapMs?: number;
  /** compromised: the risk that the operator accepts. */
  readonly accepts?: Risk;
  /** compromised: when the value was seen to be no longer a key. The request stays open for the proof of its death. */
  readonly replacedAt?: number;
}

/** A request with its end, as kept for the operator who made it. */
export interface StoredRequest extends Request {
  readonly closedAt?: number;
  readonly outcome?: RequestOutcome;
  readonly rotationId?: RotationId;
}

export interface RequestClosing {
  readonly id: RequestId;
  readonly outcome: RequestOutcome;
  readonly rotationId?: RotationId;
}

/** A note of a pass on a request that stays open. */
export interface RequestMark {
  readonly id: RequestId;
  /** The value that the request names. */
  readonly fingerprint?: Fingerprint;
  /** When that value was seen to be no longer a key. */
  readonly replacedAt?: number;
}

export interface Acknowledgement {
  readonly consumer: string;
  readonly version: SecretVersion;
  readonly at: number;
}

export interface Pause {
  readonly by: string;
  readonly reason: string;
  readonly at: number;
}

/** The newest version of the secret. Judged by its value; tags only distinguish "ours but dead" from "not ours". */
export type Published =
  /** Key Vault could not be read; an emergency goes on with the record. `cause`: for people. */
  | { readonly state: 'unknown'; readonly cause?: string }
  | { readonly state: 'none' }
  | { readonly state: 'disabled' }
  /** `createdAt`: when Key Vault made the version, to the second; absent if that is not known. */
  | ({ readonly state: 'live' | 'dead'; readonly createdAt?: number } & PublishedVersion)
  /** `installations`: present if another installation of this service published it. */
  | { readonly state: 'foreign'; readonly version: SecretVersion; readonly installations?: OtherInstallation };

/** Whether App Configuration is in line with the newest version. */
export type Announced =
  /** `cause`: why App Configuration could not be read, for people. */
  | { readonly state: 'unknown'; readonly cause?: string }
  | {
      readonly state: 'read';
      readonly isReferenceInLine: boolean;
      readonly isFlagInLine: boolean;
      /** The version that the reference names, if it names one. */
      readonly referencedVersion?: SecretVersion;
    };

/** The superseded version in Key Vault, as far as this pass has read it. */
export type SupersededVersion = 'unread' | 'enabled' | 'markedRejected' | 'disabledByOthers' | 'missing';

/** Everything `decide` may look at. Values appear as fingerprints only. */
export interface Observation extends Verdicts<Fingerprint> {
  readonly record: RecordRead;
  /** The open requests. */
  readonly requests: readonly Request[];
  readonly acknowledgements: readonly Acknowledgement[];
  readonly isPaused: boolean;
  /** Where this pass works (`workingPlace`). */
  readonly place: Place;
  /** Present while the account moves. */
  readonly former?: FormerSeen<SecretVersion, Fingerprint>;
  /** Of an account without a record that had a record under another ARM id. */
  readonly predecessor?: Predecessor<Slot>;
  readonly published: Published;
  readonly keys: Readonly<Record<Slot, Fingerprint>>;
  readonly announced: Announced;
  readonly supersededVersion: SupersededVersion;
  /** Whether the pass holds the superseded value to probe it (it may exist only in its Key Vault version). */
  readonly isSupersededValueKnown: boolean;
}

/** The account as configured: where its keys, secret, reference and flag are. */
export interface Account extends Place {
  readonly id: AccountId;
  readonly alias: AccountAlias;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  /** Name of the policy as configured; the own fields of the account override it. */
  readonly policyName: string;
  readonly policy: Policy;
}
