// The listed scenarios: where an account starts, and what may happen to it besides faults.
import { type AccountKnobs, type GatewayNode, PROMPT_NODE } from '../../local/azure/world/world.ts';
import type { Policy } from '../../src/rotation/model.ts';
import { SHUT } from './moves.ts';
import { ACCOUNT, SIM_POLICY, TICK_MS } from './sim-account.ts';
import { hashOf, Universe } from './universe.ts';

export interface Scenario {
  readonly name: string;
  /** Moves that may happen, each once, in any order and at any moment. */
  readonly moves: readonly string[];
  /** What the policy says besides the usual. */
  readonly policy?: Partial<Policy>;
  /** A pass happens only when the timer would start one: when the account is due or something is asked. */
  readonly isDueDriven?: boolean;
  /** Each pass may run on an instance whose clock is ahead or behind. */
  readonly isSkewed?: boolean;
  /** A condition that does not end may keep the account from its rest; what must happen all the same is checked. */
  readonly isLasting?: boolean;
  readonly setUp: (universe: Universe) => void;
}

/** Applications use key1 from the vault; nothing else is known. */
function inUse(universe: Universe): void {
  universe.world.vault.set(universe.account.secretName, { value: universe.azureAccount.keys.key1.value });
}

function withNodes(...nodes: readonly GatewayNode[]): (universe: Universe) => void {
  return (universe) => {
    inUse(universe);
    universe.azureAccount.knobs.nodes = nodes;
  };
}

function withKnobs(knobs: Partial<AccountKnobs>): (universe: Universe) => void {
  return (universe) => {
    inUse(universe);
    Object.assign(universe.azureAccount.knobs, knobs);
  };
}

const NEVER_MS = Number.POSITIVE_INFINITY;

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
    setUp: withNodes({ acceptsNewAfterMs: 3 * TICK_MS, acceptsOldForMs: 0 }),
  },
  {
    name: 'consumers acknowledge',
    moves: ['acknowledge'],
    policy: { consumers: ['application'] },
    setUp: inUse,
  },
  {
    name: 'consumers need not acknowledge',
    moves: ['acknowledge'],
    policy: { consumers: ['application'], onMissing: 'proceed' },
    setUp: inUse,
  },
  { name: 'standby may be in use', moves: ['approve'], policy: { standbyIsFree: false }, setUp: inUse },
  { name: 'frozen in mid-rotation', moves: ['freeze', 'thaw'], setUp: inUse },
  { name: 'window shut in mid-rotation', moves: ['shutWindow', 'openWindow'], setUp: inUse },
  { name: 'compromised outside the window', moves: ['compromisePublished'], policy: SHUT, setUp: inUse },
  { name: 'overlap shortened in mid-rotation', moves: ['shortenOverlap'], setUp: inUse },
  { name: 'rotations as the timer sees them', moves: ['requestRotation'], isDueDriven: true, setUp: inUse },
  { name: 'clocks apart', moves: [], isSkewed: true, setUp: inUse },
  {
    name: 'new key slow to activate',
    moves: [],
    setUp: withNodes({ acceptsNewAfterMs: 2 * TICK_MS, acceptsOldForMs: 0 }),
  },
  {
    name: 'superseded key accepted for a while',
    moves: [],
    setUp: withNodes({ acceptsNewAfterMs: 0, acceptsOldForMs: 2 * TICK_MS }),
  },
  {
    name: 'superseded key accepted for longer than is waited for',
    moves: [],
    setUp: withNodes({ acceptsNewAfterMs: 0, acceptsOldForMs: 6 * TICK_MS }),
  },
  {
    name: 'nodes that lag',
    moves: [],
    setUp: withNodes(PROMPT_NODE, { acceptsNewAfterMs: TICK_MS, acceptsOldForMs: TICK_MS }),
  },
  {
    name: 'a node that lags for longer than new keys are left to it',
    moves: [],
    policy: { overlapMinimumMs: 3 * TICK_MS },
    setUp: withNodes(PROMPT_NODE, { acceptsNewAfterMs: 2 * TICK_MS, acceptsOldForMs: 2 * TICK_MS }),
  },
  {
    name: 'a node that learns when it does',
    moves: ['nodesLearn'],
    isLasting: true,
    setUp: withNodes(PROMPT_NODE, { acceptsNewAfterMs: NEVER_MS, acceptsOldForMs: NEVER_MS }),
  },
  {
    name: 'compromised with a node that lags',
    moves: ['compromisePublished'],
    setUp: withNodes(PROMPT_NODE, { acceptsNewAfterMs: TICK_MS, acceptsOldForMs: 2 * TICK_MS }),
  },
  {
    name: 'compromised while App Configuration refuses every write',
    moves: ['compromisePublished', 'refuseStoreWrites'],
    isLasting: true,
    setUp: inUse,
  },
  {
    name: 'compromised without App Configuration',
    moves: ['compromisePublished', 'loseStore'],
    isLasting: true,
    setUp: inUse,
  },
  {
    name: 'compromised while the data plane answers nobody',
    moves: ['compromisePublished'],
    isLasting: true,
    setUp: withKnobs({ isDeniedByFirewall: true }),
  },
  {
    name: 'an outage accepted while Key Vault fails',
    moves: ['compromisePublishedAtAnyCost', 'throttleVault'],
    setUp: inUse,
  },
  { name: 'storm of 429 from ARM', moves: ['throttleArm'], isDueDriven: true, setUp: inUse },
  { name: 'compromised in a storm of 429', moves: ['compromisePublished', 'throttleArm'], setUp: inUse },
  { name: 'Key Vault throttled', moves: ['throttleVault'], isDueDriven: true, setUp: inUse },
  { name: 'App Configuration contended', moves: ['contendStore'], setUp: inUse },
  { name: 'App Configuration throttled', moves: ['throttleStore'], isDueDriven: true, setUp: inUse },
  { name: 'table service down', moves: ['stopTable'], setUp: inUse },
];

/** A universe at the start of the scenario. */
export function createUniverse(scenario: Scenario): Universe {
  const account = { ...ACCOUNT, policy: { ...SIM_POLICY, ...scenario.policy } };
  const universe = new Universe(account);
  universe.movesLeft = scenario.moves;
  universe.isDueDriven = scenario.isDueDriven ?? false;
  universe.isSkewed = scenario.isSkewed ?? false;
  scenario.setUp(universe);
  return universe;
}
