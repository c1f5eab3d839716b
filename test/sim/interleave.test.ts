import { describe, expect, it } from 'vitest';
import { interleave } from './interleave.ts';
import { SCENARIOS } from './scenarios.ts';

describe('two passes at once, frozen or not, in every order up to two preemptions', () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario) => {
    const found = await interleave(scenario, { passes: 2, preemptions: 2, ticks: 16, leavesOutShared: true });
    expect(found.violations).toEqual([]);
    expect(found.interleavings).toBeGreaterThan(1_000);
  });
});
