// Every kind of the table under Azure's own names: its host as Azure Resource Manager lists it, and its probe.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CloudName } from '../../local/azure/data-plane-names.ts';
import type { AccountKnobs, AccountSeed } from '../../local/azure/world/world.ts';
import { createAccountDetails } from '../../src/azure/arm/account-details.ts';
import { createManagement } from '../../src/azure/arm/account-keys.ts';
import { createCredential } from '../../src/azure/client/credential.ts';
import { proofOf } from '../../src/azure/data-plane/find-kind.ts';
import { KINDS } from '../../src/azure/data-plane/kinds.ts';
import { createProbes } from '../../src/azure/data-plane/probes.ts';
import { CLOUDS } from '../../src/config/cloud.ts';
import { PROBE_VERSIONS } from '../../src/config/probe-versions.ts';
import type { Account, AccountId, Slot } from '../../src/rotation/model.ts';
import type { ProbeResult } from '../../src/rotation/ports.ts';
import { SecretValue } from '../../src/rotation/secret.ts';
import { buildAccount } from '../support/account.ts';
import { type NamedAzure, startNamedAzure } from './named-azure.ts';
import { UNGOVERNED } from './wire.ts';

let named: NamedAzure;
let probeIn: (cloud: CloudName, account: Account, value: SecretValue) => Promise<ProbeResult>;
beforeAll(async () => {
  named = await startNamedAzure();
  const environment = named.azure.identity();
  const credential = createCredential({ clientId: undefined, cloud: CLOUDS.public, environment });
  const { rest } = createManagement({ credential, cloud: CLOUDS.public, governor: UNGOVERNED });
  // The details are kept for a day, and these accounts change more often.
  probeIn = (cloud, account, value) => {
    const details = createAccountDetails({ rest, cloud: CLOUDS[cloud], clock: { now: () => 0 } });
    return createProbes({ details, cloud: CLOUDS[cloud], versions: PROBE_VERSIONS }).probe(account, value);
  };
});
afterAll(() => named.close());

interface Case {
  readonly kind: string;
  readonly seed?: Partial<AccountSeed>;
  readonly knobs?: Partial<AccountKnobs>;
}

/** The verdict on each key of a new account, and on a value that is no key. */
async function verdictsOn({ kind, seed = {}, knobs = {} }: Case) {
  const state = named.addAccount(kind, seed);
  Object.assign(state.knobs, knobs);
  const account = buildAccount(state.seed.name, { id: state.id.toLowerCase() as AccountId });
  const cloud = seed.cloud ?? 'public';
  const of = (value: string) => probeIn(cloud, account, new SecretValue(value));
  const slot = async (name: Slot) => (await of(state.keys[name].value)).finding;
  return { key1: await slot('key1'), key2: await slot('key2'), other: (await of('0'.repeat(32))).finding };
}

/** Of Azure AI services; a search service has its own tests below. */
const PROVEN = KINDS.map(({ kind }) => kind)
  .filter((kind) => proofOf(kind).state === 'call')
  .filter((kind) => kind !== 'Search');
const PROVES = { key1: 'live', key2: 'live', other: 'dead' };

test('the table has eighteen kinds with a call that proves a key', () => {
  expect(PROVEN).toHaveLength(18);
});

describe.each(PROVEN)('%s', (kind) => {
  const pathOf = KINDS.find((entry) => entry.kind === kind)?.endpointPath ?? '';
  test.each([
    ['at its own subdomain', {}, {}],
    ['in lower case', { kind: kind.toLowerCase() }, {}],
    [
      'at the host of its region, behind the path that is listed',
      {},
      { hasCustomSubdomain: false, endpointPath: pathOf },
    ],
    ['as a global account', { location: 'global' }, { hasCustomSubdomain: false }],
    [
      'with network rules that let the service in',
      {},
      { networkRules: { defaultAction: 'Deny', ipRules: ['203.0.113.0/24'] } },
    ],
    ['in US Government', { cloud: 'usGovernment', location: 'usgovvirginia' }, {}],
    ['in China, at the host of its region', { cloud: 'china', location: 'chinaeast2' }, { hasCustomSubdomain: false }],
  ] as const)('is proven %s', async (_name, seed, knobs) => {
    expect(await verdictsOn({ kind, seed, knobs })).toEqual(PROVES);
  });

  test('is not known without public network access', async () => {
    const knobs = { publicNetworkAccess: 'Disabled' } as const;
    expect(await verdictsOn({ kind, knobs })).toEqual({
      key1: 'deniedByNetwork',
      key2: 'deniedByNetwork',
      other: 'deniedByNetwork',
    });
  });
});

describe('a kind without a call that proves a key', () => {
  test.each([...KINDS.map(({ kind }) => kind).filter((kind) => proofOf(kind).state === 'none'), 'Unheard.Of'])(
    '%s is not probed at all',
    async (kind) => {
      const since = named.azure.requests.length;
      expect(await verdictsOn({ kind })).toEqual({ key1: 'noProof', key2: 'noProof', other: 'noProof' });
      const asked = named.azure.requests.slice(since).filter(({ service }) => service === 'dataPlane');
      expect(asked).toEqual([]);
    },
  );
});

describe('Search', () => {
  const AMBIGUOUS = { key1: 'live', key2: 'live', other: 'deadOrKeptOut' };
  test.each([
    ['at the host of its name', {}, {}],
    ['in lower case', { kind: 'search' }, {}],
    [
      'with network rules that let the service in',
      {},
      { networkRules: { defaultAction: 'Deny', ipRules: ['203.0.113.0/24'] } },
    ],
    ['in US Government', { cloud: 'usGovernment', location: 'usgovvirginia' }, {}],
    ['in China', { cloud: 'china', location: 'chinaeast2' }, {}],
    ['with the next version after one that has retired', {}, { retiredVersions: ['2024-07-01'] }],
  ] as const)('is proven %s', async (_name, seed, knobs) => {
    expect(await verdictsOn({ kind: 'Search', seed, knobs })).toEqual(AMBIGUOUS);
  });

  test('is asked at the host of its name, wherever its listed endpoint points', async () => {
    const state = named.addAccount('Search');
    const service = named.azure.holders.search.named(state.seed.name);
    Object.assign(service ?? {}, { listedEndpoint: 'https://stranger.search.windows.net' });
    const account = buildAccount(state.seed.name, { id: state.id.toLowerCase() as AccountId });
    const { finding } = await probeIn('public', account, new SecretValue(state.keys.key1.value));
    expect(finding).toBe('live');
  });

  test('answers a live key like a dead one without public network access', async () => {
    const knobs = { publicNetworkAccess: 'Disabled' } as const;
    expect(await verdictsOn({ kind: 'Search', knobs })).toEqual({
      key1: 'deadOrKeptOut',
      key2: 'deadOrKeptOut',
      other: 'deadOrKeptOut',
    });
  });
});

describe('a version that has retired', () => {
  test.each([
    ['OpenAI', '2024-10-21'],
    ['ContentSafety', '2024-09-01'],
    ['ComputerVision', 'v3.2'],
    ['Face', 'v1.0'],
  ])('is followed by the next one: %s %s', async (kind, version) => {
    expect(await verdictsOn({ kind, knobs: { retiredVersions: [version] } })).toEqual(PROVES);
  });

  test('without another one is no verdict, and says so', async () => {
    const knobs = { retiredVersions: ['2024-10-21', '2024-06-01'] };
    expect(await verdictsOn({ kind: 'OpenAI', knobs })).toEqual({
      key1: 'wrongEndpoint',
      key2: 'wrongEndpoint',
      other: 'dead',
    });
  });
});
