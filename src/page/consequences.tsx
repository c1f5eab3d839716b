// What will happen and who is affected, before anything does. It must not judge: the service's rehearsal tells.

import type { Tone } from './fleet.ts';
import { useNow } from './hooks.ts';
import { Badge, When } from './parts.tsx';
import { spanText } from './time.ts';
import type { AccountStatus, DryRun } from './types.ts';
import { type ActionName, consequencesOf, reasonText, spelledOut } from './words.ts';

export function Consequences({ name, status }: { name: ActionName; status: AccountStatus }) {
  return (
    <div class="consequences">
      <h3>What will happen</h3>
      <ul>
        {consequencesOf(name, status).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </div>
  );
}

const RISKS: Readonly<Record<string, readonly [Tone, string]>> = {
  none: ['good', 'not affected'],
  cutOffUnlessRefreshed: ['warn', 'must refresh'],
  cutOff: ['bad', 'cut off'],
};
/** What changes something outside of the service's own table. */
const EFFECTS: readonly string[] = ['regenerate', 'publish', 'announceReference', 'announceFlag', 'disable'];

interface Line {
  readonly at: string;
  readonly text: string;
  readonly isWait: boolean;
}

/** Effects and waits in the order of time. */
function linesOf({ steps, waits }: DryRun): readonly Line[] {
  const effects = steps
    .filter(({ step }) => EFFECTS.includes(step))
    .map(({ at, calls }) => ({ at, text: calls.at(-1) ?? '', isWait: false }));
  const pauses = waits.map(({ from, until, reason }) => ({
    at: from,
    text: `Wait ${spanText(Date.parse(until) - Date.parse(from))}: ${reasonText(reason)}`,
    isWait: true,
  }));
  return [...effects, ...pauses].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

export function Rehearsal({ dryRun }: { dryRun: DryRun }) {
  const now = useNow();
  const { steps, end, consumers, others } = dryRun;
  const calls = steps.flatMap((step) => step.calls);
  return (
    <div class="consequences" tabIndex={-1} ref={(element) => element?.focus()}>
      <h3>What will happen</h3>
      <ol class="plan">
        {linesOf(dryRun).map(({ at, text, isWait }) => (
          <li key={`${at} ${text}`} class={isWait ? 'wait' : ''}>
            <span class="when">
              <When at={at} now={now} />
            </span>
            <span>{text}</span>
          </li>
        ))}
        {end === undefined ? null : (
          <li class={end.isBlocked ? 'blocked' : 'wait'}>
            <span class="when">
              <When at={end.at} now={now} />
            </span>
            <span>
              {end.isBlocked ? `It will be held: ${spelledOut(end.reason)}. ` : 'At rest. '}
              {end.isBlocked ? reasonText(end.reason) : ''} {end.detail}
            </span>
          </li>
        )}
      </ol>
      <details>
        <summary>All {calls.length} calls</summary>
        <ol>
          {calls.map((call, index) => (
            <li key={`${index} ${call}`}>{call}</li>
          ))}
        </ol>
      </details>
      <h3>Who is affected</h3>
      <ul class="consumers">
        {consumers.map(({ consumer, risk, detail }) => {
          const [tone, word] = RISKS[risk] ?? ['warn', spelledOut(risk)];
          return (
            <li key={consumer}>
              <Badge tone={tone}>{word}</Badge> <b>{consumer}</b> {detail}
            </li>
          );
        })}
        <li>{others}</li>
      </ul>
    </div>
  );
}
