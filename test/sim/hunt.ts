// Looks for the first violation, cheapest search first: no fault, one fault, two passes at once, two faults.
// `hunt.ts [SCENARIO FAULTS|passes]` searches there before. Prints one JSON line `{"killed":…}`; run by the mutant test
// against a changed copy of the core.
import { explore } from './explore.ts';
import { interleave } from './interleave.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

Error.stackTraceLimit = 0;
const NO_END = Number.POSITIVE_INFINITY;

const [hintedScenario, hintedFaults] = process.argv.slice(2);

async function withFaults(scenario: Scenario, faults: number): Promise<string | undefined> {
  const [found] = (await explore(scenario, faults, { violations: 1, until: NO_END }, Date.now)).violations;
  return found === undefined ? undefined : `${found.text} (${scenario.name}, ${faults} faults)`;
}

async function withTwoPasses(scenario: Scenario, isHinted = false): Promise<string | undefined> {
  const bounds = { passes: 2, preemptions: 2, ticks: 16 };
  const [found] = (await interleave(scenario, isHinted ? bounds : { ...bounds, leavesOutShared: true })).violations;
  return found === undefined ? undefined : `${found} (${scenario.name}, two passes)`;
}

async function hunt(): Promise<string | undefined> {
  const hinted = SCENARIOS.filter(({ name }) => name === hintedScenario);
  const searches: readonly (readonly [readonly Scenario[], (scenario: Scenario) => Promise<string | undefined>])[] = [
    [
      hinted,
      hintedFaults === 'passes'
        ? (scenario) => withTwoPasses(scenario, true)
        : (scenario) => withFaults(scenario, Number(hintedFaults)),
    ],
    [SCENARIOS, (scenario) => withFaults(scenario, 0)],
    [SCENARIOS, (scenario) => withFaults(scenario, 1)],
    [SCENARIOS, (scenario) => withTwoPasses(scenario)],
    [SCENARIOS, (scenario) => withFaults(scenario, 2)],
  ];
  for (const [scenarios, search] of searches) {
    for (const scenario of scenarios) {
      const found = await search(scenario);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

process.stdout.write(`${JSON.stringify({ killed: await hunt() })}\n`);
