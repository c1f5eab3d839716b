// What fits into a test: one fault in every scenario, and two where one fault reaches few states. Two faults everywhere are
// `npm run sim -- --faults 2`.
import { expect, it } from 'vitest';
import { HOLDER_SCENARIOS } from './holder-scenarios.ts';
import { replay } from './replay.ts';
import { SCENARIOS } from './scenarios.ts';
import { exploreAll } from './search.ts';

/** Scenarios with at most so many states after one fault are searched with two. */
const STATES_FOR_TWO_FAULTS = 1_000;
/** With holders a pass has twice as many calls. */
const STATES_WITH_HOLDERS = 400;
const WITH_HOLDERS: ReadonlySet<string> = new Set(HOLDER_SCENARIOS.map(({ name }) => name));

async function searchWithoutViolation(scenarios: readonly string[], faults: number) {
  const found = await exploreAll({ scenarios, faults, violations: 1 });
  for (const violation of found.flatMap((done) => done.violations)) {
    expect.fail(`${violation.text}\n${(await replay(violation)).join('\n')}`);
  }
  expect(found.map((done) => done.scenario).toSorted()).toEqual([...scenarios].toSorted());
  return found;
}

it('keeps every invariant in every state that one fault can reach, and two where they are few, and comes to rest', async () => {
  const withOne = await searchWithoutViolation(
    SCENARIOS.map(({ name }) => name),
    1,
  );
  expect(withOne.reduce((sum, { schedules }) => sum + schedules, 0)).toBeGreaterThan(500_000);
  const maximumOf = (scenario: string): number =>
    WITH_HOLDERS.has(scenario) ? STATES_WITH_HOLDERS : STATES_FOR_TWO_FAULTS;
  const small = withOne.filter(({ scenario, states }) => states <= maximumOf(scenario)).map(({ scenario }) => scenario);
  expect(small.length).toBeGreaterThanOrEqual(8);
  const withTwo = await searchWithoutViolation(small, 2);
  expect(withTwo.reduce((sum, { schedules }) => sum + schedules, 0)).toBeGreaterThan(50_000);
});
