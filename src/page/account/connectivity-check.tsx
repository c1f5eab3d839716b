// The last connectivity check of an account, by any caller: a line per finding with its remedy. It must not run one.
import type { Tone } from '../fleet/fleet.ts';
import { Badge, When } from '../parts.tsx';
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
          <Findings findings={last.findings} />
        </>
      )}
    </section>
  );
}

/** Failures, warnings and unknowns are in sight; passing findings are folded away. */
export function Findings({ findings }: { findings: readonly Finding[] }) {
  const wrong = findings.filter(({ result }) => result !== 'pass');
  const passing = findings.filter(({ result }) => result === 'pass');
  const sorted = wrong.toSorted((a, b) => ORDER.indexOf(a.result) - ORDER.indexOf(b.result));
  return (
    <>
      {sorted.length === 0 ? null : <FindingList findings={sorted} />}
      <details>
        <summary>{passing.length === 1 ? '1 finding passes' : `${passing.length} findings pass`}</summary>
        <FindingList findings={passing} />
      </details>
    </>
  );
}

function FindingList({ findings }: { findings: readonly Finding[] }) {
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
              <p>{detail}</p>
              {remedy === undefined ? null : (
                <p>
                  <b>What to do:</b> {remedy}
                </p>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
