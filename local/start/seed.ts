// What an administrator has set up before the service comes: a secret per account that the applications read, and the
// accounts and the policy of the service in App Configuration.
import type { LocalAzure } from '../azure/local-azure.ts';

/** Short enough to watch; the order of magnitude of everything else in docs/configuration.md. */
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

const REFERENCE = 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8';

/** Fields of a policy document, see docs/configuration.md. */
export type DemoPolicy = Readonly<Record<string, string | number | boolean>>;

/** When the last node of a gateway learns of a regenerate: earlier than `activationFor` and `confirmOver` of the demo policy. */
export const DEMO_LAG_MS = 2_000;

/** `overlapMaximum` of the demo policy. */
export const OVERLAP_MS = 6_000;

export function seed(azure: LocalAzure, policy: DemoPolicy): void {
  const { vault, store } = azure.world;
  for (const { id, seed: account, keys } of azure.world.accounts.values()) {
    vault.set(`${account.name}-key`, { value: keys.key1.value });
    // As the documentation shows it: a reference that names no version.
    const uri = `${azure.endpoints.keyVault}/secrets/${account.name}-key`;
    store.set(`${account.name}:Key`, null, { value: JSON.stringify({ uri }), contentType: REFERENCE });
    put(store, `KeyRotation:Accounts:${account.name}`, { resourceId: id, policy: 'demo' });
  }
  put(store, 'KeyRotation:Policies:demo', policy);
  put(store, 'KeyRotation:Sentinel', 1);
}

function put(store: LocalAzure['world']['store'], key: string, value: unknown): void {
  store.set(key, null, { value: JSON.stringify(value), contentType: 'application/json' });
}
