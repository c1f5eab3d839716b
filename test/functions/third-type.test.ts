// An imaginary third type of account is a row, and a kind with a probe: settings, calls, events, remedies and the search
// know it, although no other file names it.
import { describe, expect, it, vi } from 'vitest';
import { createAccountDetails } from '../../src/azure/arm/account-details.ts';
import { createAccountKeys } from '../../src/azure/arm/account-keys.ts';
import { createAccountSearch } from '../../src/azure/arm/account-search.ts';
import type { ArmRest } from '../../src/azure/client/arm-rest.ts';
import { neededFor } from '../../src/azure/client/permissions.ts';
import { probeCallsOf } from '../../src/azure/data-plane/probe-calls.ts';
import { judge } from '../../src/azure/data-plane/probe-verdict.ts';
import { readEvent } from '../../src/base/event-grid/read-event.ts';
import { CLOUDS } from '../../src/config/cloud.ts';
import { PROBE_VERSIONS } from '../../src/config/probe-versions.ts';
import { parse } from './config-key-values.ts';

const { TYPE, ROW, KIND } = vi.hoisted(() => {
  const type = 'Microsoft.Imaginary/vessels';
  const row = {
    type,
    label: 'vessel',
    apiVersion: '2031-01-01',
    namePattern: '[a-z]{3,10}',
    showCommand: 'az vessel show --query id',
    list: { path: 'revealKeys' },
    keyFields: { key1: 'odd', key2: 'even' },
    regenerate: {
      key1: { path: 'renewOdd', body: { purpose: 'renewal' } },
      key2: { path: 'renewEven' },
      returns: 'nothing',
      completes: 'atOnce',
    },
    keyAccessOff: { property: 'takesKeys', is: false },
    secretForm: 'bareKey',
    kind: 'Vessel',
    dataPlaneScope: 'dataPlaneScope',
    dataPlaneRole: 'Vessel User',
    networkRules: { property: 'gates', denies: 'byAnyRule' },
    throttling: 'subscriptionWrites',
    activation: 'at once',
    actions: { read: `${type}/read`, list: `${type}/revealKeys/action`, regenerate: `${type}/renewOdd/action` },
  };
  const kind = {
    kind: 'Vessel',
    hosts: ['subdomain'],
    proof: {
      state: 'call',
      call: {
        does: 'reads the log',
        method: 'GET',
        api: 'vessel',
        path: 'log/{version}',
        keyHeader: 'api-key',
        cost: 'free',
        takesEntra: false,
        ambiguousStatuses: [418],
        source: { certainty: 'read', where: 'nowhere' },
      },
    },
  };
  return { TYPE: type, ROW: row, KIND: kind };
});

vi.mock(import('../../src/base/resource-types.ts'), async (original) => {
  const { RESOURCE_TYPES } = await original();
  return { RESOURCE_TYPES: [...RESOURCE_TYPES, ROW as never], KNOWN_TYPES: `\`${TYPE}\` and others` };
});
vi.mock(import('../../src/azure/data-plane/kinds.ts'), async (original) => {
  const real = await original();
  return { ...real, KINDS: [...real.KINDS, KIND as never] };
});

const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
const ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-sea/providers/${TYPE}/titanic`;
const PATH = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-sea/providers/${TYPE}/titanic`;
const BODY = {
  id: ID,
  location: 'atlantic',
  tags: { 'key-rotation': 'enabled' },
  properties: {
    endpoint: 'https://titanic.example/',
    takesKeys: false,
    gates: { ipRules: [{ value: '203.0.113.1' }] },
  },
};

function configured() {
  const fleet = parse({ key: 'KeyRotation:Accounts:titanic', value: JSON.stringify({ resourceId: ID }) });
  const [account] = fleet.accounts;
  if (account === undefined) throw new Error(JSON.stringify(fleet.problems));
  return account;
}

