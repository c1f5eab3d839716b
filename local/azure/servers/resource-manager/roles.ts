// Role definitions and assignments, at a subscription, a group, a resource or a secret.
// It must not judge a call: `AccessControl` does.
import { type AccessControl, BUILT_IN_ROLES, type Role, type RoleAssignment } from '../../identity/access.ts';
import { type Answer, type Params, type Route, readJsonObject } from '../http.ts';
import { armError, type Handler, type Operation, success } from './answers.ts';

export interface RoleOptions {
  readonly access: AccessControl;
  /** Whether the directory has a principal with this object id. */
  isPrincipal(objectId: string): boolean;
}

const VERSIONS = ['2015-07-01', '2018-01-01-preview', '2020-04-01-preview', '2020-10-01-preview', '2022-04-01'];
const GROUP = 'subscriptions/:sub/resourceGroups/:rg';
const RESOURCE = `${GROUP}/providers/:provider/:type/:resource`;
const SCOPES = ['subscriptions/:sub', GROUP, RESOURCE, `${RESOURCE}/secrets/:secret`];

/** ARM id of the scope of such a route. */
export function roleScopeOf({ sub = '', rg, provider = '', type = '', resource, secret }: Params): string {
  const group = rg === undefined ? '' : `/resourceGroups/${rg}`;
  const within = resource === undefined ? '' : `/providers/${provider}/${type}/${resource}`;
  return `/subscriptions/${sub}${group}${within}${secret === undefined ? '' : `/secrets/${secret}`}`;
}

function definitionIdOf(scope: string, roleId: string): string {
  const [, subscriptions = '', sub = ''] = scope.split('/');
  return `/${subscriptions}/${sub}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`;
}

function definitionBody(scope: string, name: string, role: Role): object {
  const { id, actions, notActions = [], dataActions } = role;
  const permissions = [{ actions, notActions, dataActions, notDataActions: [] }];
  return {
    id: definitionIdOf(scope, id),
    name: id,
    type: 'Microsoft.Authorization/roleDefinitions',
    properties: { roleName: name, type: 'BuiltInRole', description: '', assignableScopes: ['/'], permissions },
  };
}

function assignmentBody({ id, principalId, roleId, scope }: RoleAssignment): object {
  return {
    id,
    name: id.slice(id.lastIndexOf('/') + 1),
    type: 'Microsoft.Authorization/roleAssignments',
    properties: {
      roleDefinitionId: definitionIdOf(scope, roleId),
      principalId,
      principalType: 'ServicePrincipal',
      scope,
      condition: null,
      conditionVersion: null,
    },
  };
}

function listDefinitions(): Handler {
  return (call, params) => {
    const wanted = /^roleName eq '([^']*)'$/.exec(call.query.get('$filter') ?? '')?.[1];
    const roles = Object.entries(BUILT_IN_ROLES).filter(([name]) => wanted === undefined || name === wanted);
    return success(call, { value: roles.map(([name, role]) => definitionBody(roleScopeOf(params), name, role)) });
  };
}

function assign(options: RoleOptions): Handler {
  const { access } = options;
  return (call, params) => {
    const scope = roleScopeOf(params);
    const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${params['assignment'] ?? ''}`;
    const { properties = {} } = (readJsonObject(call.body) ?? {}) as {
      readonly properties?: { readonly roleDefinitionId?: string; readonly principalId?: string };
    };
    const { roleDefinitionId = '', principalId = '' } = properties;
    const roleId = roleDefinitionId.slice(roleDefinitionId.lastIndexOf('/') + 1);
    if (!access.hasRole(roleId)) {
      const message = `The specified role definition with ID '${roleId}' does not exist.`;
      return armError(400, 'RoleDefinitionDoesNotExist', message);
    }
    if (!options.isPrincipal(principalId)) {
      const message = `Principal ${principalId.replaceAll('-', '')} does not exist in the directory.`;
      return armError(400, 'PrincipalNotFound', message);
    }
    const isSame = (one: RoleAssignment): boolean => one.principalId === principalId && one.roleId === roleId;
    if (access.assignmentsAt(scope).some(isSame)) {
      return armError(409, 'RoleAssignmentExists', 'The role assignment already exists.');
    }
    const assignment = { id, principalId, roleId, scope };
    access.assign(assignment);
    return success(call, assignmentBody(assignment), 201);
  };
}

export function roleRoutes(options: RoleOptions): Route<Operation>[] {
  const { access } = options;
  const list: Handler = (call, params) => {
    const principal = /(?:principalId eq|assignedTo\()\s*'([^']*)'/.exec(call.query.get('$filter') ?? '')?.[1];
    const found = access
      .assignmentsAt(roleScopeOf(params))
      .filter(({ principalId }) => principal === undefined || principalId === principal);
    return success(call, { value: found.map(assignmentBody) });
  };
  const remove: Handler = (call, params): Answer => {
    const id = `${roleScopeOf(params)}/providers/Microsoft.Authorization/roleAssignments/${params['assignment'] ?? ''}`;
    const removed = access.unassign(id);
    return removed === undefined ? { status: 204, headers: {} } : success(call, assignmentBody(removed));
  };
  const at = (scope: string, method: string, path: string, name: string, handle: Handler): Route<Operation> => ({
    method,
    pattern: `${scope}/providers/Microsoft.Authorization/${path}`,
    handler: { name, versions: VERSIONS, handle },
  });
  return SCOPES.flatMap((scope) => [
    at(scope, 'GET', 'roleDefinitions', 'listRoleDefinitions', listDefinitions()),
    at(scope, 'GET', 'roleAssignments', 'listRoleAssignments', list),
    at(scope, 'PUT', 'roleAssignments/:assignment', 'putRoleAssignment', assign(options)),
    at(scope, 'DELETE', 'roleAssignments/:assignment', 'deleteRoleAssignment', remove),
  ]);
}
