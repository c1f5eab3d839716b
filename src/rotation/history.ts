// The account's history: one line per change, with fingerprints and versions, never values.
// It must not decide which changes get a line: the code that makes a change adds its line to the same write.
import type { Fingerprint, RequestId, SecretVersion, Slot } from './model.ts';

/** The kinds of lines; docs/http-api.md has a row for each. */
export const HISTORY_KINDS = [
  'Adopted',
  'RotationStarted',
  'RegenerateRepeated',
  'Published',
  'Repaired',
  /** The account leaves the place where its key was published, for a newly configured one. */
  'MoveBegan',
  /** The new place is published and announced; the former one is kept in line for a while. */
  'MoveAnnounced',
  /** The former place is not written any more. */
  'MoveEnded',
  'RolledBack',
  'RetireStarted',
  'RotationCompleted',
  /** A leaked value is no longer a key of the account. */
  'KeyReplaced',
  /** A leaked key was regenerated on an operator's word, although it may be published. */
  'KeySacrificed',
  'RequestClosed',
  'Requested',
  /** An operator has withdrawn a request. */
  'RequestWithdrawn',
  'Paused',
  'Resumed',
  /** The account is configured no longer, and is not worked on any more. */
  'Left',
  'Blocked',
  'Unblocked',
] as const;
export type HistoryKind = (typeof HISTORY_KINDS)[number];

/** Lines that say that their slot was to get a new value. */
export const REGENERATING_KINDS = [
  'RotationStarted',
  'RegenerateRepeated',
  'RetireStarted',
  'KeySacrificed',
] as const satisfies readonly HistoryKind[];

/** Lines that say that the value of their slot is published. */
export const PUBLISHING_KINDS = [
  'Adopted',
  'Published',
  'RolledBack',
  'Repaired',
] as const satisfies readonly HistoryKind[];

/** One line of the account's history; stored in the transaction of the change that it describes. */
export interface HistoryDraft {
  readonly kind: HistoryKind;
  readonly reason?: string;
  readonly slot?: Slot;
  readonly fingerprint?: Fingerprint;
  readonly version?: SecretVersion;
  readonly requestId?: RequestId;
  readonly by?: string;
}
