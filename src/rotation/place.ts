// Where an account's key is published and announced, and the move from one place to another (ADR 0019).
// A place is a fact about names. Which step follows is decided in `decide/move.ts`.

/** Names of the secret and of the key-values of one account. */
export interface Place {
  readonly vaultUrl: string;
  readonly secretName: string;
  /** Key of the versioned Key Vault reference in App Configuration. */
  readonly referenceKey: string;
  /** Id of the feature flag that names the published slot. */
  readonly flagName: string;
  readonly label: string | undefined;
}

/** The place that the configuration has left. Applications may still read there, so it is kept in line. */
export interface FormerPlace {
  readonly place: Place;
  /** The ARM id under which it was published, if that is not the present one: its versions are tagged with it. */
  readonly accountId?: string;
  /** When the record followed the first version in the present place; absent before. The move ends some time later. */
  readonly since?: number;
}

/** The former place as a pass sees it. Only content that the service itself wrote is kept in line. */
export type FormerSeen<Version, Value> =
  /** It could not be read, or a write to it failed; an emergency goes on without it. `cause`: why, for people. */
  | { readonly state: 'unknown'; readonly cause?: string }
  /** The secret was deleted, disabled or overwritten by others: nothing is written any more. */
  | { readonly state: 'left' }
  | {
      readonly state: 'kept';
      /** Newest version of the former secret. */
      readonly version: Version;
      readonly fingerprint: Value;
      readonly isReferenceInLine: boolean;
      readonly isFlagInLine: boolean;
    };

/** Where the account was published under its former ARM id, and in which slot. Its applications may still read there. */
export interface Predecessor<Slot> {
  readonly accountId: string;
  readonly place: Place;
  readonly slot: Slot;
}

/** The installation of this service that published a version, and the other one that has read it. */
export interface OtherInstallation {
  readonly publisher: string;
  readonly reader: string;
}

export function placeOf({ vaultUrl, secretName, referenceKey, flagName, label }: Place): Place {
  return { vaultUrl, secretName, referenceKey, flagName, label };
}

export function isSameSecret(one: Place, other: Place): boolean {
  return one.vaultUrl === other.vaultUrl && one.secretName === other.secretName;
}

export function isSamePlace(one: Place, other: Place): boolean {
  return isSameSecret(one, other) && areSameKeyValues(one, other);
}

/** Whether both places have reference and flag in common. */
export function areSameKeyValues(one: Place, other: Place): boolean {
  return one.referenceKey === other.referenceKey && one.flagName === other.flagName && one.label === other.label;
}
