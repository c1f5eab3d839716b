// A local Azure for the suites of holders: a clock of the test, resources outside the accounts, and rights as one role.
import { ClientSecretCredential, type TokenCredential } from '@azure/identity';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { resourceGroup, subscriptionId } from '../../local/azure/demo-accounts.ts';
import type { LocalAzure } from '../../local/azure/local-azure.ts';
import type { ArmRest } from '../../src/azure/client/arm-rest.ts';
import { createArmRest } from '../../src/azure/client/arm-rest.ts';
import { type Cloud, localCloud } from '../../src/config/cloud.ts';
import type { Holder, HolderContent, HolderInventory, HolderRead } from '../../src/holders/model.ts';
import type { PublishedKey } from '../../src/holders/ports.ts';
import type { SecretVersion } from '../../src/rotation/model.ts';
import { SecretValue } from '../../src/rotation/secret.ts';
import { startAzureUnderTest } from './local-azure-clients.ts';

export const SUBSCRIPTION = `/subscriptions/${subscriptionId}`;
export const GROUP = `${SUBSCRIPTION}/resourceGroups/${resourceGroup}`;
const MORNING = Date.parse('2026-11-30T08:00:00Z');
export const MINUTE = 60_000;

/** First 16 hex digits of SHA-256: `printf %s key-one | sha256sum`. */
export const ONE = { value: 'key-one', fingerprint: '9b346041bc9a4957' };
export const TWO = { value: 'key-two', fingerprint: 'c8df51469c308a59' };

export interface HoldersAzure {
  readonly azure: () => LocalAzure;
  /** New for each call: it keeps a token for as long as the machine's clock says, not the clock of the test. */
  readonly credential: () => TokenCredential;
  readonly cloud: () => Cloud;
  /** New for each call: a client that was throttled waits. */
  readonly rest: () => ArmRest;
  readonly now: () => number;
  readonly advance: (ms: number) => void;
  /** The service principal gets exactly these actions, on the whole subscription. */
  readonly grant: (...actions: readonly string[]) => void;
  /** Operations asked since the test began, without sign-ins. */
  readonly asked: () => readonly string[];
}

const ROLE = '2'.repeat(36);

/** One for the file. Each test begins without faults and without enforced rights. */
export function holdersAzure(): HoldersAzure {
  let now = MORNING;
  let started: LocalAzure;
  let first = 0;
  const azure = (): LocalAzure => started;
  const credential = (): TokenCredential => {
    const { tenantId, clientId, clientSecret } = started.servicePrincipal;
    const authorityHost = started.endpoints.authority;
    return new ClientSecretCredential(tenantId, clientId, clientSecret, {
      authorityHost,
      disableInstanceDiscovery: true,
    });
  };
  const cloud = (): Cloud => {
    const { resourceManager: resourceManagerEndpoint, authority: authorityHost } = azure().endpoints;
    return localCloud({ resourceManagerEndpoint, authorityHost });
  };
  beforeAll(async () => {
    started = (await startAzureUnderTest({ accounts: [], now: () => now })).azure;
  });
  afterAll(() => started.close());
  beforeEach(() => {
    azure().faults.clear();
    azure().access.isEnforced = false;
    azure().holders.pageSize = 100;
    first = azure().requests.length;
  });
  return {
    azure,
    credential,
    cloud,
    rest: () => createArmRest({ credential: credential(), cloud: cloud() }),
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    grant: (...actions) => {
      const { access, servicePrincipal } = azure();
      access.define({ id: ROLE, actions, dataActions: [] });
      access.assign({ id: 'holders', principalId: servicePrincipal.objectId, roleId: ROLE, scope: SUBSCRIPTION });
      access.isEnforced = true;
    },
    asked: () =>
      azure()
        .requests.slice(first)
        .filter(({ service }) => service !== 'token')
        .map(({ operation }) => operation),
  };
}

export function published({ value }: { readonly value: string }): PublishedKey {
  return { version: 'f'.repeat(32) as SecretVersion, value: new SecretValue(value) };
}

/** The contents by name. */
export function contents({ holders }: Pick<HolderInventory, 'holders'>): Readonly<Record<string, HolderContent>> {
  return Object.fromEntries(holders.map(({ name, content }: HolderRead) => [name, content]));
}

export const holder = (kind: Holder['kind'], resource: string, name: string): Holder => ({
  kind,
  resource: resource.toLowerCase(),
  name,
});

/** Matches a text that has this part. */
export const saying = (part: string): unknown => expect.stringContaining(part);
