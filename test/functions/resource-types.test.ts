// The table of the types of accounts, and the ids that its rows take.
import { describe, expect, it } from 'vitest';
import { findResourceType, parseResourceId, startsWithAccount } from '../../src/base/find-resource-type.ts';
import { RESOURCE_TYPES } from '../../src/base/resource-types.ts';

const GROUP = '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/Rg-Ai';
const SEARCH = `${GROUP}/providers/Microsoft.Search/searchServices/Finder-1`;

describe('the table of types', () => {
  it('has these two', () => {
    expect(RESOURCE_TYPES.map(({ type }) => type)).toEqual([
      'Microsoft.CognitiveServices/accounts',
      'Microsoft.Search/searchServices',
    ]);
  });
  it.each(RESOURCE_TYPES)('names for $type the action of each call', ({ type, list, regenerate, actions }) => {
    expect(actions.read).toBe(`${type}/read`);
    expect(actions.list).toBe(`${type}/${list.path}/action`);
    for (const { path } of [regenerate.key1, regenerate.key2]) {
      expect(actions.regenerate).toBe(`${type}/${path.split('/')[0] ?? ''}/action`);
    }
  });
});

describe('an id', () => {
  it('of either type is taken in any case, and its name keeps its case', () => {
    const parts = { subscriptionId: '11111111-2222-3333-4444-555555555555', resourceGroup: 'Rg-Ai' };
    expect(parseResourceId(SEARCH)).toEqual({ ...parts, type: 'Microsoft.Search/searchServices', name: 'Finder-1' });
    expect(parseResourceId(`${SEARCH.toUpperCase()}/`)?.type).toBe('Microsoft.Search/searchServices');
    expect(parseResourceId(`${GROUP}/providers/microsoft.cognitiveservices/accounts/a_b`)).toMatchObject({
      type: 'Microsoft.CognitiveServices/accounts',
      name: 'a_b',
    });
  });
  it.each([
    `${GROUP}/providers/Microsoft.Search/searchServices/under_score`,
    `${GROUP}/providers/Microsoft.Search/searchServices/ends-`,
    `${GROUP}/providers/Microsoft.Search/searchServices/${'a'.repeat(61)}`,
    `${GROUP}/providers/Microsoft.Search/searchServices/finder/indexes/one`,
    `${GROUP}/providers/Microsoft.Search/searchServices`,
    `${GROUP}/providers/MicrosoftXSearch/searchServices/finder`,
    `${GROUP}/providers/Microsoft.Storage/storageAccounts/finder`,
    '',
  ])('%j is none', (id) => {
    expect(parseResourceId(id)).toBeUndefined();
  });
  it('gives the row of its type, also with more behind it', () => {
    expect(findResourceType(`${SEARCH}/indexes/one`)?.kind).toBe('Search');
    expect(findResourceType(`${GROUP}/providers/Microsoft.Storage/storageAccounts/x`)).toBeUndefined();
  });
  it('begins with an account if all its parts are there', () => {
    const id = SEARCH.toLowerCase();
    expect(startsWithAccount(`${id}/regenerateadminkey/primary`)).toBe(id);
    expect(startsWithAccount(`${GROUP.toLowerCase()}/providers/microsoft.search/searchservices/`)).toBeUndefined();
    expect(startsWithAccount(`/x${id}`)).toBeUndefined();
  });
});
