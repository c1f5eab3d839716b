// The last connectivity check of an account, by any caller: a line per finding with its remedy. It must not run one.
import type { Tone } from '../fleet/fleet.ts';
import { Badge, Sentence, When } from '../parts.tsx';
import { milliseconds } from '../time.ts';
import type { Finding, LastCheck } from '../types.ts';
import { callerText, spelledOut } from '../words.ts';

const TONES: Readonly<Record<Finding['result'], readonly [Tone, string]>> = {
  fail: ['bad', 'fails'],
  warning: ['warn', 'warning'],
  unknown: ['quiet', 'not known'],
  pass: ['good', 'passes'],
};
const ORDER: readonly Finding['result'][] = ['fail', 'warning', 'unknown', 'pass'];

export function ConnectivityCheck({ last, now }: { last: LastCheck | undefined; now: number }) {
  return (
    <section class="panel" aria-labelledby="check-heading">
      <h2 id="check-heading">
        Last connectivity check{' '}
        {last === undefined ? null : (
          <Badge tone={last.isHealthy ? 'good' : 'bad'}>{last.isHealthy ? 'healthy' : 'not healthy'}</Badge>
        )}
      </h2>
      {last === undefined ? (
        <p class="muted">None was made yet. A check changes nothing and says what fails, with a remedy.</p>
      ) : (
        <>
          <p class="muted">
            <When at={last.at} now={now} isRelative /> by {callerText(last.by)}
            {last.reason === undefined ? null : `: ${last.reason}`}
          </p>
          <Findings findings={last.findings} now={now} />
        </>
      )}
    </section>
  );
}

/** Failures, warnings and unknowns are in sight; passing findings are folded away. */
export function Findings({ findings, now }: { findings: readonly Finding[]; now: number }) {
  const wrong = findings.filter(({ result }) => result !== 'pass');
  const passing = findings.filter(({ result }) => result === 'pass');
  const sorted = wrong.toSorted((a, b) => ORDER.indexOf(a.result) - ORDER.indexOf(b.result));
  return (
    <>
      {sorted.length === 0 ? null : <FindingList findings={sorted} now={now} />}
      <details>
        <summary>{passing.length === 1 ? '1 finding passes' : `${passing.length} findings pass`}</summary>
        <FindingList findings={passing} now={now} />
      </details>
    </>
  );
}

function FindingList({ findings, now }: { findings: readonly Finding[]; now: number }) {
  return (
    <ul class="findings">
      {findings.map(({ check, result, detail, remedy, latencyMs }) => {
        const [tone, word] = TONES[result];
        return (
          <li key={`${check} ${detail}`}>
            <Badge tone={tone}>{word}</Badge>
            <div>
              <b>{spelledOut(check)}</b>{' '}
              {latencyMs === undefined ? null : <span class="muted">{milliseconds(latencyMs)}</span>}
              <p>
                <Sentence text={detail} now={now} />
              </p>
              {remedy === undefined ? null : (
                <p>
                  <b>What to do:</b> <Sentence text={remedy} now={now} />
                </p>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
