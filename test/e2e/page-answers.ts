// What the page is told of one account and of what would be done to it, in the documented shapes.
// It must not serve anything.

const HOUR = 3_600_000;
const from = (ms: number): string => new Date(Date.now() + ms).toISOString();
const ago = (ms: number): string => from(-ms);

/** The account in its overlap: one consumer has acknowledged, one has not. */
export const OVERLAP = {
  phase: 'propagating',
  phaseSince: ago(5 * HOUR - 40_000),
  rotationId: 6,
  reason: 'OverlapNotOver',
  nextRotationAt: undefined,
  last: undefined,
  consumers: ['orders-api', 'search-web'],
  keys: [
    { slot: 'key1', role: 'published', fingerprint: '60c6e1a94f02d7b6' },
    { slot: 'key2', role: 'superseded', fingerprint: '50c6e1a94f02d7b5' },
  ],
  overlap: {
    since: ago(5 * HOUR - 40_000),
    endsAt: ago(-163 * HOUR),
    minimumEndsAt: ago(-20 * HOUR),
    maximumEndsAt: ago(-163 * HOUR),
    missingConsumers: ['search-web'],
    consumers: [{ consumer: 'orders-api', acknowledgedAt: ago(HOUR) }, { consumer: 'search-web' }],
  },
};

export const CHECKED = {
  isHealthy: false,
  isReadyForKeyless: 'unknown',
  keys: { key1: '60c6e1a94f02d7b6', key2: '50c6e1a94f02d7b5' },
  findings: [
    {
      check: 'key1Accepted',
      result: 'pass',
      detail: 'key1 (published) is accepted: live (status 200).',
      latencyMs: 41,
    },
    {
      check: 'otherSecrets',
      result: 'warning',
      detail: 'Other secrets hold a key: old-key (key2).',
      remedy: 'Move its readers.',
    },
    { check: 'networkRules', result: 'fail', detail: 'This app is not let in.', remedy: 'Allow its subnet.' },
  ],
};

/** As an account at rest has it. */
export const LAST_CHECK = {
  ...CHECKED,
  at: ago(2 * HOUR),
  by: 'Grace Hopper (o-2)',
  reason: 'a caller reports 401',
  isVaultSearched: true,
};

export const CHECK_PLAN = {
  account: 'orders-0001',
  calls: [
    { call: 'Table: read the record', count: 1 },
    { call: 'Key Vault: get the newest version of the secret orders-0001-key', count: 1 },
    { call: 'Azure Resource Manager: list the keys of orders-0001', count: 1 },
    { call: 'AI services: one harmless call to orders-0001 with each key', count: 2 },
    { call: 'Table: keep the result of the check', count: 1 },
  ],
  total: 6,
  others:
    'Nothing is changed, and no application is affected: the calls count against the limits of the account alone.',
};

export const REHEARSED = {
  account: 'orders-0001',
  steps: [
    { at: from(1_000), step: 'publish', slot: 'key2', calls: ['Key Vault: set the secret orders-0001-key'] },
    { at: from(2_000), step: 'announceReference', calls: ['App Configuration: set orders-0001:Key'] },
    {
      at: from(3_000),
      step: 'announceFlag',
      calls: ['App Configuration: set the feature flag orders-0001-uses-key2'],
    },
    {
      at: from(4_000),
      step: 'regenerate',
      slot: 'key1',
      calls: ['Table: write the record', 'Azure Resource Manager: regenerate key1 of orders-0001'],
    },
  ],
  waits: [],
  end: { at: from(9_000), reason: 'NotDue', isBlocked: false },
  consumers: [
    {
      consumer: 'orders-api',
      risk: 'cutOff',
      detail: 'The key that it uses dies at once: calls fail until it has refreshed.',
    },
    { consumer: 'search-web', risk: 'none', detail: 'It uses the other key.' },
  ],
  others: 'Applications that have not taken the new key by then are cut off.',
};

/** A leaked key: replaced, and proven dead a little later. */
export const LEAKED = {
  replacedAt: ago(HOUR),
  provenAt: ago(HOUR / 2),
  open: {
    id: 'r-3',
    kind: 'compromised',
    state: 'replaced',
    reason: 'in a repository',
    by: 'Grace Hopper (o-2)',
    at: ago(HOUR + 5_000),
    fingerprint: '60c6e1a94f02d7b6',
    replacedAt: ago(HOUR),
    summary: `The leaked key is not a key of the account since ${ago(HOUR)}. The proof is under way.`,
  },
};

/** All rotations are frozen, by a person. */
export const FROZEN = {
  isFrozen: true,
  changedAt: ago(2 * HOUR),
  changed: { by: 'Ada Lovelace (o-1)', reason: 'the network team works', at: ago(2 * HOUR) },
};

export const FREEZE_PLAN = {
  present: { isFrozen: false },
  isFrozen: true,
  isChanged: true,
  calls: ['App Configuration: set KeyRotation:Freeze to true'],
  underWay: { count: 2, accounts: ['orders-0001', 'support-0003'] },
  due: { count: 1, accounts: ['search-0002'] },
  campaigns: 1,
};
