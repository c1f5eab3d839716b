// The effects of an action and the affected consumers, before it happens.
// It must not judge: the service's rehearsal does.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Tone } from '../fleet/fleet.ts';
import { useNow } from '../hooks.ts';
import { Badge, Sentence, When } from '../parts.tsx';
import { spanText } from '../time.ts';
import type { CheckPlan, DryRun } from '../types.ts';
import { reasonText, spelledOut } from '../words.ts';

/** The calls that a check would make. */
export function CheckPlanned({ plan: { calls, total, others } }: { plan: CheckPlan }) {
  return (
    <Shown>
      <h3>What will happen</h3>
      <p>
        <b>At most {total.toLocaleString()} calls.</b> {others}
      </p>
      <ul class="calls">
        {calls.map(({ call, count }) => (
          <li key={call}>
            <span class="count-of">{count.toLocaleString()} ×</span> <span>{call}</span>
          </li>
        ))}
      </ul>
    </Shown>
  );
}

/** Takes the focus, so that a screen reader reads out at once the result that was asked for. */
function Shown({ children }: { children: ComponentChildren }) {
  const shown = useRef<HTMLDivElement>(null);
  useEffect(() => shown.current?.focus(), []);
  return (
    <div class="consequences" tabIndex={-1} ref={shown}>
      {children}
    </div>
  );
}

const RISKS: Readonly<Record<string, readonly [Tone, string]>> = {
  none: ['good', 'not affected'],
  cutOffUnlessRefreshed: ['warn', 'must refresh'],
  cutOff: ['bad', 'cut off'],
};
/** Steps that change something outside of the service's own table. */
const EFFECTS: readonly string[] = [
  'regenerate',
  'sacrifice',
  'publish',
  'announceReference',
  'announceFlag',
  'disable',
] satisfies DryRun['steps'][number]['step'][];

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
  const { steps, end, consumers, others, outcome } = dryRun;
  const calls = steps.flatMap((step) => step.calls);
  return (
    <Shown>
      {outcome?.startsWith('Refused') === true ? (
        <p class="refused">
          <b>It would be refused:</b> {spelledOut(outcome.slice('Refused'.length))}. What follows goes on without it.
        </p>
      ) : null}
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
              {end.isBlocked
                ? `It will be held: ${spelledOut(end.reason)}. `
                : end.reason === 'NotDue'
                  ? 'At rest. '
                  : ''}
              {end.reason === 'NotDue' ? '' : reasonText(end.reason)} {end.detail}
            </span>
          </li>
        )}
      </ol>
      {calls.length === 0 ? null : (
        <details>
          <summary>{calls.length === 1 ? 'The call' : `All ${calls.length.toLocaleString()} calls`}</summary>
          <ol>
            {calls.map((call, index) => (
              <li key={`${index} ${call}`}>{call}</li>
            ))}
          </ol>
        </details>
      )}
      <h3>Who is affected</h3>
      <ul class="consumers">
        {consumers.map(({ consumer, risk, detail }) => {
          const [tone, word] = RISKS[risk] ?? ['warn', spelledOut(risk)];
          return (
            <li key={consumer}>
              <Badge tone={tone}>{word}</Badge> <b>{consumer}</b> <Sentence text={detail} now={now} />
            </li>
          );
        })}
        <li>
          <Sentence text={others} now={now} />
        </li>
      </ul>
    </Shown>
  );
}
