// The OpenAPI document and the functions say the same. That real answers are as documented is held for every call of
// every test beside this one.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeApp } from '../../../src/compose.ts';
import { registeredEndpoints } from '../../../src/entry/endpoint.ts';
import { OPERATIONS } from '../../../src/http/contract/operations.ts';
import { ACCOUNT_OPERATIONS as VERBS } from '../../../src/http/handlers/operate.ts';
import { PROBLEM_KINDS } from '../../../src/http/problem.ts';
import { requireDocumented } from './documented.ts';
import { findEndpoint, type HttpStage, startHttpStage } from './stage.ts';

interface Described {
  readonly openapi: string;
  readonly info: { readonly license?: object };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Record<string, Record<string, DescribedOperation>>;
}
interface DescribedOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly requestBody?: { required: boolean; content: { 'application/json': { schema: Record<string, unknown> } } };
  readonly parameters: readonly { name: string; in: string; schema: Record<string, unknown> }[];
  readonly responses: Record<string, unknown>;
}

let stage: HttpStage;
let document: Described;
beforeAll(async () => {
  stage = await startHttpStage();
  document = (await stage.get('openapi.json')).body as unknown as Described;
});
afterAll(() => stage.close());

const documented = () =>
  Object.entries(document.paths).flatMap(([path, item]) => Object.keys(item).map((method) => ({ path, method })));

describe('the document', () => {
  it('is OpenAPI 3.1 and names where it was asked for', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.servers).toEqual([{ url: 'https://rotation.example/api' }]);
  });
  it('names these operations', () => {
    expect(documented().map(({ method, path }) => `${method} ${path}`)).toEqual([
      'get /accounts',
      'get /accounts/{account}',
      'get /accounts/{account}/history',
      'get /accounts/{account}/requests',
      'get /accounts/{account}/requests/{id}',
      'post /accounts/{account}/requests/{id}/withdraw',
      'post /accounts/{account}/rotate',
      'post /accounts/{account}/rollback',
      'post /accounts/{account}/approve',
      'post /accounts/{account}/pause',
      'post /accounts/{account}/resume',
      'post /accounts/{account}/check',
      'post /accounts/{account}/acknowledgements',
      'post /accounts/validate',
      'post /accounts/approve',
      'post /campaigns',
      'get /campaigns',
      'post /campaigns/{id}/pause',
      'post /campaigns/{id}/resume',
      'post /campaigns/{id}/abort',
      'get /campaigns/{id}',
      'get /freeze',
      'post /freeze',
      'post /unfreeze',
      'get /health',
      'get /openapi.json',
      'get /me',
      'get /page',
    ]);
  });
  it('has what generators of clients ask for: a licence, and a described tag for each operation', () => {
    expect(document.info.license).toEqual({ name: 'MIT', identifier: 'MIT' });
    const described = document.tags.map(({ name, description }) => (description === '' ? '' : name));
    const used = Object.values(document.paths).flatMap((item) => Object.values(item).map(({ tags }) => tags));
    expect(new Set(used.flat())).toEqual(new Set(described));
    expect(used.filter((tags) => tags.length !== 1)).toEqual([]);
  });
  it('gives each operation an id of its own', () => {
    const ids = Object.values(document.paths).flatMap((item) => Object.values(item).map((entry) => entry.operationId));
    expect(new Set(ids).size).toBe(ids.length);
  });
  it('describes bodies and parameters by the schemas that validate them', () => {
    const rotate = document.paths['/accounts/{account}/rotate']?.['post'];
    expect(rotate?.requestBody).toMatchObject({
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            additionalProperties: false,
            required: ['reason'],
            properties: {
              reason: { type: 'string', minLength: 1, maxLength: 500 },
              compromised: {
                anyOf: [{ enum: ['key1', 'key2', 'published'] }, { type: 'string', pattern: '^[0-9a-f]{16}$' }],
              },
              accept: { enum: ['unverifiedKey', 'outage'] },
              overlap: { type: 'string' },
              dryRun: { type: 'boolean', default: false },
            },
          },
        },
      },
    });
    const check = document.paths['/accounts/{account}/check']?.['post'];
    expect(check?.requestBody).toMatchObject({
      required: false,
      content: {
        'application/json': { schema: { properties: { reason: {}, searchVault: {}, dryRun: { default: false } } } },
      },
    });
    for (const verb of ['rollback', 'approve', 'pause', 'resume']) {
      expect(document.paths[`/accounts/{account}/${verb}`]?.['post']?.requestBody).toMatchObject({
        content: {
          'application/json': { schema: { required: ['reason'], properties: { dryRun: { default: false } } } },
        },
      });
    }
    expect(rotate?.parameters.map(({ name }) => name)).toEqual(['account', 'Idempotency-Key']);
    const fleet = document.paths['/accounts']?.['get'];
    expect(fleet?.parameters.map(({ name }) => name)).toEqual(['phase', 'blocked', 'search', 'limit', 'after']);
    expect(Object.keys(rotate?.responses ?? {})).toEqual(
      expect.arrayContaining(['200', '202', '400', '401', '403', '404', '409', '413', '422', '500', '502', '503']),
    );
  });
  it('names every value of a field whose values are a closed set', () => {
    const account = document.paths['/accounts/{account}']?.['get']?.responses['200'];
    expect(account).toMatchObject({
      content: {
        'application/json': {
          schema: {
            properties: {
              phase: { enum: ['notAdopted', 'idle', 'preparing', 'propagating', 'retiring', 'unreadable'] },
              publishedSlot: { enum: ['key1', 'key2'] },
              last: { properties: { outcome: { enum: ['completed', 'rolledBack'] } } },
              openRequests: { items: { properties: { accepts: { enum: ['unverifiedKey', 'outage'] } } } },
            },
          },
        },
      },
    });
  });
  it('is answered whatever the settings are', async () => {
    stage.serving = composeApp({});
    const { status } = await stage.get('openapi.json');
    stage.serving = stage.app;
    expect(status).toBe(200);
  });
});

