// The application registration: its definition against the roles of the service, and the script against a Microsoft Graph
// that refuses what Graph's documents say it refuses. Nothing here was tried against a tenant.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Registration, register } from '../../scripts/register-application.mjs';
import { ROLES } from '../../src/http/call.ts';
import { BICEP, read } from './infra-files.ts';

const role = z.object({
  id: z.uuid(),
  value: z.string(),
  displayName: z.string().min(1),
  description: z.string().min(1),
  allowedMemberTypes: z.array(z.string()),
  isEnabled: z.literal(true),
});
const definition = z.object({
  signInAudience: z.string(),
  appRoles: z.array(role),
  api: z.object({
    requestedAccessTokenVersion: z.number(),
    oauth2PermissionScopes: z.array(z.object({ id: z.uuid(), value: z.string(), isEnabled: z.boolean() })),
  }),
  web: z.object({ implicitGrantSettings: z.object({ enableIdTokenIssuance: z.boolean() }) }).loose(),
});

describe('infra/entra/application.json', () => {
  const application = definition.parse(JSON.parse(read('infra/entra/application.json')));

  it('has the roles that the service knows, with ids that never change: assignments name them', () => {
    const ids = Object.fromEntries(application.appRoles.map(({ value, id }) => [value, id]));
    expect(ids).toEqual({
      'Rotation.Read': '4f5f4b79-d679-52b7-8346-bc7189045a2d',
      'Rotation.Check': 'e5e30af1-d87d-5b67-9069-7160813fa48e',
      'Rotation.Operate': '972e252a-226e-5665-b4d3-9d1411012261',
      'Rotation.Emergency': '0b97481d-ae9c-530e-a00b-502e99cc2b58',
      'Rotation.Acknowledge': '18c9858b-a9b5-58a0-86e1-7a15e71f680e',
    });
    expect(application.appRoles.map(({ value }) => value)).toEqual(ROLES);
    for (const { allowedMemberTypes } of application.appRoles)
      expect(allowedMemberTypes).toEqual(['User', 'Application']);
  });

  it('issues tokens of the version that the template expects, and ID tokens to the status page, in one tenant', () => {
    const [, version] = /param entraTokenVersion '1' \| '2' = '(\d)'/.exec(BICEP.get('infra/main.bicep') ?? '') ?? [];
    expect(String(application.api.requestedAccessTokenVersion)).toBe(version);
    expect(application.web.implicitGrantSettings.enableIdTokenIssuance).toBe(true);
    expect(application.signInAudience).toBe('AzureADMyOrg');
  });
});

type Document = Record<string, unknown>;
type Application = Document & { readonly appId: string; readonly id: string };

/** Plays `az` in front of Graph. */
class Directory {
  readonly calls: string[] = [];
  readonly applications = new Map<string, Application>();
  readonly principals = new Map<string, { readonly id: string; readonly assigned: Document[] }>();

  readonly az = async (args: readonly string[]): Promise<string> => {
    if (args.join(' ') === 'cloud show --query endpoints.microsoftGraphResourceId --output tsv')
      return 'https://graph.microsoft.com/\n';
    const option = (name: string): string => args[args.indexOf(`--${name}`) + 1] ?? '';
    if (args[0] !== 'rest') throw new Error(`az ${args.join(' ')} is not known here.`);
    const url = new URL(option('url'));
    const body = args.includes('--body') ? (JSON.parse(readFileSync(option('body').slice(1), 'utf8')) as Document) : {};
    const isUpsert = args.includes('Prefer=create-if-missing');
    this.calls.push(`${option('method')} ${url.pathname}`);
    return JSON.stringify(this.#answer(option('method'), decodeURIComponent(url.pathname), body, isUpsert) ?? '');
  };

  #answer(method: string, path: string, body: Document, isUpsert: boolean): unknown {
    const [, kind, key] = /^\/v1\.0\/(\w+)\(\w+='([^']+)'\)/.exec(path) ?? [];
    if (kind === 'applications' && method === 'patch') return this.#application(key ?? '', body, isUpsert);
    if (kind === 'applications' && method === 'get') return this.applications.get(key ?? '');
    if (kind !== 'servicePrincipals') throw new Error(`${method} ${path} is not known here.`);
    const principal = this.principals.get(key ?? '');
    if (method === 'patch' && isUpsert) {
      if (principal === undefined) this.principals.set(key ?? '', { id: `sp-${key ?? ''}`, assigned: [] });
      return undefined;
    }
    if (method === 'get') return principal;
    if (
      principal?.assigned.some(
        ({ principalId, appRoleId }) => principalId === body['principalId'] && appRoleId === body['appRoleId'],
      )
    )
      throw new Error('Permission being assigned already exists on the object');
    principal?.assigned.push(body);
    return body;
  }

  #application(name: string, body: Document, isUpsert: boolean): unknown {
    const former = this.applications.get(name);
    if (former === undefined && !isUpsert) throw new Error('Resource does not exist');
    const next = { ...(former ?? { appId: `app-of-${name}`, id: `object-of-${name}` }), ...body } as Application;
    this.#refuse(former, next);
    this.applications.set(name, next);
    return former === undefined ? next : undefined;
  }

  #refuse(former: Application | undefined, next: Application): void {
    const rolesOf = (one?: Document) => (one?.['appRoles'] ?? []) as { id: string; isEnabled: boolean }[];
    const kept = rolesOf(next).map(({ id }) => id);
    if (rolesOf(former).some(({ id, isEnabled }) => isEnabled && !kept.includes(id)))
      throw new Error('CannotDeleteOrUpdateEnabledEntitlement');
    const uris = (next['identifierUris'] ?? []) as string[];
    if (uris.some((uri) => uri !== `api://${next.appId}`))
      throw new Error('Values of identifierUris property must use a verified domain');
    const api = (next['api'] ?? {}) as Record<string, { id: string; delegatedPermissionIds: string[] }[]>;
    const formerApi = (former?.['api'] ?? {}) as typeof api;
    const scopes = (formerApi['oauth2PermissionScopes'] ?? []).map(({ id }) => id);
    const authorized = (api['preAuthorizedApplications'] ?? []).flatMap((one) => one.delegatedPermissionIds);
    if (authorized.some((id) => !scopes.includes(id))) throw new Error('a permission id cannot be found');
  }
}

