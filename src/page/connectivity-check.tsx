// The last connectivity check of this page, a line per finding with its remedy. It must not run one.
import type { Tone } from './fleet.ts';
import { Badge, When } from './parts.tsx';
import type { CheckReport, Finding } from './types.ts';
import { spelledOut } from './words.ts';

const TONES: Readonly<Record<Finding['result'], readonly [Tone, string]>> = {
  fail: ['bad', 'fails'],
  warning: ['warn', 'warning'],
  pass: ['good', 'passes'],
};
const ORDER: readonly Finding['result'][] = ['fail', 'warning', 'pass'];

export function ConnectivityCheck(props: {
  checked: { readonly report: CheckReport; readonly at: number } | undefined;
  now: number;
}) {
  const { checked, now } = props;
  if (checked === undefined) return null;
  const { report, at } = checked;
  return (
    <section class="panel" aria-labelledby="check-heading">
      <h2 id="check-heading">
        Connectivity check{' '}
        <Badge tone={report.isHealthy ? 'good' : 'bad'}>{report.isHealthy ? 'healthy' : 'not healthy'}</Badge>
      </h2>
      <p class="muted">
        At <When at={at} now={now} />; kept while this account is shown.
      </p>
      <Findings findings={report.findings} />
    </section>
  );
}

/** What fails first. */
export function Findings({ findings }: { findings: readonly Finding[] }) {
  const sorted = findings.toSorted((a, b) => ORDER.indexOf(a.result) - ORDER.indexOf(b.result));
  return (
    <ul class="findings">
      {sorted.map(({ check, result, detail, remedy, latencyMs }) => {
        const [tone, word] = TONES[result];
        return (
          <li key={`${check} ${detail}`}>
            <Badge tone={tone}>{word}</Badge>
            <div>
              <b>{spelledOut(check)}</b> {latencyMs === undefined ? null : <span class="muted">{latencyMs} ms</span>}
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