describe('document and functions', () => {
  it.each(OPERATIONS.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    '%s is served by the function and needs the role that is documented',
    (_, { method, path, functionName, role }) => {
      const found = findEndpoint(method.toUpperCase(), `/api/${path.replace(/\{\w+\}/g, 'x')}`);
      expect(found).toMatchObject({ name: functionName, endpoint: { role } });
    },
  );
  it('every function with an HTTP trigger, and every verb, is in the document', () => {
    const names = [...registeredEndpoints().keys()].sort();
    expect(names).toEqual([...new Set(OPERATIONS.map(({ functionName }) => functionName))].sort());
    for (const verb of VERBS) expect(document.paths).toHaveProperty([`/accounts/{account}/${verb}`, 'post']);
  });
});

describe('docs/http-api.md', () => {
  const guide = readFileSync(new URL('../../../docs/http-api.md', import.meta.url), 'utf8');
  it.each(OPERATIONS.map((operation) => [operation.method.toUpperCase(), operation.path, operation.role] as const))(
    'tells of %s %s and its role',
    (method, path, role) => {
      expect(guide).toContain(path.endsWith('/resume') ? '`…/resume`' : `\`${method} ${path}\``);
      expect(guide).toContain(`\`${role}\``);
    },
  );
  it.each(PROBLEM_KINDS)('tells of the problem %s', (kind) => expect(guide).toContain(`\`${kind}\``));
});

describe('the guard over all answers', () => {
  const good = { method: 'GET', path: '/api/health', status: 200, type: 'application/json', body: '{}' };
  it('objects to a body, a status or a type that is not documented', () => {
    expect(() => requireDocumented(good)).toThrow();
    expect(() => requireDocumented({ ...good, status: 201 })).toThrow('not documented to answer 201');
    expect(() => requireDocumented({ ...good, type: 'text/plain' })).toThrow('text/plain');
    expect(() => requireDocumented({ ...good, type: 'application/problem+json', status: 404 })).toThrow();
  });
});
