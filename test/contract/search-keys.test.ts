// Keys in Azure AI Search, over the wire: those of skills, skillsets and vectorizers, mostly not shown.
import { beforeEach, describe, expect, it } from 'vitest';
import { subscriptionId } from '../../local/azure/demo-accounts.ts';
import type { SearchService } from '../../local/azure/holders/search-services.ts';
import { createSearchKeys } from '../../src/azure/holders/search-keys.ts';
import type { HolderAdapter } from '../../src/holders/ports.ts';
import { contents, GROUP, holder, holdersAzure, ONE, published, SUBSCRIPTION, saying, TWO } from './holders-azure.ts';

const { azure, rest, credential, cloud, grant, asked } = holdersAzure();
const SERVICE = `${GROUP}/providers/Microsoft.Search/searchServices/finder`;
const TYPE = 'Microsoft.Search/searchServices';
const SENT_TO = 'my-openai.openai.azure.com';
const resourceUri = 'https://My-OpenAI.openai.azure.com';
const HIDDEN = { has: 'unseen', cause: 'The service does not show its key.', sentTo: SENT_TO };

const EMBEDDING = '#Microsoft.Skills.Text.AzureOpenAIEmbeddingSkill';
const SKILLSET = {
  name: 'enrich',
  skills: [
    { '@odata.type': EMBEDDING, name: 'embed', resourceUri, apiKey: ONE.value, authIdentity: null },
    { '@odata.type': '#Microsoft.Skills.Text.SplitSkill', name: 'split' },
    { '@odata.type': EMBEDDING, name: null, resourceUri, apiKey: null, authIdentity: { userAssignedIdentity: 'x' } },
    {
      '@odata.type': '#Microsoft.Skills.Custom.WebApiSkill',
      name: 'call',
      uri: 'https://my-language.cognitiveservices.azure.com/language',
      httpHeaders: { 'Content-Type': 'application/json', 'Ocp-Apim-Subscription-Key': TWO.value },
    },
  ],
  cognitiveServices: { '@odata.type': '#Microsoft.Azure.Search.CognitiveServicesByKey', key: TWO.value },
};
const INDEX = {
  name: 'documents',
  vectorSearch: {
    vectorizers: [
      { name: 'openai', kind: 'azureOpenAI', azureOpenAIParameters: { resourceUri, apiKey: ONE.value } },
      { name: 'identity', kind: 'azureOpenAI', azureOpenAIParameters: { resourceUri, authIdentity: null } },
    ],
  },
};

let service: SearchService;
const search = () => azure().holders.search;
const adapter = (): HolderAdapter => createSearchKeys({ rest: rest(), credential: credential(), cloud: cloud() });
const read = (name: string) => adapter().read(holder('searchKey', SERVICE, name), 10_000);

beforeEach(() => {
  search().clear();
  search().keys = 'redacted';
  service = search().addService(SERVICE);
  service.skillsets.push(SKILLSET);
  service.indexes.push(INDEX);
});

