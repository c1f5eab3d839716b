// Runs one path of an exploration again and tells it, a line per port call and per decision.
import type { TickChoice, Violation } from './explore.ts';
import { replaying } from './odometer.ts';
import { runTick } from './run-pass.ts';
import { createUniverse, SCENARIOS } from './scenarios.ts';
import type { Universe } from './universe.ts';

export type Replayable = Pick<Violation, 'scenario' | 'faults' | 'path'>;

/** The command that replays a violation. */
export function replayCommand({ scenario, faults, path }: Replayable): string {
  const text = path.map(({ move, choices }) => `${move === undefined ? '' : `${move}@`}${choices.join('.')}`).join(',');
  return `npm run sim -- --scenario '${scenario}' --faults ${faults} --replay '${text}'`;
}

export async function replay({ scenario: name, faults, path }: Replayable): Promise<readonly string[]> {
  const scenario = SCENARIOS.find((entry) => entry.name === name);
  if (scenario === undefined) return [`There is no scenario "${name}".`];
  const universe = createUniverse(scenario);
  universe.faultsAllowed = faults;
  const lines: string[] = [];
  for (const [index, tick] of path.entries()) lines.push(...(await tell(universe, index, tick)));
  return lines;
}

async function tell(universe: Universe, index: number, { move, choices }: TickChoice): Promise<string[]> {
  const lines: string[] = [];
  const ticked = await runTick(universe, move, replaying(choices), {
    onCall: ({ service, operation }, fault) => {
      if (fault !== 'none') lines.push(`      ${service}.${operation} ✗ ${fault}`);
    },
    onStep: (step, seen) => {
      const record = seen.record.state === 'present' ? seen.record.record.phase : seen.record.state;
      lines.push(`    ${record}: ${describe(step)}`);
    },
  });
  const outcome = ticked.report?.outcome;
  const end =
    outcome === undefined ? 'crashed' : outcome.kind === 'waiting' ? `waits: ${outcome.wait.reason}` : outcome.kind;
  const late = universe.late.length === 0 ? '' : `, ${universe.late.length} late`;
  return [
    `tick ${index}${move === undefined ? '' : ` after ${move}`}`,
    ...lines,
    `    → ${end}${late}`,
    ...ticked.violations.map((violation) => `    !! ${violation}`),
  ];
}

function describe(step: { readonly kind: string } & object): string {
  const { kind, ...fields } = step;
  const shown = Object.entries(fields).flatMap(([name, value]) =>
    typeof value === 'string'
      ? [value]
      : name === 'record' || name === 'intent'
        ? [`→ ${(value as { phase: string }).phase}`]
        : [],
  );
  return `${kind} ${shown.join(' ')}`;
}
