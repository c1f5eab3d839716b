// Draws a rotation as its phases: where it is, when each began, how long it took.
// It must not ask the API.
import { When } from '../parts.tsx';
import { spanText } from '../time.ts';
import type { AccountStatus } from '../types.ts';
import { notesOf, type Rotation } from './rotations.ts';

interface Phase {
  readonly name: 'preparing' | 'propagating' | 'retiring' | 'idle';
  readonly label: string;
  readonly what: string;
}

const PHASES: readonly Phase[] = [
  { name: 'preparing', label: 'Preparing', what: 'The standby slot gets a new key, which is tried and published.' },
  { name: 'propagating', label: 'Propagating', what: 'Both keys are valid while applications take the new one.' },
  { name: 'retiring', label: 'Retiring', what: 'The superseded key is regenerated and proven dead.' },
  { name: 'idle', label: 'Idle', what: 'One key is published, the other stands by.' },
];

function beganAt(phase: Phase['name'], rotation: Rotation | undefined): number | undefined {
  switch (phase) {
    case 'preparing':
      return rotation?.startedAt;
    case 'propagating':
      return rotation?.publishedAt;
    case 'retiring':
      return rotation?.retiringAt;
    case 'idle':
      return rotation?.completedAt;
  }
}

export function Phases(props: { status: AccountStatus; rotation: Rotation | undefined; now: number }) {
  const { status, rotation, now } = props;
  const present = PHASES.findIndex(({ name }) => name === status.phase);
  const isCurrent = rotation?.id === status.rotationId;
  return (
    <ol class="phases">
      {PHASES.map(({ name, label, what }, index) => {
        const at = isCurrent ? beganAt(name, rotation) : undefined;
        const next = PHASES.slice(index + 1)
          .map((later) => beganAt(later.name, rotation))
          .find((instant) => instant !== undefined);
        const state = index === present ? 'now' : index < present ? 'done' : 'ahead';
        const until = index === present ? now : next;
        const spent = name !== 'idle' && at !== undefined && until !== undefined ? Math.max(0, until - at) : undefined;
        return (
          <li class={state} key={name} aria-current={state === 'now' ? 'step' : undefined} title={what}>
            <span class="label">{label}</span>
            <span class="when">{at === undefined ? null : <When at={at} now={now} />}</span>
            <span class="spent">{spent === undefined ? null : spanText(spent)}</span>
            {(isCurrent && rotation !== undefined && state !== 'ahead' ? notesOf(name, rotation) : []).map((note) => (
              <span class="happened" key={note.text}>
                {note.text} {note.at === undefined ? null : <When at={note.at} now={now} />}
              </span>
            ))}
            <span class="sr">
              {state === 'done' ? 'over' : state === 'now' ? 'the present phase' : 'not begun'}. {what}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

/** The same in a line, for lists. */
export function PhaseLine({ phase }: { phase: string }) {
  const present = PHASES.findIndex(({ name }) => name === phase);
  return (
    <span class="phaseline" aria-hidden="true">
      {PHASES.slice(0, 3).map(({ name }, index) => (
        <span key={name} class={index === present ? 'now' : index < present ? 'done' : ''} />
      ))}
    </span>
  );
}
