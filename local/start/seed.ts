// Sets up the parts that an administrator provides before the service comes: a secret per account for the applications,
// and the accounts and the policy of the service in App Configuration.
import type { LocalAzure } from '../azure/local-azure.ts';
import { publishKeys } from '../azure/publish-keys.ts';

/** Short enough to watch. For the usual orders of magnitude see docs/configuration.md. */
export const DEMO_POLICY = {
  rotationInterval: 'PT20S',
  overlapMinimum: 'PT3S',
  overlapMaximum: 'PT6S',
  onMissing: 'proceed',
  activationFor: 'PT3S',
  verifyProbes: 3,
  activationPatience: 'PT1M',
  confirmFor: 'PT1M',
  confirmOver: 'PT5S',
  backOffMinimum: 'PT1S',
  backOffMaximum: 'PT5S',
  observeEvery: 'PT30S',
  confirmProbes: 2,
  lease: 'PT6S',
  callDeadline: 'PT3S',
  clockSkew: 'PT1S',
  settle: 'PT10S',
  spread: 'PT4S',
  standbyIsFree: true,
};

/** Fields of a policy document, see docs/configuration.md. */
export type DemoPolicy = Readonly<Record<string, string | number | boolean>>;

/** The longest lag of a gateway's node: shorter than `activationFor` and `confirmOver` of the demo policy. */
export const DEMO_LAG_MS = 2_000;

/** `overlapMaximum` of the demo policy. */
export const OVERLAP_MS = 6_000;

export function seed(azure: LocalAzure, policy: DemoPolicy): void {
  const { store } = azure.world;
  publishKeys(azure);
  for (const { id, seed: account } of azure.world.accounts.values()) {
    put(store, `KeyRotation:Accounts:${account.name}`, { resourceId: id, policy: 'demo' });
  }
  put(store, 'KeyRotation:Policies:demo', policy);
  put(store, 'KeyRotation:Sentinel', 1);
}

function put(store: LocalAzure['world']['store'], key: string, value: unknown): void {
  store.set(key, null, { value: JSON.stringify(value), contentType: 'application/json' });
}