describe('a list', () => {
  it('has every skill, skillset and vectorizer with a key, unseen, with the host that it calls', async () => {
    const found = await adapter().list([SUBSCRIPTION]);
    expect(found).toMatchObject({ unseen: [], searched: 1, isComplete: true });
    expect(found.holders[0]).toMatchObject({ kind: 'searchKey', resource: SERVICE.toLowerCase() });
    expect(contents(found)).toEqual({
      'skillsets/enrich/embed': HIDDEN,
      'skillsets/enrich/call': { ...HIDDEN, sentTo: 'my-language.cognitiveservices.azure.com' },
      'skillsets/enrich/cognitiveServices': { has: 'unseen', cause: HIDDEN.cause },
      'indexes/documents/openai': HIDDEN,
    });
  });

  it('has the fingerprints, where the service shows keys', async () => {
    search().keys = 'shown';
    const found = await adapter().list([GROUP]);
    expect(contents(found)).toEqual({
      'skillsets/enrich/embed': { has: 'value', fingerprint: ONE.fingerprint, sentTo: SENT_TO },
      'skillsets/enrich/call': {
        has: 'value',
        fingerprint: TWO.fingerprint,
        sentTo: 'my-language.cognitiveservices.azure.com',
      },
      'skillsets/enrich/cognitiveServices': { has: 'value', fingerprint: TWO.fingerprint },
      'indexes/documents/openai': { has: 'value', fingerprint: ONE.fingerprint, sentTo: SENT_TO },
    });
    expect(JSON.stringify(found)).not.toMatch(/key-(?:one|two)/);
  });

  it('cannot tell a key that is shown as null from none, unless an identity of its own is named', async () => {
    search().keys = 'null';
    const found = contents(await adapter().list([GROUP]));
    expect(found['skillsets/enrich/embed']).toEqual({ has: 'unseen', sentTo: SENT_TO, cause: saying('shows no key') });
    expect(Object.keys(found)).not.toContain('skillsets/enrich/#3');
  });

  it('reads all pages of services, of its scopes only', async () => {
    azure().holders.pageSize = 1;
    search().addService(`${GROUP}/providers/${TYPE}/second`);
    azure().world.addGroup(subscriptionId, 'other', 'westeurope');
    search().addService(`${SUBSCRIPTION}/resourceGroups/other/providers/${TYPE}/third`);
    expect((await adapter().list([GROUP])).searched).toBe(2);
    expect((await adapter().list([SUBSCRIPTION, GROUP])).searched).toBe(3);
  });

  it('names a service that takes keys only, and asks both of its lists', async () => {
    service.isKeyOnly = true;
    const { holders, unseen, searched } = await adapter().list([GROUP]);
    expect([holders, searched]).toEqual([[], 0]);
    expect(unseen).toEqual([{ resource: SERVICE.toLowerCase(), cause: saying(`${TYPE}/skillsets/read`) }]);
    expect(asked()).toEqual(['listSearchServices', 'listSkillsets', 'listIndexes']);
  });

  it('keeps what it could read of a service that refuses the other half', async () => {
    grant(`${TYPE}/read`, `${TYPE}/indexes/read`);
    const found = await adapter().list([GROUP]);
    expect(found.unseen).toEqual([{ resource: SERVICE.toLowerCase(), cause: saying(`${TYPE}/skillsets/read`) }]);
    expect(Object.keys(contents(found))).toEqual(['indexes/documents/openai']);
  });

  it('names a service that throttles; another is still asked', async () => {
    search()
      .addService(`${GROUP}/providers/${TYPE}/second`)
      .indexes.push({ ...INDEX, name: 'more' });
    azure().faults.add({ service: 'dataPlane', operation: 'listSkillsets', times: 1, fault: { kind: 'throttle' } });
    const found = await adapter().list([GROUP]);
    expect([found.unseen.length, found.searched]).toEqual([1, 1]);
    expect(found.unseen[0]?.cause).toContain('too many requests');
  });

  it('is thrown when the services cannot be listed, and names one whose answer makes no sense', async () => {
    azure().faults.add({ service: 'dataPlane', fault: { kind: 'answer', status: 200, body: 'key-one' } });
    const { unseen } = await adapter().list([GROUP]);
    expect(unseen).toEqual([{ resource: SERVICE.toLowerCase(), cause: saying('no usable answer') }]);
    azure().faults.add({ service: 'arm', fault: { kind: 'refuse' } });
    await expect(adapter().list([GROUP])).rejects.toMatchObject({ code: 'Unavailable' });
  });
});

describe('a read', () => {
  it('reads the one definition, after a cut connection once more', async () => {
    search().keys = 'shown';
    azure().faults.add({ service: 'dataPlane', operation: 'getSkillset', times: 1, fault: { kind: 'refuse' } });
    const seen = { has: 'value', fingerprint: ONE.fingerprint, sentTo: SENT_TO };
    expect(await read('skillsets/enrich/embed')).toEqual(seen);
    expect(asked()).toEqual(['getSearchService', 'getSkillset', 'getSkillset']);
    expect(await read('indexes/documents/openai')).toEqual(seen);
  });

  it('is undefined for a skill, an index or a service that is gone', async () => {
    for (const name of ['skillsets/enrich/nothing', 'indexes/nothing/openai', 'nothing']) {
      expect(await read(name)).toBeUndefined();
    }
    search().clear();
    expect(await read('skillsets/enrich/embed')).toBeUndefined();
  });

  it('throws a refusal, which names the right', async () => {
    grant(`${TYPE}/read`);
    const refused = { code: 'Forbidden', message: saying(`${TYPE}/indexes/read`) };
    await expect(read('indexes/documents/openai')).rejects.toMatchObject(refused);
  });
});

it('a key is never written', async () => {
  const holderOf = holder('searchKey', SERVICE, 'skillsets/enrich/embed');
  const write = adapter().perform('write', holderOf, published(TWO), 10_000);
  await expect(write).rejects.toMatchObject({ code: 'Misconfigured' });
  expect(asked()).toEqual([]);
});
