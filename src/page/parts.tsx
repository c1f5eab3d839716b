// Small parts that several views draw: instants, marks of a state, problems, bars.
// It must not ask the API or hold state.
import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Failure } from './api.ts';
import type { Tone } from './fleet/fleet.ts';
import { forPeople } from './for-people.ts';
import { localText, relativeText, utcText } from './time.ts';

/** An instant in the viewer's words; UTC on hover and for screen readers. */
export function When({ at, now, isRelative = false }: { at: string | number; now: number; isRelative?: boolean }) {
  const instant = typeof at === 'number' ? at : Date.parse(at);
  const utc = utcText(instant);
  return (
    <time dateTime={new Date(instant).toISOString()} title={utc}>
      {isRelative ? relativeText(instant, now) : localText(instant, now)}
      <span class="sr"> ({utc})</span>
    </time>
  );
}

const INSTANT = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

/** A sentence of the service: instants in the viewer's locale, code as code, places of the page for calls of the API. */
export function Sentence({ text, now }: { text: string; now: number }) {
  const parts = forPeople(text).split(/`([^`]+)`/);
  return (
    <>
      {parts.map((part, index) =>
        index % 2 === 1 ? (
          <code key={`${index} ${part}`}>{part}</code>
        ) : (
          <Instants key={`${index} ${part}`} text={part} now={now} />
        ),
      )}
    </>
  );
}

function Instants({ text, now }: { text: string; now: number }) {
  const parts = text.split(INSTANT);
  return <>{parts.map((part, index) => (index % 2 === 0 ? part : <When key={part} at={part} now={now} />))}</>;
}

const SHAPES: Readonly<Record<Tone, string>> = {
  good: 'M4 8.5l2.800 2.800L12 5.500',
  busy: 'M13 8a5 5 0 0 1-9 3M3 8a5 5 0 0 1 9-3M12 2.500V5H9.500M4 13.500V11h2.500',
  warn: 'M8 3v6M8 12.200v.1',
  bad: 'M4.500 4.500l7 7M11.500 4.500l-7 7',
  quiet: 'M4.500 8h7',
};

/** A shape and a word: no state is shown by colour alone. */
export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <span class={`badge ${tone}`}>
      <Mark tone={tone} />
      {children}
    </span>
  );
}

export function Mark({ tone }: { tone: Tone }) {
  return (
    <svg class={`mark ${tone}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={SHAPES[tone]} />
    </svg>
  );
}

/** How much of something is over; `text` says the same. */
export function Bar({ share, tone, text }: { share: number; tone: Tone; text: ComponentChildren }) {
  return (
    <span class="measure">
      <span class={`bar ${tone}`} aria-hidden="true">
        <span style={{ width: `${Math.round(share * 1000) / 10}%` }} />
      </span>
      <span class="measured">{text}</span>
    </span>
  );
}

export function FailureNote({ failure }: { failure: Failure }) {
  switch (failure.kind) {
    case 'unreachable':
      return (
        <div class="note bad" role="alert">
          <strong>The service does not answer.</strong>
          <p>Whether it took the request is not known. Repeating it here is safe: it counts once.</p>
        </div>
      );
    case 'signIn':
      return (
        <div class="note bad" role="alert">
          <strong>You are not signed in any more.</strong>
          <p>Sign in again; nothing was changed.</p>
        </div>
      );
    case 'problem':
      return (
        <div class="note bad" role="alert">
          <strong>
            <Sentence text={failure.problem.title} now={Date.now()} />
          </strong>
          <p>
            <Sentence text={failure.problem.detail} now={Date.now()} />
          </p>
          {failure.problem.remedy === '' ? null : (
            <p>
              <b>What to do:</b> <Sentence text={failure.problem.remedy} now={Date.now()} />
            </p>
          )}
        </div>
      );
  }
}

/** Fingerprints are long and alike: monospaced, in groups of four. */
export function Fingerprint({ value }: { value: string }) {
  return <code class="fingerprint">{value.replace(/(.{4})(?=.)/g, '$1 ')}</code>;
}

/** Address of the runbook; undefined if the service does not know it. */
export const RunbookUrl = createContext<string | undefined>(undefined);

/** The heading of the runbook, as a link if its address is known. */
export function RunbookLink({ heading }: { heading: string }) {
  const url = useContext(RunbookUrl);
  if (url === undefined) return <span class="muted">The runbook has more under “{heading}”.</span>;
  return (
    <a href={`${url}#${heading.toLowerCase().replaceAll(' ', '-')}`} target="_blank" rel="noopener noreferrer">
      Runbook: {heading}
    </a>
  );
}
