// `npm run sim -- [--faults K] [--seed N] [--json] [--scenario NAME] [--first] [--replay PATH]`: explores every scenario and
// tells what was found. Exit code 1 when an invariant was violated, 2 when a flag is wrong.
import { commandLineOf } from '../../local/command-line.ts';
import type { Exploration, Violation } from './explore.ts';
import { replay, replayCommand } from './replay.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { exploreAll } from './search.ts';

const USAGE =
  'npm run sim -- [--faults N] [--seed N] [--scenario NAME] [--first] [--json]; with --scenario also --replay SCHEDULE';
const FAULTS_MAXIMUM = 4;
const VIOLATIONS_SHOWN = 3;
const VIOLATIONS_PER_SCENARIO = 10;

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}

function flags() {
  return commandLineOf(USAGE, {
    faults: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    first: { type: 'boolean', default: false },
    scenario: { type: 'string' },
    replay: { type: 'string' },
  });
}

function wholeNumber(name: string, text: string, maximum: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > maximum) {
    fail(`--${name} takes a whole number from 0 to ${maximum}, not ${text}.`);
  }
  return value;
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

const { faults: faultsText, seed: seedText, json, first, scenario: scenarioName, replay: replayText } = flags();
const faults = wholeNumber('faults', faultsText, FAULTS_MAXIMUM);
const seed = wholeNumber('seed', seedText, Number.MAX_SAFE_INTEGER);
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
