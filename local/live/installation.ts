// What a live test needs of an installation, and the installation on the local Azure on which the test is tried.

import { examine } from '../../doctor/examine.ts';
import { textOf } from '../../doctor/print.ts';
import { createCredential } from '../../src/azure/client/credential.ts';
import { localCloud } from '../../src/config/cloud.ts';
import { resourceGroup, subscriptionId } from '../azure/demo-accounts.ts';
import { trustLocalAzure } from '../azure/identity/trust.ts';
import { freePort } from '../azure/ports.ts';
import { DEMO_POLICY } from '../start/seed.ts';
import { setStage } from '../start/stage.ts';
import type { Place } from './calls.ts';

export interface LiveAccount {
  /** Its alias, too. */
  readonly name: string;
  readonly kind: string;
}

export interface Installation {
  readonly accounts: readonly LiveAccount[];
  /** Whether waits are shortened, as on the local Azure. */
  readonly isSwift: boolean;
  readonly place: Place;
  /** Calls the HTTP API; returns the parsed answer. Rejects for a refusal. */
  api(method: string, path: string, body?: object): Promise<Readonly<Record<string, unknown>>>;
  /** Ends the host of the service in the middle of its work. The platform starts it again. */
  kill(): Promise<void>;
  /** The last line of the doctor. */
  doctor(): Promise<string>;
  /** Removes all that the test has made. */
  tearDown(): Promise<void>;
}

/** Rejects with the problem of a refusal: its kind and detail, which never hold a key. */
export async function readAnswer(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const body = (await response.json().catch(() => ({}))) as Readonly<Record<string, unknown>>;
  if (response.ok) return body;
  const { detail } = body;
  throw new Error(`The service answered ${response.status}: ${typeof detail === 'string' ? detail : 'no sentence'}`);
}

export const lastLineOf = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/** One account of each kind that has a free tier, as a subscription may have one of each. */
export const FREE_KINDS = ['TextAnalytics', 'SpeechServices', 'TextTranslation', 'ComputerVision', 'FormRecognizer'];
export const nameOf = (kind: string, suffix: string): string => `live-${kind.toLowerCase()}-${suffix}`;

export async function localInstallation(): Promise<Installation> {
  const accounts = FREE_KINDS.map((kind) => ({ name: nameOf(kind, 'local'), kind }));
  const place = { subscriptionId, resourceGroup, location: 'westeurope', keyShape: 'hex32' } as const;
  const stage = await setStage({
    accounts: accounts.map((account) => ({ ...place, ...account })),
    policy: {
      ...DEMO_POLICY,
      rotationInterval: 'P1D',
      overlapMinimum: 'PT5S',
      overlapMaximum: 'PT10S',
      spread: 'PT0S',
    },
    latencyMs: 0,
    onLine: () => undefined,
  });
  const { azure, environment } = stage;
  trustLocalAzure(azure);
  Object.assign(process.env, environment);
  const { resourceManager, authority, keyVault, appConfiguration } = azure.endpoints;
  const cloud = localCloud({ resourceManagerEndpoint: resourceManager, authorityHost: authority });
  const credential = createCredential({ clientId: undefined, cloud, environment });
  const port = await freePort();
  let host = await stage.startHost(port);
  const first = accounts[0]?.name ?? '';
  return {
    accounts,
    isSwift: true,
    place: {
      resourceManager,
      keyVault,
      appConfiguration,
      accountId: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.CognitiveServices/accounts/${first}`,
      dataPlane: azure.dataPlaneEndpoint(first).replace(/\/$/, ''),
      token: async (resource) => (await credential.getToken(SCOPES[resource]))?.token ?? '',
    },
    api: async (method, path, body) =>
      readAnswer(
        await fetch(`http://127.0.0.1:${port}/api/${path}`, {
          method,
          headers: { 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      ),
    async kill() {
      await host.kill();
      host = await stage.startHost(port);
    },
    async doctor() {
      return lastLineOf(textOf(await examine(environment, { timeoutMs: 60_000 })));
    },
    tearDown: () => stage.close(),
  };
}

export const SCOPES = {
  arm: 'https://management.azure.com/.default',
  keyVault: 'https://vault.azure.net/.default',
  appConfiguration: 'https://azconfig.io/.default',
} as const;
