// The sentences of the page: the meanings of reasons, the names and purposes of actions. It must not draw or ask.

import { BLOCK_REMEDIES } from '../operators/remedies.ts';
import type {
  BlockedReason,
  PublishReason,
  RequestKind,
  RequestOutcome,
  StartReason,
  WaitReason,
} from '../rotation/reasons.ts';
import type { AccountStatus, HistoryLine, Me } from './types.ts';

const REASONS: Readonly<Record<WaitReason | BlockedReason, string>> = {
  NotDue: 'Nothing is due.',
  FormerPlaceUnknown: 'The secret that it leaves cannot be read.',
  RecentlyAdopted: 'Adopted a short while ago: nothing is regenerated before the longest overlap is over.',
  SettleTimeNotOver: 'A regenerate was sent; its effect is waited for before anything else is done.',
  ActivationTimeNotOver: 'The new key is given the time to become known everywhere before it is tried.',
  NewKeyNotYetAccepted: 'The new key is not accepted by the data plane yet.',
  OverlapNotOver: 'Both keys are valid while applications take the new one.',
  ConfirmationTimeNotOver: 'The superseded key is rejected; it is probed again later, so that its death is proven.',
  SupersededKeyStillAccepted: 'The superseded key was regenerated and is still accepted somewhere; it is probed again.',
  ConfirmationInconclusive: 'It is not known yet whether the superseded key is dead; it is probed again.',
  Paused: 'Paused: no rotation begins or goes on. Repair, roll back and compromised keys are not held.',
  Frozen: 'All rotations are frozen. Repair, roll back and compromised keys are not held.',
  NotConfigured: 'It is configured no longer, and is not worked on.',
  OutsideWindow: 'Rotations may not begin at this time.',
  ObserveOnly: 'This account is only observed; nothing is written.',
  AnnouncementUnknown: 'App Configuration could not be read.',
  RollBackKeyInconclusive: 'It is not known yet whether the key to roll back to is accepted; it is probed again.',
  EmergencyKeyInconclusive: 'It is not known yet whether the key that replaces the leaked one is accepted.',
  RecordUnreadable: 'The stored record cannot be understood; nothing is written until it can.',
  SecretNotRecognised: 'The published secret holds a value that is neither of the keys; it is never overwritten.',
  OtherInstallation: 'Another installation of this service has published the secret; two would undo each other’s work.',
  SecretDisabled: 'The newest version of the secret is disabled; it is never overwritten.',
  KeysIdentical: 'Both slots hold the same value, so that they cannot be distinguished.',
  AdoptionKeyNotAccepted: 'The key that would be published first is not accepted by the data plane.',
  RepairKeyNotAccepted: 'The key that would repair the secret is not accepted by the data plane.',
  PublishedKeyNotAccepted: 'The published key is not accepted, so that the other one is not touched.',
  NewKeyNotAccepted: 'The new key is still not accepted; the published one goes on.',
  ConsumersNotAcknowledged: 'The longest overlap is over, and required consumers have not acknowledged.',
  RegenerateHasNoEffect: 'Azure confirms the regenerate, and the key stays the same.',
  StandbyMayBeInUse: 'An application may use the standby key: approve the first rotation once none does.',
  SecretUnreachable: 'A published key leaked, and Key Vault cannot be used: no other key can be published.',
  PolicyInvalid: 'The policy of the account is not valid: no rotation begins.',
  RequestTooOld: 'A request about a leaked key is a week old and has not begun: name the key again, or withdraw it.',
};
const SENTENCES: ReadonlyMap<string, string> = new Map(Object.entries(REASONS));

/** The meaning of a reason. A reason that has no sentence here is spelled out. */
export function reasonText(reason: string): string {
  return SENTENCES.get(reason) ?? `${reason.replace(/(?<=[a-z])(?=[A-Z])/g, ' ')}.`;
}

