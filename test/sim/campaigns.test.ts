// Campaigns under every schedule of faults: nobody is rotated twice or lost, rings and caps hold, halts and aborts stop.
import { describe, expect, it } from 'vitest';
import { exploreCampaign } from './campaign-explore.ts';
import { CAMPAIGN_SCENARIOS } from './campaign-scenarios.ts';

describe('a campaign keeps its word under every schedule of two faults', () => {
  it.each(CAMPAIGN_SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario) => {
    const found = await exploreCampaign(scenario, 2);
    expect(found.violation).toBeUndefined();
    expect(found.runs).toBeGreaterThan(500);
  });
});
