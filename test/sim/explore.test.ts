import { expect, it } from 'vitest';
import { replay } from './replay.ts';
import { SCENARIOS } from './scenarios.ts';
import { exploreAll } from './search.ts';

it('keeps every invariant in every state that two faults can reach, and comes to rest from each', async () => {
  const scenarios = SCENARIOS.map(({ name }) => name);
  const found = await exploreAll({ scenarios, faults: 2, violations: 1 });
  for (const violation of found.flatMap((done) => done.violations)) {
    expect.fail(`${violation.text}\n${(await replay(violation)).join('\n')}`);
  }
  expect(found.map((done) => done.scenario).toSorted()).toEqual(scenarios.toSorted());
  expect(found.reduce((sum, done) => sum + done.schedules, 0)).toBeGreaterThan(1_000_000);
});
