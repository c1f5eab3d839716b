// Rights given at the local Azure by hand: applications with passwords, access policies, roles.
import { describe, expect, test } from 'vitest';
import { subscriptionId } from '../../local/azure/demo-accounts.ts';
import { BUILT_IN_ROLES } from '../../local/azure/identity/access.ts';
import {
  ACCOUNT,
  AUTHORIZATION,
  administrator,
  call,
  codeOf,
  DELETED_VAULT,
  GROUP,
  language,
  type Reply,
  VAULT,
  vault,
} from './administrator.ts';
import { bearer, send } from './local-azure-clients.ts';

const { under, azure, armToken, manage, directory } = administrator();

interface Application {
  readonly appId: string;
  readonly id: string;
  readonly secret: string;
  readonly principalId: string;
}

async function register(): Promise<Application> {
  const { body: made } = await directory('POST', 'applications', { displayName: 'exercise-app' });
  const [id, appId] = [String(made['id']), String(made['appId'])];
  const { body: password } = await directory('POST', `applications/${id}/addPassword`, {
    passwordCredential: { displayName: 'rbac' },
  });
  const { body: principal } = await directory('POST', 'servicePrincipals', { appId });
  return { appId, id, secret: String(password['secretText']), principalId: String(principal['id']) };
}

async function signIn({ appId, secret }: Application, resource = 'https://vault.azure.net'): Promise<Reply> {
  const { authority } = azure().endpoints;
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: appId,
    client_secret: secret,
    scope: `${resource}/.default`,
  });
  const url = `${authority}/${azure().servicePrincipal.tenantId}/oauth2/v2.0/token`;
  const answer = await send(url, { method: 'POST', body });
  return { status: answer.status, body: JSON.parse(answer.text) as Reply['body'] };
}

describe('applications', () => {
  test('sign in with the password that Graph has shown once, until they are deleted', async () => {
    const application = await register();
    expect(application.secret).toHaveLength(40);
    expect((await signIn(application)).status).toBe(200);
    const wrong = await signIn({ ...application, secret: 'wrong' });
    expect([wrong.status, wrong.body['error_codes']]).toEqual([401, [7_000_215]]);
    const { body } = await directory('GET', `applications/${application.id}`);
    expect(body['displayName']).toBe('exercise-app');
    expect(JSON.stringify(body)).not.toContain(application.secret);
    expect((await directory('DELETE', `applications/${application.id}`)).status).toBe(204);
    expect((await signIn(application)).body['error_codes']).toEqual([700_016]);
    expect(codeOf(await directory('GET', `applications/${application.id}`))).toEqual([404, 'Request_ResourceNotFound']);
  });

  test('are found by name and id; an application has no user of its own', async () => {
    const application = await register();
    const found = async (path: string): Promise<unknown> => {
      const { body } = await directory('GET', path);
      return (body['value'] as { readonly id: string }[]).map(({ id }) => id);
    };
    expect(await found(`applications?$filter=appId eq '${application.appId}'`)).toEqual([application.id]);
    expect(await found("servicePrincipals?$filter=displayName eq 'exercise-app'")).toEqual([application.principalId]);
    expect(await found("servicePrincipals?$filter=displayName eq 'other'")).toEqual([]);
    const byName = `servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '${application.appId}')`;
    expect(await found(byName)).toEqual([application.principalId]);
    const { body: shown } = await directory('GET', `servicePrincipals/${application.principalId}`);
    expect(shown['appId']).toBe(application.appId);
    expect((await directory('GET', 'servicePrincipals/x')).status).toBe(404);
    expect(codeOf(await directory('GET', 'me'))).toEqual([400, 'BadRequest']);
    expect(codeOf(await directory('GET', 'applications?$filter=tags eq 1'))).toEqual([400, 'Request_UnsupportedQuery']);
    await directory('DELETE', `applications/${application.id}`);
  });

  test('a password needs an application, a principal an application of this tenant, and Graph a token of its own', async () => {
    expect(codeOf(await directory('POST', 'servicePrincipals', { appId: 'x' }))).toEqual([400, 'Request_BadRequest']);
    expect((await directory('POST', 'applications/x/addPassword', {})).status).toBe(404);
    const { graph: origin } = azure().endpoints;
    expect(codeOf(await call(`${origin}/v1.0/applications`, 'GET', armToken()))).toEqual([
      401,
      'InvalidAuthenticationToken',
    ]);
  });
});

const secretUrl = (): string => `${azure().endpoints.keyVault}/secrets/AI-Services-Key?api-version=7.4`;

async function readSecret(application: Application): Promise<readonly unknown[]> {
  const { body: token } = await signIn(application);
  const { status, body } = await call(secretUrl(), 'GET', `Bearer ${String(token['access_token'])}`);
  const error = body['error'] as { readonly innererror?: { readonly code?: string } } | undefined;
  return [status, status === 200 ? body['value'] : error?.innererror?.code];
}

