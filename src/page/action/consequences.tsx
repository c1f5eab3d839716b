// The effects of an action and the affected consumers, before it happens.
// It must not judge: the service's rehearsal does.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Tone } from '../fleet/fleet.ts';
import { useNow } from '../hooks.ts';
import { Badge, Sentence, When } from '../parts.tsx';
import type { AccountStatus, CheckPlan, DryRun } from '../types.ts';
import { reasonText, spelledOut } from '../words.ts';
import { lossText, planOf } from './consequence-words.ts';

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
  useEffect(() => {
    shown.current?.closest('dialog')?.scrollTo(0, 0);
    shown.current?.focus({ preventScroll: true });
  }, []);
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
interface RehearsalProps {
  readonly dryRun: DryRun;
  readonly keys: AccountStatus['keys'];
  /** Called once everything was on screen that stops working, and who is affected. */
  readonly seen: () => void;
}

/** The height of the buttons, which lie over the end of the dialog. */
const COVERED_PX = 64;

/** Calls `seen` when this place of the dialog comes on screen. */
function Marker({ seen }: { seen: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const watch = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) seen();
      },
      { root: element.closest('dialog'), rootMargin: `0px 0px -${COVERED_PX}px 0px` },
    );
    watch.observe(element);
    return () => watch.disconnect();
  }, [seen]);
  return <div class="marker" ref={place} />;
}

export function Rehearsal({ dryRun, keys, seen }: RehearsalProps) {
  const now = useNow();
  const { end, consumers, others, outcome } = dryRun;
  return (
    <Shown>
      {outcome?.startsWith('Refused') === true ? (
        <p class="refused">
          <b>It would be refused:</b> {spelledOut(outcome.slice('Refused'.length))}. What follows goes on without it.
        </p>
      ) : null}
      <p class="loss">
        <Sentence text={lossText(dryRun, keys)} now={now} />
        {end?.isBlocked === true ? ` It will be held: ${spelledOut(end.reason)}.` : ''}
      </p>
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
      <Marker seen={seen} />
      <Plan dryRun={dryRun} now={now} />
    </Shown>
  );
}

function Plan({ dryRun, now }: { dryRun: DryRun; now: number }) {
  const { steps, end } = dryRun;
  const calls = steps.flatMap((step) => step.calls);
  return (
    <>
      <h3>What will happen</h3>
      <ol class="plan">
        {planOf(dryRun).map(({ at, text, isWait }) => (
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
              {end.reason === 'NotDue' ? '' : reasonText(end.reason)} <Sentence text={end.detail ?? ''} now={now} />
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
    </>
  );
}
