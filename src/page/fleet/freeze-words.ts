// The freeze in plain words: who has set it, and what stops or begins.
// It must not draw or ask.
import type { Freeze, FreezePlan } from '../types.ts';
import { callerText } from '../words.ts';

/** The consequence in one sentence, before anything is known of the accounts. */
export const FIRST_WORDS = {
  freeze: 'No rotation begins or goes on until an operator ends the freeze.',
  unfreeze: 'Rotations begin and go on with the next pass of each account.',
} as const;

const NOT_HELD = 'Repair, roll back and compromised keys are not held.';

/** What follows "It was set" and the instant. */
export function authorText({ changed }: Freeze): string {
  if (changed !== undefined) return `by ${callerText(changed.by)}: ${changed.reason}`;
  return 'in App Configuration: by whom and why is not known.';
}

/** What follows, the most important first. */
export function effectLines({ isFrozen, isChanged, underWay, due, campaigns }: FreezePlan): readonly string[] {
  if (!isChanged) return [`Nothing changes: ${isFrozen ? 'all rotations are frozen already' : 'no freeze is set'}.`];
  const isQuiet = underWay.count + due.count === 0;
  const lines = isFrozen
    ? [
        counted('Rotations that stop', underWay.count, '. Both keys of an account in its overlap stay valid.'),
        counted('Rotations that are due and do not begin', due.count),
        counted('Campaigns that wait', campaigns),
        NOT_HELD,
      ]
    : [
        counted('Rotations that go on', underWay.count),
        counted('Rotations that are due and begin', due.count, ', unless a pause, a window or a block holds them.'),
        counted('Campaigns that go on', campaigns),
      ];
  return [
    FIRST_WORDS[isFrozen ? 'freeze' : 'unfreeze'],
    ...(isQuiet ? ['No rotation is under way, and none is due.'] : []),
    ...lines,
  ].filter((line) => line !== '');
}

function counted(what: string, count: number, end = '.'): string {
  return count === 0 ? '' : `${what}: ${new Intl.NumberFormat().format(count)}${end}`;
}

/** After a call that has changed nothing. */
export function unchangedText({ isFrozen }: Freeze): string {
  return `Nothing has changed: ${isFrozen ? 'all rotations were frozen already' : 'no freeze was set'}.`;
}
