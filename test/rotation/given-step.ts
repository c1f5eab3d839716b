// One step on an account of the simulations, carried out by itself: a sighting, and the effects that were asked for.
// It must not check anything: the tests say what they expect of the effects and of the next sighting.

import type { ActingStep } from '../../src/rotation/decide/step.ts';
import type { OwnerId, RotationId } from '../../src/rotation/model.ts';
import { type Executed, execute } from '../../src/rotation/pass/execute.ts';
import { interceptPorts } from '../../src/rotation/pass/intercept.ts';
import { look, type Sighting } from '../../src/rotation/pass/observe.ts';
import { withVerdict } from '../../src/rotation/pass/probed.ts';
import { ACCOUNT } from '../sim/sim-account.ts';
import type { Universe } from '../sim/universe.ts';
import { idle } from './given.ts';
import { dueAccount } from './given-pass.ts';

const ME = 'me' as OwnerId;

export interface Bench {
  readonly universe: Universe;
  readonly sighting: Sighting;
  readonly effects: readonly string[];
  readonly carryOut: (step: ActingStep, sighting?: Sighting) => Promise<Executed>;
}

/** An adopted account as seen now, and a way to carry out a step on it; effects are written down, then `onEffect`. */
export async function bench(
  onEffect: (universe: Universe, operation: string) => void = () => undefined,
): Promise<Bench> {
  const universe = await dueAccount();
  const effects: string[] = [];
  const ports = interceptPorts(universe.ports, ({ operation, isEffect }, proceed) => {
    if (isEffect) {
      effects.push(operation);
      onEffect(universe, operation);
    }
    return proceed();
  });
  const sighting = await look(ACCOUNT, ports, await ports.records.read(ACCOUNT));
  const pass = { account: ACCOUNT, ports, clock: { now: () => universe.now }, owner: ME };
  return { universe, sighting, effects, carryOut: (step, seen = sighting) => execute(pass, seen, step) };
}

export function accepted(sighting: Sighting): Sighting {
  const verdicts = withVerdict(sighting.verdicts, sighting.keys.key1.fingerprint, 'accepted');
  return { ...sighting, verdicts };
}

export const regenerateOf = (
  slot: 'key1' | 'key2',
  { keys, stored }: Sighting,
): ActingStep & { kind: 'regenerate' } => ({
  kind: 'regenerate',
  slot,
  fingerprint: keys[slot].fingerprint,
  intent: {
    phase: 'preparing',
    rotationId: 1 as RotationId,
    published: stored.entity.record?.published ?? idle.published,
    reason: 'RotationDue',
    before: keys[slot].fingerprint,
    attempts: 1,
  },
  closes: [],
  history: [],
});
