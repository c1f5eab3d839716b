// Calls of Azure Resource Manager without an SDK client: what holds a call off, and where a page may be.
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { type ArmRest, createArmRest } from '../../src/azure/client/arm-rest.ts';
import { localCloud } from '../../src/config/cloud.ts';
import { type LocalAzureUnderTest, startAzureUnderTest } from './local-azure-clients.ts';

const BUSY = 'aaaaaaaa-2222-3333-4444-555555555555';
const CALM = 'bbbbbbbb-2222-3333-4444-555555555555';
const deadline = { abortSignal: new AbortController().signal };

let under: LocalAzureUnderTest;
let rest: ArmRest;
beforeAll(async () => {
  under = await startAzureUnderTest({ accounts: [] });
  const { resourceManager, authority } = under.azure.endpoints;
  const cloud = localCloud({ resourceManagerEndpoint: resourceManager, authorityHost: authority });
  rest = createArmRest({ credential: under.credential, cloud });
});
afterAll(() => under.azure.close());

function site(subscriptionId: string): string {
  const { id } = under.azure.sites.put({ subscriptionId, resourceGroup: 'rg', name: 'app', settings: {} });
  return `${id}?api-version=2022-03-01`;
}

test('a subscription that asks to wait holds off itself, in any spelling, and no other one', async () => {
  const [busy, calm] = [site(BUSY), site(CALM)];
  const fault = { kind: 'throttle', retryAfterSeconds: 30 } as const;
  under.azure.faults.add({ service: 'arm', operation: 'getSite', times: 1, fault });
  const get = (path: string): Promise<unknown> => rest.get('getSite', path, z.unknown(), deadline);
  await expect(get(busy)).rejects.toMatchObject({ code: 'Throttled', isUnsent: false });
  await expect(get(busy.replace(BUSY, BUSY.toUpperCase()))).rejects.toMatchObject({
    code: 'Throttled',
    isUnsent: true,
  });
  expect(await get(calm)).toMatchObject({ name: 'app' });
});

test('a page at another host is not fetched: it would get the token', async () => {
  const body = { value: [], nextLink: 'https://other.example/subscriptions/x/resources' };
  under.azure.faults.add({ service: 'arm', operation: 'listResources', fault: { kind: 'answer', status: 200, body } });
  const path = `/subscriptions/${CALM}/resources?api-version=2021-04-01`;
  const listed = rest.list('listSites', path, z.unknown(), { deadline, maximum: 10 });
  await expect(listed).rejects.toMatchObject({ code: 'Unavailable', status: 502 });
});
