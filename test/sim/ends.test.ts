// The exploration derives most ends of a tick instead of running them. Here each end is run as well.
import { expect, it } from 'vitest';
import { canonical } from './canonical.ts';
import { exploreTick } from './explore-tick.ts';
import { Odometer, replaying } from './odometer.ts';
import { runTick } from './run-pass.ts';
import { createUniverse, SCENARIOS } from './scenarios.ts';
import type { Universe } from './universe.ts';

const TICKS = 16;
const FAULTS = 2;
/** With holders a tick has twice as many calls, and four times as many ends. */
const FAULTS_WITH_HOLDERS = 1;

function universeOf(name: string): Universe {
  const scenario = SCENARIOS.find((entry) => entry.name === name);
  if (scenario === undefined) throw new Error(`There is no scenario "${name}".`);
  const universe = createUniverse(scenario);
  universe.faultsAllowed = universe.holders === undefined ? FAULTS : FAULTS_WITH_HOLDERS;
  return universe;
}

it.each([
  'rotations back to back',
  'compromised published',
  'nodes that lag',
  'compromised published, with a holder',
  'two holders',
])('derives the ends that runs have: %s', async (name) => {
  const universe = universeOf(name);
  for (let tick = 0; tick < TICKS; tick++) {
    const start = universe.snapshot();
    const [move] = tick % 4 === 3 ? universe.movesLeft : [];
    const derived = new Map<string, number>();
    const ends: { readonly choices: readonly number[]; readonly state: string }[] = [];
    await exploreTick(universe, start, move, ({ choices }) => {
      const state = canonical(universe);
      derived.set(state, Math.min(derived.get(state) ?? FAULTS, universe.faultsUsed));
      ends.push({ choices, state });
      return true;
    });
    const different: (readonly number[])[] = [];
    for (const { choices, state } of ends) {
      universe.restore(start);
      await runTick(universe, move, replaying(choices));
      if (canonical(universe) !== state) different.push(choices);
    }
    expect(different).toEqual([]);
    const missing: (readonly number[])[] = [];
    const odometer = new Odometer();
    do {
      universe.restore(start);
      await runTick(universe, move, odometer.choose);
      const fewest = derived.get(canonical(universe)) ?? Number.POSITIVE_INFINITY;
      if (fewest > universe.faultsUsed) missing.push(odometer.taken());
    } while (odometer.next());
    expect(missing).toEqual([]);
    universe.restore(start);
    await runTick(universe, undefined, () => 0);
  }
});

it('reports what a late effect does wrong in the tick in which it lands', async () => {
  const universe = universeOf('rotations back to back');
  const { account, now } = universe;
  const land = (report: (violation: string) => void): Promise<void> => {
    report('seen');
    return Promise.resolve();
  };
  universe.late = [{ landsAt: now + 1, land, sent: { operation: 'regenerate', account, slot: 'key1' } }];
  const { violations } = await runTick(universe, undefined, () => 0);
  expect(violations).toEqual(['seen']);
});
