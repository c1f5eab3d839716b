// How far a request has got, in words that claim only what was seen. Also the risks that an operator may accept so that
// a leaked key is replaced sooner.
// It must not draw or ask.
import type { RequestOutcome } from '../../rotation/reasons.ts';
import type { Tone } from '../fleet/fleet.ts';
import type { RequestStatus } from '../types.ts';
import { ACTIONS, type ActionName, reasonText, spelledOut } from '../words.ts';

export interface RequestStanding {
  readonly tone: Tone;
  readonly label: string;
  readonly sentence: string;
  /** Nothing more will happen because of it. */
  readonly isOver: boolean;
}

/** `isAtRest`: the account is idle again after the request. */
export function standingOfRequest(request: RequestStatus, isAtRest: boolean): RequestStanding {
  const { state, kind, outcome = 'closed' } = request;
  switch (state) {
    case 'open':
      return { tone: 'busy', label: 'open', sentence: 'The request is stored, and worked on.', isOver: false };
    case 'replaced':
      return {
        tone: 'busy',
        label: 'replaced',
        sentence: 'Whether it is dead is being proven; this dialog may be closed.',
        isOver: false,
      };
    case 'closed': {
      const isRefused = outcome.startsWith('Refused');
      const isUndone = UNDONE.includes(outcome);
      const isOver = isAtRest || kind === 'approve' || kind === 'compromised' || isRefused || isUndone;
      const sentence = isOver ? 'Done.' : 'It goes on by itself; this dialog may be closed.';
      return { tone: toneOf(outcome, isRefused), label: labelOf(outcome), sentence, isOver };
    }
  }
}

/** Outcomes of requests that nothing was done for. */
const UNDONE: readonly string[] = ['Withdrawn', 'Expired'] satisfies RequestOutcome[];

/** What an open request waits for, in a sentence. */
export function waitingText({ waitsFor }: RequestStatus): string {
  if (waitsFor === undefined || waitsFor === 'NextPass') return 'It waits for the next pass.';
  return `It waits. ${reasonText(waitsFor)}`;
}

/** The role that the withdrawal of a request needs: that of the request itself. */
export function withdrawalRole({ kind }: RequestStatus): (typeof ACTIONS)[ActionName]['role'] {
  return kind === 'compromised' ? ACTIONS.compromised.role : ACTIONS.withdraw.role;
}

function toneOf(outcome: string, isRefused: boolean): Tone {
  if (isRefused) return 'bad';
  return outcome === 'KeyReplaced' || outcome === 'Expired' ? 'warn' : 'good';
}

function labelOf(outcome: string): string {
  return outcome === 'KeyReplaced' ? 'Key replaced, death not proven' : spelledOut(outcome);
}

/** One of the two instants of a leaked key; `at` is absent if it has not come yet or never will. */
export interface Milestone {
  readonly label: string;
  readonly at?: string;
  readonly otherwise: string;
}

/** The two instants of a leaked key: a key of the account no longer, and rejected by the data plane for long enough. */
export function milestonesOf({ state, replacedAt, provenAt }: RequestStatus): readonly [Milestone, Milestone] {
  return [
    { label: 'Replaced', ...(replacedAt === undefined ? {} : { at: replacedAt }), otherwise: 'not seen yet' },
    {
      label: 'Proven dead',
      ...(provenAt === undefined ? {} : { at: provenAt }),
      otherwise: state === 'closed' ? 'never proven' : 'not yet',
    },
  ];
}

/** A risk that an operator may accept so that a leaked key is replaced sooner. `value` goes to the API; empty: none. */
interface Choice {
  readonly value: NonNullable<RequestStatus['accepts']> | '';
  readonly label: string;
  readonly consequence: string;
  readonly isGrave: boolean;
}

/** From the least to the most dangerous. */
export const ACCEPTABLE: readonly Choice[] = [
  {
    value: '',
    label: 'Nothing.',
    consequence: 'The new key is published once it is accepted, or after a short wait if that is not known.',
    isGrave: false,
  },
  {
    value: 'unverifiedKey',
    label: 'An unverified key.',
    consequence: 'The new key is published without that wait: applications fail if it is not accepted yet.',
    isGrave: false,
  },
  {
    value: 'outage',
    label: 'An outage.',
    consequence: 'The leaked key goes even if no other can be published: applications then fail until one can.',
    isGrave: true,
  },
];
