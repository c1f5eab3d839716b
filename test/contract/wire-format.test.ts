// What stands in the services after our writes, and how many requests our reads cost: what other programs rely on.
import { DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAccountDetails } from '../../src/azure/arm/account-details.ts';
import { createManagement } from '../../src/azure/arm/account-keys.ts';
import { createGovernor } from '../../src/azure/arm/governor.ts';
import { createCredential } from '../../src/azure/client/credential.ts';
import { CLOUDS } from '../../src/config/cloud.ts';
import type { Account, RotationId, SecretVersion } from '../../src/rotation/model.ts';
import { SecretValue } from '../../src/rotation/secret.ts';
import { startWire, type Wire } from './wire.ts';

const V1 = '11111111111111111111111111111111' as SecretVersion;
const V2 = '22222222222222222222222222222222' as SecretVersion;
const NOW = Date.UTC(2030, 5, 1);

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.close());

async function operationsOf(act: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  const stop = wire.azure.onRequest(({ service, operation }) => {
    if (service !== 'token') seen.push(operation);
  });
  await act();
  stop();
  return seen;
}

describe('a published version', () => {
  const publish = (account: Account, expiresAt: number) =>
    wire.ports.secrets.publish(account, {
      value: new SecretValue('0123456789abcdef0123456789abcdef'),
      slot: 'key2',
      rotationId: 7 as RotationId,
      expiresAt,
      validityMs: 30 * 86_400_000,
    });

  test('says whose it is, which slot, for how long, and in which rotation', async () => {
    const account = wire.newAccount();
    const version = await publish(account, Date.UTC(2031, 0, 1));
    const state = wire.azure.world.vault.find(account.secretName, version);
    expect(state.tags).toEqual({
      CredentialId: 'key2',
      ProviderAddress: account.id,
      ValidityPeriodDays: '30',
      RotationId: '7',
      Fingerprint: '3eb1bd439947eb76',
      RotatedBy: 'contract/KeyRotation',
    });
    expect(state.contentType).toBe('text/plain');
    expect(state.expires).toBe(1_924_992_000);
  });

  test('never expires later than the SDK can write', async () => {
    const account = wire.newAccount();
    const version = await publish(account, Date.UTC(2050, 0, 1));
    expect(wire.azure.world.vault.find(account.secretName, version).expires).toBe(2_147_385_600);
  });

  test('is written by one PUT, and disabled by one PATCH', async () => {
    const account = wire.newAccount();
    await wire.ports.secrets.readNewest(account);
    let version = V1;
    const published = await operationsOf(async () => {
      version = await publish(account, Date.UTC(2031, 0, 1));
    });
    expect(published).toEqual(['setSecret']);
    const disabled = await operationsOf(() => wire.ports.secrets.disable(account, version, NOW));
    expect(disabled).toEqual(['updateSecret']);
  });
});

describe('an announcement', () => {
  test('is a versioned Key Vault reference and a feature flag with the version as a tag', async () => {
    const account = wire.newAccount();
    await wire.ports.announcements.writeReference(account, V1, undefined);
    await wire.ports.announcements.writeFlag(account, 'key2', V1, undefined);
    const reference = wire.azure.world.store.get(`${account.alias}:Key`, null);
    expect(reference?.contentType).toBe('application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8');
    expect(JSON.parse(reference?.value ?? '')).toEqual({
      uri: `${account.vaultUrl}/secrets/${account.alias}-key/11111111111111111111111111111111`,
    });
    const flag = wire.azure.world.store.get(`.appconfig.featureflag/${account.alias}-uses-key2`, null);
    expect(flag?.contentType).toBe('application/vnd.microsoft.appconfig.ff+json;charset=utf-8');
    expect(JSON.parse(flag?.value ?? '')).toMatchObject({ id: `${account.alias}-uses-key2`, enabled: true });
    expect(flag?.tags).toEqual({ SecretVersion: '11111111111111111111111111111111' });
  });

  test('keeps what others have put into the flag', async () => {
    const account = wire.newAccount();
    const key = `.appconfig.featureflag/${account.flagName}`;
    const theirs = {
      id: account.flagName,
      enabled: true,
      display_name: 'Their name',
      variants: [{ name: 'Big', configuration_value: 1 }],
      telemetry: { enabled: true },
      conditions: { client_filters: [] },
    };
    wire.azure.world.store.set(key, null, {
      value: JSON.stringify(theirs),
      contentType: 'application/vnd.microsoft.appconfig.ff+json;charset=utf-8',
      tags: { team: 'theirs' },
    });
    const { flag } = await wire.ports.announcements.read(account);
    await wire.ports.announcements.writeFlag(account, 'key1', V2, flag);
    const written = wire.azure.world.store.get(key, null);
    expect(JSON.parse(written?.value ?? '')).toEqual({ ...theirs, enabled: false });
    expect(written?.tags).toEqual({ team: 'theirs', SecretVersion: '22222222222222222222222222222222' });
  });

  test('is read by one request', async () => {
    const account = wire.newAccount();
    await wire.ports.announcements.writeReference(account, V1, undefined);
    await wire.ports.announcements.writeFlag(account, 'key1', V1, undefined);
    expect(await operationsOf(() => wire.ports.announcements.read(account))).toEqual(['listKeyValues']);
  });

  test('is found under names that a filter would misread', async () => {
    const account = { ...wire.newAccount(), referenceKey: 'a,b*c\\d:Key', label: 'x,y*' };
    await wire.ports.announcements.writeReference(account, V1, undefined);
    expect((await wire.ports.announcements.read(account)).reference?.version).toBe(V1);
  });
});

describe('the details of an account', () => {
  test('are asked for once a day, and when the clock was set back', async () => {
    const account = wire.newAccount('SpeechServices');
    let now = NOW;
    const { rest, cloud } = createManagement({
      credential: wire.credential,
      cloud: wire.cloud,
      governor: createGovernor(() => Date.now()),
    });
    const details = createAccountDetails({ rest, cloud, clock: { now: () => now } });
    expect(await details.get(account)).toMatchObject({
      kind: 'SpeechServices',
      endpoint: wire.azure.dataPlaneEndpoint(account.name),
      location: 'westeurope',
      disableLocalAuth: false,
      provisioningState: 'Succeeded',
    });
    now += 86_399_999;
    expect(await operationsOf(() => details.get(account))).toEqual([]);
    now += 1;
    expect(await operationsOf(() => details.get(account))).toHaveLength(1);
    now -= 1;
    expect(await operationsOf(() => details.get(account))).toHaveLength(1);
  });

  test('are asked for again after a probe that they have led astray', async () => {
    const account = wire.newAccount();
    const probed = async () => {
      const keys = await wire.ports.keys.list(account);
      return operationsOf(() => wire.ports.probes.probe(account, keys.key1));
    };
    const [getDetails = ''] = await probed();
    expect(await probed()).not.toContain(getDetails);
    wire.azure.world.account(account.id).knobs.isDeniedByFirewall = true;
    expect(await probed()).not.toContain(getDetails);
    expect(await probed()).toContain(getDetails);
  });
});

describe('the credential', () => {
  const credentialIn = (environment: Record<string, string>) =>
    createCredential({ clientId: undefined, cloud: CLOUDS.public, environment });

  test('is the managed identity where App Service offers one, else that of the developer', () => {
    expect(credentialIn({ IDENTITY_ENDPOINT: 'http://127.0.0.1:1/' })).toBeInstanceOf(ManagedIdentityCredential);
    expect(credentialIn({})).toBeInstanceOf(DefaultAzureCredential);
  });
});
