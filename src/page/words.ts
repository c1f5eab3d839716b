// The sentences of the page: what a reason means, what an action does and to whom. It must not draw or ask.
import { spanText } from './time.ts';
import type { AccountStatus } from './types.ts';

const REASONS: Readonly<Record<string, string>> = {
  NotDue: 'Nothing is due.',
  RecentlyAdopted: 'Adopted a short while ago: nothing is regenerated before the longest overlap is over.',
  SettleTimeNotOver: 'A regenerate was sent; its effect is waited for before anything else is done.',
  NewKeyNotYetAccepted: 'The new key is not accepted by the data plane yet.',
  OverlapNotOver: 'Both keys are valid while applications take the new one.',
  SupersededKeyStillAccepted: 'The superseded key was regenerated and is still accepted somewhere; it is probed again.',
  ConfirmationInconclusive: 'Whether the superseded key is dead could not be told yet; it is probed again.',
  Paused: 'Paused: no rotation begins or goes on. Repair, roll back and compromised keys are not held.',
  Frozen: 'All rotations are frozen. Repair, roll back and compromised keys are not held.',
  OutsideWindow: 'Rotations may not begin at this time.',
  ObserveOnly: 'This account is only observed; nothing is written.',
  AnnouncementUnknown: 'App Configuration could not be read.',
  RollBackKeyInconclusive: 'Whether the key to roll back to is accepted could not be told yet; it is probed again.',
  EscapeKeyInconclusive: 'Whether the other key is accepted could not be told yet; it is probed again.',
  RecordUnreadable: 'The stored record cannot be understood; nothing is written until it can.',
  SecretNotRecognised: 'The published secret holds a value that is neither of the keys; it is never overwritten.',
  SecretDisabled: 'The newest version of the secret is disabled; it is never overwritten.',
  KeysIdentical: 'Both slots hold the same value, so that they cannot be told apart.',
  AdoptionKeyNotAccepted: 'The key that would be published first is not accepted by the data plane.',
  RepairKeyNotAccepted: 'The key that would repair the secret is not accepted by the data plane.',
  PublishedKeyNotAccepted: 'The published key is not accepted, so that the other one is not touched.',
  NewKeyNotAccepted: 'The new key is still not accepted; the published one goes on.',
  ConsumersNotAcknowledged: 'The longest overlap is over, and required consumers have not acknowledged.',
  RegenerateHasNoEffect: 'Azure confirms the regenerate, and the key stays the same.',
  StandbyMayBeInUse: 'Somebody may use the standby key: approve the first rotation once nobody does.',
};

/** What a reason means; a reason that has no sentence here is spelled out. */
export function reasonText(reason: string): string {
  return REASONS[reason] ?? `${reason.replace(/(?<=[a-z])(?=[A-Z])/g, ' ')}.`;
}

/** `RotationStarted` → `Rotation started`. */
export function spelledOut(name: string): string {
  const words = name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export type ActionName = 'rotate' | 'check' | 'rollback' | 'approve' | 'pause' | 'resume' | 'compromised';

export interface Action {
  readonly label: string;
  readonly role: string;
  /** Whether the service can rehearse it. */
  readonly isRehearsed: boolean;
  readonly title: string;
}

export const ACTIONS: Readonly<Record<ActionName, Action>> = {
  rotate: { label: 'Rotate', role: 'Rotation.Operate', isRehearsed: true, title: 'Rotate now' },
  check: { label: 'Check', role: 'Rotation.Check', isRehearsed: false, title: 'Check connectivity' },
  rollback: { label: 'Roll back', role: 'Rotation.Operate', isRehearsed: false, title: 'Roll back' },
  approve: { label: 'Approve', role: 'Rotation.Operate', isRehearsed: false, title: 'Approve the first rotation' },
  pause: { label: 'Pause', role: 'Rotation.Operate', isRehearsed: false, title: 'Pause' },
  resume: { label: 'Resume', role: 'Rotation.Operate', isRehearsed: false, title: 'Resume' },
  compromised: {
    label: 'Key compromised…',
    role: 'Rotation.Emergency',
    isRehearsed: true,
    title: 'Kill a compromised key',
  },
};

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

/** What will happen and who is affected, for what the service does not rehearse. */
export function consequencesOf(name: ActionName, status: AccountStatus): readonly string[] {
  const slots = Object.fromEntries(status.keys.map(({ role, slot }) => [role, slot]));
  const consumers =
    status.consumers.length === 0 ? 'The policy names no consumers.' : `Consumers: ${status.consumers.join(', ')}.`;
  switch (name) {
    case 'check':
      return [
        'Reads keys, secret, announcement and record, and makes one harmless call with each key.',
        'Nothing is changed and nobody is affected.',
      ];
    case 'rollback':
      return [
        `The superseded ${slots['superseded'] ?? 'key'}, if it is still accepted, is published again; ${slots['published'] ?? 'the new key'} is retired after a full overlap.`,
        `No application is cut off: both keys stay valid during the overlap. ${consumers}`,
      ];
    case 'approve':
      return [
        `You say that nothing uses ${slots['standby'] ?? 'the standby key'} any more. The next rotation regenerates it.`,
        'Whoever does use it is cut off then: run a check with a search of the vault first.',
      ];
    case 'pause':
      return [
        'No rotation begins or goes on until somebody resumes. An overlap under way stays open.',
        'Repair, roll back and compromised keys are not held. No application is affected.',
      ];
    case 'resume': {
      const interval = spanText(status.rotationIntervalSeconds * 1_000);
      return [
        `The account goes on where it was; rotations are due every ${interval}.`,
        `A rotation that is due begins with the next pass. ${consumers}`,
      ];
    }
    case 'rotate':
    case 'compromised':
      return [];
  }
}
