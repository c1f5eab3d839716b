// One decision of the core as a type: the next step, or the wait.
import type { HistoryDraft } from '../history.ts';
import type {
  Fingerprint,
  PreparingRecord,
  RequestClosing,
  RequestId,
  RequestMark,
  RetiringRecord,
  RotationRecord,
  SecretVersion,
  Slot,
} from '../model.ts';
import type { BlockedReason, PublishReason, WaitReason } from '../reasons.ts';

/** The intent of a regenerate: the next record without the instant of the attempt, which is read at the write. */
export type RegenerateIntent = Omit<PreparingRecord, 'attemptAt'> | Omit<RetiringRecord, 'attemptAt'>;

/** Absent: the place of the pass. `former`: the place that the account has left. */
interface Where {
  readonly at?: 'former';
}

/** One decision. Each has at most one effect on the world besides the record write that precedes a regenerate. */
export type Step =
  | { readonly kind: 'probe'; readonly fingerprint: Fingerprint }
  | { readonly kind: 'readSupersededVersion'; readonly version: SecretVersion }
  | (Where & {
      readonly kind: 'publish';
      readonly slot: Slot;
      readonly fingerprint: Fingerprint;
      readonly reason: PublishReason;
    })
  | (Where & { readonly kind: 'announceReference'; readonly version: SecretVersion })
  | (Where & { readonly kind: 'announceFlag'; readonly slot: Slot; readonly version: SecretVersion })
  | {
      readonly kind: 'regenerate';
      readonly slot: Slot;
      readonly fingerprint: Fingerprint;
      readonly intent: RegenerateIntent;
      readonly closes: readonly RequestClosing[];
      readonly history: readonly HistoryDraft[];
    }
  /** Regenerates a leaked key although it may be published: an operator has said that the leak is worse. */
  | {
      readonly kind: 'sacrifice';
      readonly slot: Slot;
      readonly fingerprint: Fingerprint;
      readonly requestId: RequestId;
      readonly history: readonly HistoryDraft[];
    }
  | { readonly kind: 'disable'; readonly version: SecretVersion }
  | {
      readonly kind: 'record';
      readonly record: RotationRecord;
      readonly closes: readonly RequestClosing[];
      readonly marks?: readonly RequestMark[];
      readonly history: readonly HistoryDraft[];
    }
  | WaitStep;

export type ActingStep = Exclude<Step, WaitStep>;

export type WaitStep =
  | {
      readonly kind: 'wait';
      readonly isBlocked: false;
      readonly reason: WaitReason;
      readonly until: number;
      readonly detail?: string;
    }
  | {
      readonly kind: 'wait';
      readonly isBlocked: true;
      readonly reason: BlockedReason;
      readonly until: number;
      readonly detail?: string;
    };
