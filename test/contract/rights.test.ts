// Lists that are filtered by rights, over the wire: an account that the identity may not read any more is missing from
// the list like one that was deleted. Discovery must tell the two apart, and let neither go in mid-rotation.
import { ManagedIdentityCredential } from '@azure/identity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../local/azure/identity/access.ts';
import { discover } from '../../src/fleet/discovery/search.ts';
import { HOUR, type HttpStage, startHttpStage } from '../functions/http/stage.ts';
import { bearer, send } from './local-azure-clients.ts';

const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
const GROUP = 'rg-test';
const SEED = {
  subscriptionId: SUBSCRIPTION,
  resourceGroup: GROUP,
  kind: 'TextAnalytics',
  location: 'westeurope',
} as const;
const TAGS = { 'key-rotation': 'enabled', 'key-rotation-policy': 'tagged' };
/** All that is not about accounts. */
const SERVICES: Role = { id: '0'.repeat(36), actions: [], dataActions: ['*'] };
const ROTATOR: Role = { id: '1'.repeat(36), actions: ['Microsoft.CognitiveServices/accounts/*'], dataActions: [] };

const ARM_SCOPE = 'https://management.azure.com/.default';
const identity = () => new ManagedIdentityCredential();

let stage: HttpStage;
let said: Record<string, unknown>[] = [];
beforeAll(async () => {
  stage = await startHttpStage();
  const { access } = stage.azure;
  access.define(SERVICES);
  access.define(ROTATOR);
  access.isEnforced = true;
  stage.configure('KeyRotation:Policies:tagged', {
    overlapMinimum: 'P20D',
    overlapMaximum: 'P30D',
    rotationInterval: 'P365D',
    standbyIsFree: true,
  });
  stage.configure('KeyRotation:Discovery', { subscriptions: [SUBSCRIPTION] });
  for (const name of ['kept', 'hidden']) stage.azure.world.addAccount({ ...SEED, name, keyShape: 'hex32', tags: TAGS });
});
afterAll(() => stage.close());

const idOf = (name: string): string =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.CognitiveServices/accounts/${name}`;

/** The identity of the app may read and rotate exactly these accounts, by a role on each. */
function grant(...names: readonly string[]): void {
  const { access, identities } = stage.azure;
  const { objectId: principalId } = identities.systemAssigned;
  access.revoke(principalId);
  access.assign({ id: 'services', principalId, roleId: SERVICES.id, scope: '/' });
  for (const name of names) access.assign({ id: name, principalId, roleId: ROTATOR.id, scope: idOf(name) });
}

async function search(): Promise<void> {
  said = [];
  stage.advance(HOUR);
  await discover(stage.app, (_level, event, fields) => said.push({ event, ...fields }));
}

async function pass(hours: number): Promise<void> {
  stage.advance(hours * HOUR);
  await stage.tick();
}

const phases = async (): Promise<readonly string[]> =>
  ((await stage.get('accounts')).body['accounts'] as { account: string; phase: string }[]).map(
    ({ account, phase }) => `${account.replace(/-[0-9a-f]{6}$/, '')} ${phase}`,
  );
const problems = async (): Promise<string> =>
  ((await stage.get('accounts')).body['problems'] as { expected: string }[]).map(({ expected }) => expected).join();
const asked = () => said.filter(({ event }) => event === 'accountNotListed').map(({ state }) => state);

describe('the list of a subscription', () => {
  const names = async (path: string): Promise<readonly unknown[]> => {
    const { endpoints } = stage.azure;
    const url = `${endpoints.resourceManager}${path}/providers/Microsoft.CognitiveServices/accounts?api-version=2025-09-01`;
    const answer = await send(url, { headers: { authorization: await bearer(identity(), ARM_SCOPE) } });
    expect(answer.status).toBe(200);
    return (JSON.parse(answer.text) as { value: { name: string }[] }).value.map(({ name }) => name);
  };

  it('has what the caller may read, also without a role on the subscription', async () => {
    grant('kept');
    expect(await names(`/subscriptions/${SUBSCRIPTION}`)).toEqual(['kept']);
    grant('kept', 'hidden');
    expect(await names(`/subscriptions/${SUBSCRIPTION}`)).toEqual(['kept', 'hidden']);
  });

  it('is empty, not refused, for a caller without any role on an account', async () => {
    grant();
    expect(await names(`/subscriptions/${SUBSCRIPTION}`)).toEqual([]);
  });
});

describe('discovery, after a role was taken away for one account', () => {
  it('asks for the account by itself, is refused, and keeps it in mid-rotation for as long as that takes', async () => {
    grant('kept', 'hidden');
    await search();
    await pass(0);
    expect(await phases()).toEqual(['hidden idle', 'kept idle']);
    const alias = (await stage.app.fleet()).accounts.find(({ name }) => name === 'hidden')?.alias ?? '';
    stage.advance(31 * 24 * HOUR);
    await stage.post(`accounts/${alias}/rotate`, { reason: 'test' });
    await pass(1);
    expect(await phases()).toContain('hidden propagating');

    grant('kept');
    await search();
    expect(asked()).toEqual(['refused']);
    expect(await phases()).toContain('hidden propagating');
    for (let days = 0; days < 9; days++) {
      await search();
      await pass(23);
    }
    expect(asked()).toEqual(['refused']);
    expect(await phases()).toContain('hidden propagating');
    expect(await problems()).toContain('AccessLost');
  });

  it('goes on with the rotation when the role is back', async () => {
    grant('kept', 'hidden');
    await search();
    expect(asked()).toEqual([]);
    expect(await problems()).not.toContain('AccessLost');
    for (let days = 0; days < 30; days++) await pass(24);
    expect(await phases()).toEqual(['hidden idle', 'kept idle']);
  });

  it('lets it go at rest, when two calls, half an hour apart, were refused', async () => {
    grant('kept');
    await search();
    expect([asked(), await phases()]).toEqual([['refused'], ['hidden idle', 'kept idle']]);
    await search();
    expect(await phases()).toEqual(['kept idle']);
    expect(await problems()).toContain('AccessLost');
  });
});
