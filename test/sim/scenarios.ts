// The listed scenarios: where an account starts, and what may happen to it besides faults.
import type { AccountKnobs } from '../../local/azure/world/world.ts';
import { TICK_MS } from './sim-account.ts';
import { hashOf, type Universe } from './universe.ts';

export interface Scenario {
  readonly name: string;
  /** Moves that may happen, each once, in any order and at any moment. */
  readonly moves: readonly string[];
  readonly setUp: (universe: Universe) => void;
}

/** Applications use key1 from the vault; nothing else is known. */
function inUse(universe: Universe): void {
  universe.world.vault.set(universe.account.secretName, { value: universe.azureAccount.keys.key1.value });
}

function withKnobs(knobs: Partial<AccountKnobs>): (universe: Universe) => void {
  return (universe) => {
    inUse(universe);
    Object.assign(universe.azureAccount.knobs, knobs);
  };
}

function empty(universe: Universe): void {
  universe.memory.named.set(hashOf(universe.azureAccount.keys.key1.value), universe.now);
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'adoption without a secret', moves: [], setUp: empty },
  { name: 'rotations back to back', moves: [], setUp: inUse },
  { name: 'requested rotation', moves: ['requestRotation'], setUp: inUse },
  { name: 'repair of the published key', moves: ['regeneratePublishedByHand'], setUp: inUse },
  { name: 'repair of the standby key', moves: ['regenerateStandbyByHand'], setUp: inUse },
  { name: 'repair of a deleted secret', moves: ['deleteSecret'], setUp: inUse },
  { name: 'switch by hand', moves: ['switchByHand'], setUp: inUse },
  { name: 'reference overwritten', moves: ['overwriteReference'], setUp: inUse },
  { name: 'compromised published', moves: ['compromisePublished'], setUp: inUse },
  { name: 'compromised standby', moves: ['compromiseStandby'], setUp: inUse },
  { name: 'roll back', moves: ['rollBack'], setUp: inUse },
  { name: 'paused in mid-rotation', moves: ['pause', 'resume'], setUp: inUse },
  { name: 'compromised while paused', moves: ['pause', 'compromisePublished'], setUp: inUse },
  { name: 'compromised, then rolled back', moves: ['compromiseStandby', 'rollBack'], setUp: inUse },
  {
    name: 'repair with a key slow to activate',
    moves: ['regeneratePublishedByHand', 'requestRotation'],
    setUp: withKnobs({ activationDelayMs: 3 * TICK_MS }),
  },
  { name: 'new key slow to activate', moves: [], setUp: withKnobs({ activationDelayMs: 2 * TICK_MS }) },
  { name: 'superseded key accepted for a while', moves: [], setUp: withKnobs({ supersededAcceptedMs: 2 * TICK_MS }) },
];
