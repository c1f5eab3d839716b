// Random walks: many faults and every move of a scenario at random moments, then no more faults until the account rests.
// Reaches what a bound on the number of faults leaves out; finds nothing that it cannot replay from its seed.
import { isHeldForPeople, isResting, PASSES_TO_REST_MAXIMUM } from './explore.ts';
import { MOVES } from './moves.ts';
import type { Choose } from './odometer.ts';
import { runTick } from './run-pass.ts';
import { createUniverse, type Scenario } from './scenarios.ts';

export interface Walks {
  readonly walks: number;
  readonly ticks: number;
  readonly faults: number;
  readonly violations: readonly string[];
}

const TICKS = 60;
/** One call in so many is made to fail. */
const FAULT_EVERY = 12;
const MOVE_EVERY = 8;

/** `seed` of the first walk; the next ones count on. */
export async function walk(scenario: Scenario, seed: number, walks: number): Promise<Walks> {
  const violations: string[] = [];
  let ticks = 0;
  let faults = 0;
  for (let index = 0; index < walks; index++) {
    const found = await walkOnce(scenario, seed + index);
    ticks += found.ticks;
    faults += found.faults;
    violations.push(...found.violations.map((text) => `${text} [${scenario.name}, seed ${seed + index}]`));
  }
  return { walks, ticks, faults, violations };
}

async function walkOnce(scenario: Scenario, seed: number): Promise<Omit<Walks, 'walks'>> {
  const random = xorshift(seed);
  const universe = createUniverse(scenario);
  universe.faultsAllowed = Number.POSITIVE_INFINITY;
  const choose: Choose = (count) => (random(FAULT_EVERY) === 0 ? random(count) : 0);
  for (let tick = 0; tick < TICKS; tick++) {
    const possible = universe.movesLeft.filter((move) => MOVES[move]?.isPossible(universe) === true);
    const move = random(MOVE_EVERY) === 0 ? possible[random(Math.max(1, possible.length))] : undefined;
    const { violations } = await runTick(universe, move, choose);
    if (violations.length > 0) return { ticks: tick + 1, faults: universe.faultsUsed, violations };
  }
  const faults = universe.faultsUsed;
  universe.faultsAllowed = 0;
  for (let tick = 0; tick < PASSES_TO_REST_MAXIMUM; tick++) {
    const { violations, report } = await runTick(universe, undefined, () => 0);
    if (violations.length > 0) return { ticks: TICKS + tick, faults, violations };
    if (isResting(universe) || isHeldForPeople(universe, report))
      return { ticks: TICKS + tick, faults, violations: [] };
  }
  const violations = scenario.isLasting === true ? [] : ['9: does not come to rest'];
  return { ticks: TICKS + PASSES_TO_REST_MAXIMUM, faults, violations };
}

/** A small seeded generator (xorshift32); answers 0 … count-1. */
function xorshift(seed: number): (count: number) => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0 || 1;
  return (count) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % count;
  };
}