describe('npm run register', () => {
  const URL_OF_APP = 'https://func-abc.azurewebsites.net';
  const environment = { AZURE_ENV_NAME: 'rotation', FUNCTION_APP_URL: URL_OF_APP };
  const run = (directory: Directory, given: Partial<Registration> = {}) =>
    register(directory.az, { environment, assignments: [], ...given });

  it('makes the registration and its service principal, and returns the client id', async () => {
    const directory = new Directory();
    expect(await run(directory)).toBe('app-of-ai-services-key-rotation-rotation');
    const [application] = directory.applications.values();
    expect(application).toMatchObject({
      displayName: 'AI services key rotation (rotation)',
      identifierUris: ['api://app-of-ai-services-key-rotation-rotation'],
      web: { redirectUris: [`${URL_OF_APP}/.auth/login/aad/callback`] },
      api: { requestedAccessTokenVersion: 2 },
    });
    expect(directory.principals.size).toBe(1);
  });

  it('is repeatable: it changes the same registration, and keeps roles and ids', async () => {
    const directory = new Directory();
    await run(directory);
    const before = JSON.stringify([...directory.applications]);
    await run(directory);
    expect(JSON.stringify([...directory.applications])).toBe(before);
  });

  it('names no address before the app is deployed', async () => {
    const directory = new Directory();
    await run(directory, { environment: { AZURE_ENV_NAME: 'rotation' } });
    const [application] = directory.applications.values();
    expect(application?.['web']).toMatchObject({ redirectUris: [] });
  });

  it('assigns roles, also again', async () => {
    const directory = new Directory();
    const assignments = ['9d1c=Rotation.Operate', '7e2f=Rotation.Read'];
    await run(directory, { assignments });
    await run(directory, { assignments });
    const [principal] = directory.principals.values();
    const resourceId = 'sp-app-of-ai-services-key-rotation-rotation';
    expect(principal?.assigned).toEqual([
      { principalId: '9d1c', resourceId, appRoleId: '972e252a-226e-5665-b4d3-9d1411012261' },
      { principalId: '7e2f', resourceId, appRoleId: '4f5f4b79-d679-52b7-8346-bc7189045a2d' },
    ]);
  });

  it.each([
    ['a role that is not there', { assignments: ['9d1c=Rotation.Everything'] }, 'Rotation.Everything is no role'],
    ['no environment', { environment: {} }, 'AZURE_ENV_NAME is not set'],
  ])('says in one sentence what is wrong, and changes nothing: %s', async (_, given, sentence) => {
    const directory = new Directory();
    await expect(run(directory, given)).rejects.toThrow(sentence);
    expect(directory.calls).toEqual([]);
  });

  it('ends with the words of Graph when it refuses', async () => {
    const refuse = () => Promise.reject(new Error('Insufficient privileges to complete the operation.'));
    await expect(register(refuse, { environment, assignments: [] })).rejects.toThrow('Insufficient privileges');
  });
});