/** Answers every call, and notes it. */
function fakeRest(calls: unknown[]): ArmRest {
  let odd = 1;
  return {
    get: (_operation, path) => {
      calls.push(['GET', path]);
      return Promise.resolve(BODY as never);
    },
    list: (_operation, path) => {
      calls.push(['GET', path]);
      return Promise.resolve({ items: path.includes(TYPE) ? [BODY as never] : [], isComplete: true });
    },
    send: (_operation, { method, path, body }) => {
      calls.push([method, path, body]);
      if (path.includes('renewOdd')) odd++;
      return Promise.resolve((path.includes('revealKeys') ? { odd: `odd-${odd}`, even: 'even-1' } : {}) as never);
    },
    getTagged: () => Promise.reject(new Error('Not asked.')),
  };
}

const UNGOVERNED = { admit: () => undefined, room: () => 1, learn: () => undefined, close: () => undefined };

describe('a third type of account', () => {
  it('is taken by its ARM id, and a refusal of another id names it', () => {
    expect(configured().id).toBe(ID.toLowerCase());
    const { problems } = parse({ key: 'KeyRotation:Accounts:x', value: JSON.stringify({ resourceId: `${ID}/x` }) });
    expect(problems[0]).toMatchObject({
      expected: expect.stringContaining(TYPE) as unknown,
      remedy: expect.stringContaining('az vessel show') as unknown,
    });
  });

  it('has its keys listed and renewed as the row says, and listed again after a renewal that returns nothing', async () => {
    const calls: unknown[] = [];
    const keys = createAccountKeys({ rest: fakeRest(calls), governor: UNGOVERNED });
    const before = await keys.list(configured());
    const after = await keys.regenerate(configured(), 'key1');
    expect([before.key1.reveal(), after.key1.reveal(), after.key2.reveal()]).toEqual(['odd-1', 'odd-2', 'even-1']);
    await keys.regenerate(configured(), 'key2');
    expect(calls).toEqual([
      ['POST', `${PATH}/revealKeys?api-version=2031-01-01`, undefined],
      ['POST', `${PATH}/renewOdd?api-version=2031-01-01`, { purpose: 'renewal' }],
      ['POST', `${PATH}/revealKeys?api-version=2031-01-01`, undefined],
      ['POST', `${PATH}/renewEven?api-version=2031-01-01`, undefined],
      ['POST', `${PATH}/revealKeys?api-version=2031-01-01`, undefined],
    ]);
  });

  it('has its kind, its switched-off keys and its network rules read as the row says, and its probe made', async () => {
    const source = createAccountDetails({ rest: fakeRest([]), cloud: CLOUDS.public, clock: { now: () => 0 } });
    const details = await source.get(configured());
    expect(details).toMatchObject({
      kind: 'Vessel',
      endpoint: 'https://titanic.example/',
      disableLocalAuth: true,
      networkRules: { isDenyByDefault: true, addresses: ['203.0.113.1'], subnets: 0 },
    });
    const versions = { ...PROBE_VERSIONS, vessel: ['v1'] };
    const [call] = probeCallsOf(details, { cloud: CLOUDS.public, versions });
    expect(call).toMatchObject({ url: 'https://titanic.example/log/v1', keyHeader: 'api-key' });
    const answer = { status: 418, body: '' };
    expect(judge(answer, { isKeyAuthenticationOff: false, ...call })).toMatchObject({ verdict: 'ambiguous' });
  });

  it('is found by its tag, known to events, and named by remedies', async () => {
    const found = await createAccountSearch({ rest: fakeRest([]) }).list(SUBSCRIPTION, {
      tag: 'key-rotation',
      ownerTag: 'owner',
    });
    expect(found).toMatchObject([{ id: ID.toLowerCase(), isTagged: true, isKeyAccessOff: true }]);
    const event = { eventType: 'Microsoft.Resources.ResourceActionSuccess' };
    const data = { operationName: `${TYPE}/renewOdd/action`, resourceUri: `${ID}/renewOdd` };
    expect(readEvent({ ...event, data })).toEqual({ kind: 'account', accountId: ID.toLowerCase() });
    expect(neededFor('arm', 'list').permission).toContain(`${TYPE}/revealKeys/action`);
  });
});