/** `RotationStarted` → `Rotation started`. */
export function spelledOut(name: string): string {
  const words = name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** With a function key the service knows no name. */
export function callerText(by: string): string {
  return by === 'function key' ? 'a caller with a function key' : by;
}

/** Reasons in the history whose bare words would say too little. */
const HISTORY_REASONS: ReadonlyMap<string, string> = new Map([
  ['KeyCompromised', 'because a key leaked'],
  ['KeyReplaced', 'replaced; that the data plane rejects it was not proven'],
  ['KeyIsDead', 'replaced, and proven dead'],
  ['AnsweredByEarlierRequest', 'answered by an earlier request'],
  ['Expired', 'expired: nothing was done for it'],
  ['EmergencyWithoutVerdict', 'emergency: published without a verdict on the key'],
  ['PublishedKeyCompromised', 'the published key has leaked'],
] satisfies [RequestOutcome | PublishReason | StartReason, string][]);

/** Kinds of lines whose bare words would say too little. */
const HISTORY_KINDS: ReadonlyMap<string, string> = new Map([
  ['KeyReplaced', 'Leaked key replaced'],
  ['KeySacrificed', 'Leaked key regenerated, with an outage accepted'],
] satisfies [HistoryLine['kind'], string][]);

export function historyKind(kind: string): string {
  return HISTORY_KINDS.get(kind) ?? spelledOut(kind);
}

/** `RotationDue` → `rotation due`; what people wrote stays as it is. */
export function plainReason(reason: string): string {
  const known = HISTORY_REASONS.get(reason);
  if (known !== undefined) return known;
  return /^([A-Z][a-z0-9]+)+$/.test(reason) ? spelledOut(reason).toLowerCase() : reason;
}

const ASKED: Readonly<Record<RequestKind, string>> = {
  rotate: 'a rotation',
  compromised: 'the replacement of a leaked key',
  rollBack: 'a roll back',
  approve: 'the first rotation is approved',
};

/** The words of a line besides its kind. A rotation is begun by the service: the caller has asked for it. */
export function historyWords({ kind, reason, by }: Pick<HistoryLine, 'kind' | 'reason' | 'by'>): string {
  const why = reason === undefined ? '' : kind === 'Requested' ? askedText(reason) : plainReason(reason);
  if (by === undefined) return why;
  const isByService = kind === 'RotationStarted' || kind === 'KeySacrificed';
  const who = isByService ? `asked for by ${callerText(by)}` : `by ${callerText(by)}`;
  return why === '' ? who : `${why} (${who})`;
}

/** `rotate: Q3 audit` → `a rotation: Q3 audit`. */
function askedText(reason: string): string {
  const [, kind = '', why = ''] = /^(\w+): (.*)$/s.exec(reason) ?? [];
  return Object.hasOwn(ASKED, kind) ? `${ASKED[kind as RequestKind]}: ${why}` : reason;
}

/** Which value the fingerprint of a line is of; empty: the line has none. */
export const FINGERPRINT_LABELS: Readonly<Record<HistoryLine['kind'], string>> = {
  Adopted: 'published',
  RotationStarted: 'old',
  RegenerateRepeated: 'old',
  Published: 'new',
  Repaired: 'published',
  RolledBack: 'published again',
  RetireStarted: 'old',
  RotationCompleted: 'old',
  KeyReplaced: 'leaked',
  KeySacrificed: 'leaked',
  RequestClosed: 'leaked',
  Requested: 'leaked',
  MoveBegan: '',
  MoveAnnounced: '',
  MoveEnded: '',
  RequestWithdrawn: '',
  Paused: '',
  Resumed: '',
  Left: '',
  Blocked: '',
  Unblocked: '',
};

export type ActionName = 'rotate' | 'check' | 'rollback' | 'approve' | 'pause' | 'resume' | 'compromised' | 'withdraw';

interface Action {
  readonly label: string;
  readonly role: Me['roles'][number];
  readonly title: string;
  /** Shown before an operator asks for the action. */
  readonly hint: string;
}

export const ACTIONS: Readonly<Record<ActionName, Action>> = {
  rotate: {
    label: 'Rotate',
    role: 'Rotation.Operate',
    title: 'Rotate now',
    hint: 'Renews both keys, one after the other, with an overlap in which both are valid.',
  },
  check: {
    label: 'Check',
    role: 'Rotation.Check',
    title: 'Check connectivity',
    hint: 'Looks at everything that a rotation depends on. It changes nothing and affects no application.',
  },
  rollback: {
    label: 'Roll back',
    role: 'Rotation.Operate',
    title: 'Roll back',
    hint: 'Publishes the superseded key again. Both keys stay valid during another full overlap.',
  },
  approve: {
    label: 'Approve',
    role: 'Rotation.Operate',
    title: 'Approve the first rotation',
    hint: 'Your word that nothing uses the standby key any more. The next rotation cuts off applications that still use it: run a check with a search of the vault first.',
  },
  pause: {
    label: 'Pause',
    role: 'Rotation.Operate',
    title: 'Pause',
    hint: 'No rotation begins or goes on until an operator resumes; an overlap under way stays open. Repair, roll back and compromised keys are not held.',
  },
  resume: {
    label: 'Resume',
    role: 'Rotation.Operate',
    title: 'Resume',
    hint: 'The account goes on where it was; a rotation that is due begins with the next pass.',
  },
  withdraw: {
    label: 'Withdraw',
    role: 'Rotation.Operate',
    title: 'Withdraw the request',
    hint: 'The request ends, and nothing is done for it any more. It is refused once something was done for it.',
  },
  compromised: {
    label: 'Key compromised…',
    role: 'Rotation.Emergency',
    title: 'Replace a compromised key',
    hint: 'The leaked key is replaced at once, also while paused, frozen or not due. That every node of the gateway rejects it is proven later.',
  },
};

/** What an operator does about a blocked account; undefined: this page does not know the reason. */
export function remedyOf(reason: string): string | undefined {
  return Object.hasOwn(BLOCK_REMEDIES, reason) ? BLOCK_REMEDIES[reason as BlockedReason] : undefined;
}

/** The action that the remedy begins with; undefined: it is not done from this page. */
const FIRST_ACTIONS: Readonly<Record<BlockedReason, ActionName | undefined>> = {
  RecordUnreadable: undefined,
  SecretNotRecognised: undefined,
  OtherInstallation: undefined,
  SecretDisabled: undefined,
  KeysIdentical: undefined,
  AdoptionKeyNotAccepted: 'check',
  RepairKeyNotAccepted: 'check',
  PublishedKeyNotAccepted: 'check',
  NewKeyNotAccepted: 'check',
  ConsumersNotAcknowledged: undefined,
  RegenerateHasNoEffect: 'check',
  StandbyMayBeInUse: 'approve',
  SecretUnreachable: 'check',
  PolicyInvalid: undefined,
  RequestTooOld: 'compromised',
};

/** The right action for the account as it is. An account at rest needs none. */
export function primaryActionFor({
  reason,
  isBlocked,
  isOverdue,
  failures,
  pause,
}: AccountStatus): ActionName | undefined {
  if (isBlocked && reason !== undefined && Object.hasOwn(FIRST_ACTIONS, reason))
    return FIRST_ACTIONS[reason as BlockedReason];
  if (pause !== undefined) return 'resume';
  return isOverdue || failures > 0 ? 'check' : undefined;
}

/** The actions that mean something for the account as it is, in the order of the buttons. */
export function actionsFor({ phase, reason, pause }: AccountStatus): readonly ActionName[] {
  return [
    ...(phase === 'idle' ? (['rotate'] as const) : []),
    'check',
    ...(phase === 'propagating' || phase === 'retiring' ? (['rollback'] as const) : []),
    ...(reason === 'StandbyMayBeInUse' ? (['approve'] as const) : []),
    pause === undefined ? 'pause' : 'resume',
    'compromised',
  ];
}
