// Every schedule of faults over every scenario; prints the first violation as JSON when run by itself, for the mutants.
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { runCampaign } from './campaign-run.ts';
import { CAMPAIGN_SCENARIOS } from './campaign-scenarios.ts';
import type { Scenario } from './campaign-universe.ts';
import { Odometer } from './odometer.ts';

export interface CampaignExploration {
  readonly runs: number;
  readonly violation: string | undefined;
}

/** Ends at the first violation, which tells scenario, choices and calls. */
export async function exploreCampaign(scenario: Scenario, faults: number): Promise<CampaignExploration> {
  const odometer = new Odometer();
  let runs = 0;
  do {
    runs++;
    const { violation, trace } = await runCampaign(scenario, faults, odometer.choose);
    if (violation === undefined) continue;
    const schedule = `choices ${JSON.stringify(odometer.taken())}\n${trace.join('\n')}`;
    return { runs, violation: `${scenario.name}, ${violation}\n${schedule}` };
  } while (odometer.next());
  return { runs, violation: undefined };
}

// A simulated failure is an error thrown thousands of times: its stack is of no use and dear.
Error.stackTraceLimit = 0;

async function main(): Promise<void> {
  let killed: string | undefined;
  for (const faults of [0, 1]) {
    for (const scenario of CAMPAIGN_SCENARIOS) killed ??= (await exploreCampaign(scenario, faults)).violation;
  }
  console.log(JSON.stringify({ killed: killed?.split('\n')[0] }));
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) await main();
