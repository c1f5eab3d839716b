// Fleets and campaigns that are small enough for every schedule of faults, and hold every way in which one can go on.
import type { Behaviour, Scenario, Seed } from './campaign-universe.ts';

const fleet = (...behaviours: readonly Behaviour[]): readonly Seed[] =>
  behaviours.map((behaviour, index) => ({
    behaviour,
    subscription: index % 2 === 0 ? 'even' : 'odd',
    vault: index < 3 ? 'https://first' : 'https://second',
  }));

const canary = (index: number) => ({ accounts: [`account-${index}`] });

const WISH: Scenario['wish'] = {
  rings: [canary(0), { percent: 100 }],
  maxFailures: 0,
  perSubscription: 1,
  perVault: 5,
  bakeMs: 0,
  waitFor: 'published',
};

const scenario = (
  name: string,
  seeds: readonly Seed[],
  ends: Scenario['ends'],
  wish: Partial<Scenario['wish']> = {},
  words: Scenario['words'] = {},
): Scenario => ({ name, seeds, ends, words, wish: { ...WISH, ...wish } });

export const CAMPAIGN_SCENARIOS: readonly Scenario[] = [
  scenario('all rotate', fleet('rotates', 'rotates', 'rotates', 'rotates'), 'completed'),
  scenario('a cap per vault', fleet('rotates', 'rotates', 'rotates'), 'completed', { perSubscription: 5, perVault: 1 }),
  scenario('time to bake', fleet('rotates', 'rotates', 'rotates'), 'completed', { bakeMs: 150_000 }),
  scenario('waits for completion', fleet('rotates', 'rotates', 'rotates'), 'completed', { waitFor: 'completed' }),
  scenario('one is busy', fleet('rotates', 'isBusy', 'rotates'), 'completed'),
  scenario('the canary blocks', fleet('blocks', 'rotates', 'rotates'), 'halted'),
  scenario('a failure too many', fleet('rotates', 'blocks', 'rotates', 'blocks', 'rotates'), 'halted'),
  scenario('one turns out to be blocked', fleet('rotates', 'rotates', 'turnsBlocked', 'rotates'), 'halted', {
    perSubscription: 5,
  }),
  scenario('the canary blocks, and one failure is allowed', fleet('blocks', 'rotates', 'rotates'), 'halted', {
    maxFailures: 1,
  }),
  scenario('the last ring fails as a whole', fleet('rotates', 'blocks'), 'halted', { maxFailures: 5 }),
  scenario('a failure that is allowed', fleet('rotates', 'blocks', 'rotates'), 'completed', { maxFailures: 1 }),
  scenario('one leaves the fleet', fleet('rotates', 'leaves', 'rotates', 'rotates'), 'completed', { maxFailures: 1 }),
  scenario('the canary is rolled back during the bake', fleet('isRolledBack', 'rotates'), 'halted', {
    bakeMs: 240_000,
  }),
  scenario('the canary is rolled back before it completes', fleet('isRolledBack', 'rotates'), 'halted', {
    waitFor: 'completed',
  }),
  scenario('aborted', fleet('rotates', 'rotates', 'rotates', 'rotates'), 'aborted', {}, { 3: 'abort' }),
  scenario('paused and resumed', fleet('rotates', 'rotates', 'rotates'), 'completed', {}, { 2: 'pause', 14: 'resume' }),
  scenario('resumed after a halt', fleet('blocks', 'rotates', 'rotates'), 'completed', {}, { 14: 'resume' }),
  scenario(
    'resumed after a whole ring has failed',
    fleet('blocks', 'rotates', 'rotates'),
    'completed',
    { maxFailures: 5 },
    { 14: 'resume' },
  ),
  { ...scenario('two instances', fleet('rotates', 'rotates', 'rotates', 'rotates'), 'completed'), isTwin: true },
];
