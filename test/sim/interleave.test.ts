import { describe, expect, it } from 'vitest';
import { HOLDER_SCENARIOS } from './holder-scenarios.ts';
import { interleave } from './interleave.ts';
import { SCENARIOS } from './scenarios.ts';

const WITHOUT_HOLDERS = SCENARIOS.filter((scenario) => !HOLDER_SCENARIOS.includes(scenario));

describe('two passes at once, frozen or not, in every order up to two preemptions', () => {
  it.each(WITHOUT_HOLDERS.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario) => {
    const found = await interleave(scenario, { passes: 2, preemptions: 2, ticks: 16, leavesOutShared: true });
    expect(found.violations).toEqual([]);
    expect(found.interleavings).toBeGreaterThan(1_000);
  });
});

// Two preemptions take twenty seconds each there: `npm run sim:deep`.
describe('two passes at once over an account with holders, up to one preemption', () => {
  it.each(HOLDER_SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario) => {
    const found = await interleave(scenario, { passes: 2, preemptions: 1, ticks: 16 });
    expect(found.violations).toEqual([]);
    expect(found.interleavings).toBeGreaterThan(500);
  });
});
