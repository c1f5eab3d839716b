// Looks for the first violation, cheapest search first: no fault, one fault, two passes at once, two faults.
// `hunt.ts [SCENARIO FAULTS]` searches there before. Prints one JSON line `{"killed":…}`; run by the mutant test against a changed copy of the core.
import { explore } from './explore.ts';
import { interleave } from './interleave.ts';
import { SCENARIOS } from './scenarios.ts';

Error.stackTraceLimit = 0;
const NO_END = Number.POSITIVE_INFINITY;

const [hintedScenario, hintedFaults] = process.argv.slice(2);

async function hunt(): Promise<string | undefined> {
  for (const scenario of SCENARIOS.filter(({ name }) => name === hintedScenario)) {
    const limits = { violations: 1, until: NO_END };
    const [found] = (await explore(scenario, Number(hintedFaults), limits, Date.now)).violations;
    if (found !== undefined) return `${found.text} (${scenario.name}, ${hintedFaults ?? ''} faults)`;
  }
  for (const faults of [0, 1]) {
    for (const scenario of SCENARIOS) {
      const [found] = (await explore(scenario, faults, { violations: 1, until: NO_END }, Date.now)).violations;
      if (found !== undefined) return `${found.text} (${scenario.name}, ${faults} faults)`;
    }
  }
  for (const scenario of SCENARIOS) {
    const [found] = (await interleave(scenario, { passes: 2, preemptions: 2, ticks: 16 })).violations;
    if (found !== undefined) return `${found} (${scenario.name}, two passes)`;
  }
  for (const scenario of SCENARIOS) {
    const [found] = (await explore(scenario, 2, { violations: 1, until: NO_END }, Date.now)).violations;
    if (found !== undefined) return `${found.text} (${scenario.name}, 2 faults)`;
  }
  return undefined;
}

process.stdout.write(`${JSON.stringify({ killed: await hunt() })}\n`);
