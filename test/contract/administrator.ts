// An administrator who works at the local Azure by hand. Plain requests, because the exercise is played without an SDK, too.
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { subscriptionId } from '../../local/azure/demo-accounts.ts';
import type { LocalAzure } from '../../local/azure/local-azure.ts';
import { bearer, type LocalAzureUnderTest, send, startAzureUnderTest } from './local-azure-clients.ts';

export const GROUP = `/subscriptions/${subscriptionId}/resourceGroups/exercise`;
export const ACCOUNT = `${GROUP}/providers/Microsoft.CognitiveServices/accounts/exercise-language`;
export const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/exercise-vault`;
export const DELETED_VAULT = `/subscriptions/${subscriptionId}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/exercise-vault`;
export const AUTHORIZATION = 'providers/Microsoft.Authorization';

export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export async function call(url: string, method: string, authorization: string, body?: unknown): Promise<Reply> {
  const init = { method, headers: { authorization, 'content-type': 'application/json' } };
  const answer = await send(url, body === undefined ? init : { ...init, body: JSON.stringify(body) });
  return { status: answer.status, body: (answer.text === '' ? {} : JSON.parse(answer.text)) as Reply['body'] };
}

export function codeOf({ status, body }: Reply): readonly unknown[] {
  return [status, (body['error'] as { readonly code?: string } | undefined)?.code];
}

export const language = (properties: object = {}) => ({
  location: 'westeurope',
  kind: 'TextAnalytics',
  sku: { name: 'S' },
  properties: { customSubDomainName: 'exercise-language', ...properties },
});

export const vault = ({ servicePrincipal }: LocalAzure, properties: object = {}) => ({
  location: 'westeurope',
  properties: {
    tenantId: servicePrincipal.tenantId,
    sku: { family: 'A', name: 'standard' },
    accessPolicies: [],
    ...properties,
  },
});

const VERSIONS: readonly (readonly [string, string])[] = [
  [AUTHORIZATION, '2022-04-01'],
  ['Microsoft.KeyVault', '2022-07-01'],
  ['Microsoft.CognitiveServices', '2023-05-01'],
];

export interface Administrator {
  readonly under: () => LocalAzureUnderTest;
  readonly azure: () => LocalAzure;
  readonly armToken: () => string;
  readonly manage: (method: string, id: string, body?: unknown, more?: string) => Promise<Reply>;
  readonly directory: (method: string, path: string, body?: unknown) => Promise<Reply>;
}

/** One local Azure for the file. Each test begins with an empty group, and without enforced rights. */
export function administrator(): Administrator {
  let under: LocalAzureUnderTest;
  let arm: string;
  let graph: string;
  const manage: Administrator['manage'] = (method, id, body, more = '') => {
    const version = VERSIONS.find(([name]) => id.includes(name))?.[1] ?? '2021-04-01';
    return call(`${under.azure.endpoints.resourceManager}${id}?api-version=${version}${more}`, method, arm, body);
  };
  beforeAll(async () => {
    under = await startAzureUnderTest({ accounts: [] });
    arm = await bearer(under.credential, 'https://management.azure.com/.default');
    graph = await bearer(under.credential, 'https://graph.microsoft.com/.default');
  });
  afterAll(() => under.azure.close());
  beforeEach(async () => {
    under.azure.access.isEnforced = false;
    await manage('DELETE', GROUP);
    await manage('POST', `${DELETED_VAULT}/purge`);
    await manage('PUT', GROUP, { location: 'westeurope' });
  });
  return {
    under: () => under,
    azure: () => under.azure,
    armToken: () => arm,
    manage,
    directory: (method, path, body) => call(`${under.azure.endpoints.graph}/v1.0/${path}`, method, graph, body),
  };
}
