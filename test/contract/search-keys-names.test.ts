// Azure AI Search under Azure's own names: a token goes to the host of the service's name, wherever its listed
// endpoint points.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createArmRest } from '../../src/azure/client/arm-rest.ts';
import { createCredential } from '../../src/azure/client/credential.ts';
import { createSearchKeys } from '../../src/azure/holders/search-keys.ts';
import { CLOUDS } from '../../src/config/cloud.ts';
import { TEST_RESOURCE_GROUP, TEST_SUBSCRIPTION } from '../support/account.ts';
import { type NamedAzure, startNamedAzure } from './named-azure.ts';

let named: NamedAzure;
beforeAll(async () => {
  named = await startNamedAzure();
});
afterAll(() => named.close());

it('is asked at the host of its name, with a token for the service', async () => {
  const group = `/subscriptions/${TEST_SUBSCRIPTION}/resourceGroups/${TEST_RESOURCE_GROUP}`;
  const service = named.azure.holders.search.addService(`${group}/providers/Microsoft.Search/searchServices/finder`);
  service.listedEndpoint = 'https://stranger.search.windows.net';
  const azureOpenAIParameters = { resourceUri: 'https://a.openai.azure.com', apiKey: 'key-one' };
  service.indexes.push({ name: 'documents', vectorSearch: { vectorizers: [{ name: 'v', azureOpenAIParameters }] } });
  const cloud = CLOUDS.public;
  const credential = createCredential({ clientId: undefined, cloud, environment: named.azure.identity() });
  const rest = createArmRest({ credential, cloud });
  const { holders, unseen } = await createSearchKeys({ rest, credential, cloud }).list([group]);
  expect([holders.map(({ name }) => name), unseen]).toEqual([['indexes/documents/v'], []]);
});