describe('vaults', () => {
  const policyOf = (objectId: string, ...secrets: string[]) => ({
    tenantId: azure().servicePrincipal.tenantId,
    objectId,
    permissions: { secrets },
  });
  const own = (objectId: string) => {
    const { objectId: administrator } = azure().servicePrincipal;
    const assignment = {
      principalId: administrator,
      roleId: BUILT_IN_ROLES.Owner.id,
      scope: `/subscriptions/${subscriptionId}`,
    };
    azure().access.assign({ id: `owner-${objectId}`, ...assignment });
    azure().access.isEnforced = true;
    return policyOf(administrator, 'all');
  };
  const putSecret = async (): Promise<number> => {
    const token = await bearer(under().credential, 'https://vault.azure.net/.default');
    return (await call(secretUrl(), 'PUT', token, { value: 'a-key' })).status;
  };

  test('are read by access policy alone, and by role alone after the vault has changed to roles', async () => {
    const application = await register();
    const mine = own(application.principalId);
    await manage('PUT', VAULT, vault(azure(), { accessPolicies: [mine] }));
    expect(await putSecret()).toBe(200);
    expect(await readSecret(application)).toEqual([403, 'AccessDenied']);
    const assignment = `${VAULT}/${AUTHORIZATION}/roleAssignments/aaaaaaaa-1111-4222-8333-444444444444`;
    const roleDefinitionId = `/subscriptions/${subscriptionId}/${AUTHORIZATION}/roleDefinitions/${BUILT_IN_ROLES['Key Vault Secrets User'].id}`;
    const properties = { roleDefinitionId, principalId: application.principalId, principalType: 'ServicePrincipal' };
    expect((await manage('PUT', assignment, { properties })).status).toBe(201);
    // A role does not matter while the vault goes by its policies.
    expect(await readSecret(application)).toEqual([403, 'AccessDenied']);
    const add = await manage('PUT', `${VAULT}/accessPolicies/add`, {
      properties: { accessPolicies: [policyOf(application.principalId, 'list')] },
    });
    expect(add.status).toBe(200);
    expect(await readSecret(application)).toEqual([403, 'AccessDenied']);
    await manage('PUT', `${VAULT}/accessPolicies/replace`, {
      properties: { accessPolicies: [mine, policyOf(application.principalId, 'get')] },
    });
    expect(await readSecret(application)).toEqual([200, 'a-key']);
    await manage('PATCH', VAULT, { properties: { enableRbacAuthorization: true } });
    expect(await readSecret(application)).toEqual([200, 'a-key']);
    expect(codeOf(await manage('PUT', assignment, { properties }))).toEqual([409, 'RoleAssignmentExists']);
    const listed = await manage('GET', `${VAULT}/${AUTHORIZATION}/roleAssignments`, undefined, '&$filter=atScope()');
    expect((listed.body['value'] as { readonly id: string }[]).map(({ id }) => id)).toContain(assignment);
    expect((await manage('DELETE', assignment)).status).toBe(200);
    expect(await readSecret(application)).toEqual([403, 'ForbiddenByRbac']);
    expect((await manage('DELETE', assignment)).status).toBe(204);
    await directory('DELETE', `applications/${application.id}`);
  });

  test('keep their name after deletion, until they are purged', async () => {
    expect((await manage('PUT', VAULT, vault(azure()))).status).toBe(200);
    const { body } = await manage('GET', VAULT);
    expect(body['properties']).toMatchObject({
      vaultUri: `${azure().endpoints.keyVault}/`,
      enableSoftDelete: true,
    });
    expect((await manage('DELETE', VAULT)).status).toBe(200);
    expect(codeOf(await manage('GET', VAULT))).toEqual([404, 'ResourceNotFound']);
    expect(codeOf(await manage('PUT', VAULT, vault(azure())))).toEqual([409, 'ConflictError']);
    expect((await manage('GET', DELETED_VAULT)).status).toBe(200);
    expect((await manage('POST', `${DELETED_VAULT}/purge`)).status).toBe(200);
    expect((await manage('PUT', VAULT, vault(azure()))).status).toBe(200);
  });

  test('a role is found by its name; one that is not there, and a principal of another directory, are refused', async () => {
    const filter = "&$filter=roleName eq 'Key Vault Secrets User'";
    const { body } = await manage('GET', `${GROUP}/${AUTHORIZATION}/roleDefinitions`, undefined, filter);
    const [found] = body['value'] as { readonly name: string; readonly properties: { readonly roleName: string } }[];
    expect([found?.name, found?.properties.roleName]).toEqual([
      '4633458b-17de-408a-b874-0445c86b69e6',
      'Key Vault Secrets User',
    ]);
    const assignment = `${GROUP}/${AUTHORIZATION}/roleAssignments/aaaaaaaa-2222-4222-8333-444444444444`;
    const { objectId: principalId } = azure().servicePrincipal;
    const unknownRole = { roleDefinitionId: `/x/roleDefinitions/aaaaaaaa-0000-4222-8333-444444444444`, principalId };
    expect(codeOf(await manage('PUT', assignment, { properties: unknownRole }))).toEqual([
      400,
      'RoleDefinitionDoesNotExist',
    ]);
    const roleDefinitionId = `/x/roleDefinitions/${BUILT_IN_ROLES.Reader.id}`;
    const stranger = { roleDefinitionId, principalId: 'aaaaaaaa-9999-4222-8333-444444444444' };
    expect(codeOf(await manage('PUT', assignment, { properties: stranger }))).toEqual([400, 'PrincipalNotFound']);
  });

  test('a contributor makes resources, but gives no rights', async () => {
    const { objectId: principalId } = azure().servicePrincipal;
    azure().access.revoke(principalId);
    azure().access.isEnforced = true;
    expect(codeOf(await manage('PUT', ACCOUNT, language()))).toEqual([403, 'AuthorizationFailed']);
    const scope = `/subscriptions/${subscriptionId}`;
    azure().access.assign({ id: 'contributor', principalId, roleId: BUILT_IN_ROLES.Contributor.id, scope });
    expect((await manage('PUT', ACCOUNT, language())).status).toBe(201);
    const assignment = `${GROUP}/${AUTHORIZATION}/roleAssignments/aaaaaaaa-3333-4222-8333-444444444444`;
    const properties = { roleDefinitionId: `/x/roleDefinitions/${BUILT_IN_ROLES.Reader.id}`, principalId };
    expect(codeOf(await manage('PUT', assignment, { properties }))).toEqual([403, 'AuthorizationFailed']);
    azure().access.revoke(principalId);
  });
});
