// The one account of a simulation and its policy, in ticks: a pass happens at each tick, time moves between passes.

import { type AccountSeed, accountIdOf } from '../../local/azure/world/world.ts';
import type { Account, AccountAlias, AccountId, Policy } from '../../src/rotation/model.ts';

export const TICK_MS = 10_000;

export const SIM_POLICY: Policy = {
  rotationIntervalMs: 7 * TICK_MS,
  overlapMinimumMs: TICK_MS,
  overlapMaximumMs: 3 * TICK_MS,
  onMissing: 'hold',
  consumers: [],
  activationForMs: TICK_MS,
  verifyProbes: 2,
  activationPatienceMs: 5 * TICK_MS,
  emergencyPatienceMs: TICK_MS,
  confirmForMs: 4 * TICK_MS,
  confirmOverMs: TICK_MS,
  confirmProbes: 2,
  attemptsMaximum: 9,
  observeEveryMs: 3 * TICK_MS,
  backOffMinimumMs: TICK_MS,
  backOffMaximumMs: 2 * TICK_MS,
  // A crash leaves the lease for one tick: the next pass finds it held, the one after finds it over.
  leaseMs: 14_000,
  callDeadlineMs: 2_000,
  clockSkewMs: 1_000,
  settleMs: 20_000,
  jitterMs: 0,
  standbyIsFree: true,
  isObserveOnly: false,
  isFrozen: false,
};

export const SEED: AccountSeed = {
  subscriptionId: '00000000-0000-0000-0000-000000000001',
  resourceGroup: 'simulated',
  name: 'language',
  kind: 'TextAnalytics',
  location: 'westeurope',
  keyShape: 'hex32',
};

export const ACCOUNT: Account = {
  id: accountIdOf(SEED).toLowerCase() as AccountId,
  alias: 'language' as AccountAlias,
  subscriptionId: SEED.subscriptionId,
  resourceGroup: SEED.resourceGroup,
  name: SEED.name,
  vaultUrl: 'https://vault.example',
  secretName: 'language-key',
  referenceKey: 'language:Key',
  flagName: 'language-uses-key2',
  label: undefined,
  policyName: 'default',
  policy: SIM_POLICY,
};
