// The closed lists of reasons and of the words of requests, as shown in logs, status, history and the runbook.
// It must not decide anything: `decide.ts` gives reasons, people read them.

/** Why a pass waits although nothing is wrong. */
export const WAIT_REASONS = [
  'NotDue',
  'RecentlyAdopted',
  'FormerPlaceUnknown',
  'SettleTimeNotOver',
  'ActivationTimeNotOver',
  'NewKeyNotYetAccepted',
  'OverlapNotOver',
  'ConfirmationTimeNotOver',
  'SupersededKeyStillAccepted',
  'ConfirmationInconclusive',
  'Paused',
  'Frozen',
  'OutsideWindow',
  'ObserveOnly',
  'NotConfigured',
  'AnnouncementUnknown',
  'RollBackKeyInconclusive',
  'EmergencyKeyInconclusive',
] as const;

/** Why a pass cannot go on until the cause ends; each has a heading in the runbook. */
export const BLOCKED_REASONS = [
  'RecordUnreadable',
  'SecretNotRecognised',
  'OtherInstallation',
  'SecretDisabled',
  'KeysIdentical',
  'AdoptionKeyNotAccepted',
  'RepairKeyNotAccepted',
  'PublishedKeyNotAccepted',
  'NewKeyNotAccepted',
  'ConsumersNotAcknowledged',
  'RegenerateHasNoEffect',
  'StandbyMayBeInUse',
  'SecretUnreachable',
  'PolicyInvalid',
  'RequestTooOld',
] as const;

/** Why a rotation begins. */
export const START_REASONS = ['RotationDue', 'RotationRequested', 'KeyCompromised'] as const;

/** Why a value is published. */
export const PUBLISH_REASONS = [
  'NewKeyAccepted',
  'NewKeyListed',
  'AccountAdopted',
  'PublishedKeyDrifted',
  'SecretMissing',
  'PlaceChanged',
  'FormerPlaceBehind',
  'RollBackRequested',
  'PublishedKeyCompromised',
  'EmergencyWithoutVerdict',
] as const;

export type WaitReason = (typeof WAIT_REASONS)[number];
export type BlockedReason = (typeof BLOCKED_REASONS)[number];
export type StartReason = (typeof START_REASONS)[number];
export type PublishReason = (typeof PUBLISH_REASONS)[number];

/** What operators request. */
export const REQUEST_KINDS = ['rotate', 'compromised', 'rollBack', 'approve'] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/**
 * The risks that an operator may accept so that a leaked value is replaced sooner. `unverifiedKey`: its successor may be
 * published without a verdict on it. `outage`: the leak is worse than an outage.
 */
export const RISKS = ['unverifiedKey', 'outage'] as const;
export type Risk = (typeof RISKS)[number];

/** How a request ended. */
export const REQUEST_OUTCOMES = [
  'RotationStarted',
  /** The leaked value is no longer a key. It is not proven that the data plane rejects it. */
  'KeyReplaced',
  /** The leaked value is no longer a key, and every probe has rejected it for the time that the policy states. */
  'KeyIsDead',
  'RolledBack',
  'StandbyApproved',
  'RefusedNothingToRollBack',
  'RefusedSupersededKeyNotLive',
  'RefusedSupersededKeyRejected',
  'RefusedRetireInFlight',
  /** An earlier request of the same kind was open. */
  'AnsweredByEarlierRequest',
  /** An operator has withdrawn it before anything was done for it. */
  'Withdrawn',
  /** It was open for longer than a request of its kind may wait. */
  'Expired',
] as const;
export type RequestOutcome = (typeof REQUEST_OUTCOMES)[number];

/** Where an account stands: not adopted yet, the phases of its record, or a record that cannot be understood. */
export const ACCOUNT_PHASES = ['notAdopted', 'idle', 'preparing', 'propagating', 'retiring', 'unreadable'] as const;
export type AccountPhase = (typeof ACCOUNT_PHASES)[number];
