// `npm run sim`: explores every scenario and tells what was found. Exit code 1 when an invariant was violated, 2 when a flag
// is wrong.
import { readCommand } from '../../local/command-line.ts';
import type { Exploration, Violation } from './explore.ts';
import { replay, replayCommand } from './replay.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { exploreAll } from './search.ts';

const VIOLATIONS_SHOWN = 3;
const VIOLATIONS_PER_SCENARIO = 10;

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}

function scenariosNamed(name: string | undefined): readonly Scenario[] {
  if (name === undefined) return SCENARIOS;
  const found = SCENARIOS.filter((scenario) => scenario.name === name);
  if (found.length > 0) return found;
  return fail(`There is no scenario "${name}"; there are: ${SCENARIOS.map((scenario) => scenario.name).join(' · ')}.`);
}

/** The order of the scenarios is all that a seed changes: the exploration itself is exhaustive. */
function turned(scenarios: readonly Scenario[], seed: number): Scenario[] {
  const turn = seed % Math.max(1, scenarios.length);
  return [...scenarios.slice(turn), ...scenarios.slice(0, turn)];
}

async function show(violation: Violation): Promise<void> {
  process.stderr.write(`\nVIOLATION ${violation.text}\n  ${replayCommand(violation)}\n`);
  for (const line of await replay(violation)) process.stderr.write(`  ${line}\n`);
}

const {
  faults,
  seed,
  json,
  first,
  scenario: scenarioName,
  replay: replayText,
} = readCommand({
  name: 'npm run sim',
  does:
    'tries every scenario of the simulator with every fault that is possible in it, and says what was found. ' +
    'Exit code 1: an invariant was violated.',
  flags: {
    faults: { kind: 'number', means: 'the most faults in a scenario', minimum: 0, maximum: 4, default: 2 },
    seed: { kind: 'number', means: 'the scenario to begin with', minimum: 0, maximum: 1_000_000_000, default: 1 },
    scenario: { kind: 'text', value: 'NAME', means: 'tries one scenario' },
    first: { kind: 'switch', means: 'ends at the first violation' },
    replay: { kind: 'text', value: 'SCHEDULE', means: 'prints one schedule, as a violation names it; with --scenario' },
    json: { kind: 'switch', means: 'prints the sum as JSON' },
  },
  examples: ['npm run sim -- --faults 1'],
});
const startedAt = Date.now();

if (replayText !== undefined) {
  const [scenario] = scenariosNamed(scenarioName);
  if (scenario === undefined || scenarioName === undefined) fail('--replay needs --scenario.');
  const path: Violation['path'] = parsePath(replayText);
  for (const line of await replay({ scenario: scenario.name, faults, path })) process.stdout.write(`${line}\n`);
  process.exit(0);
}

function parsePath(text: string): Violation['path'] {
  return text.split(',').map((tick) => {
    const [choices = '', move] = tick.split('@').toReversed();
    return { move, choices: choices === '' ? [] : choices.split('.').map(Number) };
  });
}

const scenarios = turned(scenariosNamed(scenarioName), seed).map(({ name }) => name);
const found = await exploreAll({
  scenarios,
  faults,
  violations: first ? 1 : VIOLATIONS_PER_SCENARIO,
  stopsAtFirst: first,
  onDone: (done) =>
    process.stderr.write(
      `${done.scenario}: ${done.schedules} schedules, ${done.states} states, ` +
        `at rest within ${done.passesToRest} passes, ${done.violations.length} violations\n`,
    ),
});
const violations = found.flatMap((done) => done.violations);
const sum = (count: (done: Exploration) => number): number => found.reduce((total, done) => total + count(done), 0);
const schedules = sum((done) => done.schedules);
const states = sum((done) => done.states);
const passesToRest = Math.max(...found.map((done) => done.passesToRest));
for (const violation of violations.slice(0, VIOLATIONS_SHOWN)) await show(violation);
const seconds = Math.round((Date.now() - startedAt) / 100) / 10;
const summary = {
  faults,
  scenarios: scenarios.length,
  schedules,
  states,
  violations: violations.length,
  passesToRest,
  seconds,
};
process.stdout.write(
  `${
    json
      ? JSON.stringify(summary)
      : Object.entries(summary)
          .map(([name, value]) => `${name} ${value}`)
          .join(', ')
  }\n`,
);
process.exitCode = violations.length > 0 ? 1 : 0;
