// Builds an `Account` for tests, with a policy of sensible literal values.
// It must not read the settings or the clock: a test that needs other values says which.
import type { Account, AccountAlias, AccountId, Policy } from '../../src/rotation/model.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const TEST_SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
export const TEST_RESOURCE_GROUP = 'rg-test';

/** Rotates every 30 days with an overlap of 25 hours to 7 days; nobody has to acknowledge. */
export function buildPolicy(changes: Partial<Policy> = {}): Policy {
  return {
    rotationIntervalMs: 30 * DAY,
    overlapMinimumMs: 25 * HOUR,
    overlapMaximumMs: 7 * DAY,
    onMissing: 'hold',
    consumers: [],
    activationForMs: 5 * MINUTE,
    verifyProbes: 2,
    activationPatienceMs: 30 * MINUTE,
    emergencyPatienceMs: MINUTE,
    confirmForMs: 24 * HOUR,
    confirmOverMs: 15 * MINUTE,
    confirmProbes: 2,
    attemptsMaximum: 3,
    observeEveryMs: HOUR,
    backOffMinimumMs: MINUTE,
    backOffMaximumMs: HOUR,
    leaseMs: 2 * MINUTE,
    callDeadlineMs: 20 * SECOND,
    clockSkewMs: 10 * SECOND,
    settleMs: 3 * MINUTE,
    jitterMs: 0,
    standbyIsFree: true,
    isObserveOnly: false,
    isFrozen: false,
    ...changes,
  };
}

/** An account whose ARM id, secret, reference and flag follow from `name`, as the settings would have it. */
export function buildAccount(name: string, changes: Partial<Account> = {}): Account {
  const id =
    `/subscriptions/${TEST_SUBSCRIPTION}/resourcegroups/${TEST_RESOURCE_GROUP}` +
    `/providers/microsoft.cognitiveservices/accounts/${name}`;
  return {
    id: id.toLowerCase() as AccountId,
    alias: name as AccountAlias,
    subscriptionId: TEST_SUBSCRIPTION,
    resourceGroup: TEST_RESOURCE_GROUP,
    name,
    vaultUrl: 'https://vault.test',
    secretName: `${name}-key`,
    referenceKey: `${name}:Key`,
    flagName: `${name}-uses-key2`,
    label: undefined,
    policyName: 'default',
    policy: buildPolicy(),
    ...changes,
  };
}
