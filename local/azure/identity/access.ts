// Roles, their assignments, and the check of one call. Off: every principal of the tenant may do everything. On: a call
// that no assignment grants is refused. It must not know how a service words a refusal.
import type { TokenClaims, TokenIssuer } from './tokens.ts';

/** A permission that a call needs. Azure grants control-plane and data-plane permissions by separate lists. */
export interface Permission {
  readonly name: string;
  readonly isData: boolean;
}

/** An asterisk stands for any text. */
export interface Role {
  /** GUID, the last part of its ARM id. */
  readonly id: string;
  readonly actions: readonly string[];
  readonly notActions?: readonly string[];
  readonly dataActions: readonly string[];
}

export interface RoleAssignment {
  /** ARM id. A new assignment with the same id replaces the previous one. */
  readonly id: string;
  readonly principalId: string;
  readonly roleId: string;
  /** ARM id of the scope; the assignment also holds for everything below it. */
  readonly scope: string;
}

/** A call that no assignment allows. */
export interface Denial {
  readonly claims: TokenClaims;
  readonly permission: string;
  readonly scope: string;
}

function within(folder: string, ...verbs: string[]): string[] {
  return verbs.map((verb) => `${folder}/${verb}`);
}

const STORAGE = 'Microsoft.Storage/storageAccounts';
const QUEUES = `${STORAGE}/queueServices/queues`;
const TABLES = `${STORAGE}/tableServices/tables`;

/**
 * Azure's own roles as far as they matter here. Source:
 * https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
export const BUILT_IN_ROLES = {
  'Storage Blob Data Owner': {
    id: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
    actions: [`${STORAGE}/blobServices/containers/*`, `${STORAGE}/blobServices/generateUserDelegationKey/action`],
    dataActions: [`${STORAGE}/blobServices/containers/blobs/*`],
  },
  'Storage Queue Data Contributor': {
    id: '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
    actions: within(QUEUES, 'read', 'write', 'delete'),
    dataActions: within(`${QUEUES}/messages`, 'read', 'write', 'delete', 'process/action'),
  },
  'Storage Table Data Contributor': {
    id: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
    actions: within(TABLES, 'read', 'write', 'delete'),
    dataActions: within(`${TABLES}/entities`, 'read', 'write', 'delete', 'add/action', 'update/action'),
  },
  'Storage Table Data Reader': {
    id: '76199698-9eea-4c19-bc75-cec21354c6b6',
    actions: within(TABLES, 'read'),
    dataActions: within(`${TABLES}/entities`, 'read'),
  },
  'Monitoring Metrics Publisher': {
    id: '3913510d-42f4-4e42-8a64-420c390055eb',
    actions: ['Microsoft.Insights/Register/Action', 'Microsoft.Insights/Metrics/Write'],
    dataActions: ['Microsoft.Insights/Telemetry/Write'],
  },
  'App Configuration Data Owner': {
    id: '5ae67dd6-50cb-40e7-96ff-dc2bfa4b606b',
    actions: [],
    dataActions: within('Microsoft.AppConfiguration/configurationStores/*', 'read', 'write', 'delete'),
  },
  'App Configuration Data Reader': {
    id: '516239f1-63e1-4d78-a4de-a74fb236a071',
    actions: [],
    dataActions: ['Microsoft.AppConfiguration/configurationStores/*/read'],
  },
  'Key Vault Secrets User': {
    id: '4633458b-17de-408a-b874-0445c86b69e6',
    actions: [],
    dataActions: within('Microsoft.KeyVault/vaults/secrets', 'getSecret/action', 'readMetadata/action'),
  },
  'Cognitive Services User': {
    id: 'a97b65f3-24c7-4388-baec-2e87135dc908',
    actions: ['Microsoft.CognitiveServices/*/read', 'Microsoft.CognitiveServices/accounts/listkeys/action'],
    dataActions: ['Microsoft.CognitiveServices/*'],
  },
  'Key Vault Secrets Officer': {
    id: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
    actions: [],
    dataActions: ['Microsoft.KeyVault/vaults/secrets/*'],
  },
  Owner: { id: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635', actions: ['*'], dataActions: [] },
  Contributor: {
    id: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
    actions: ['*'],
    notActions: within('Microsoft.Authorization/*', 'Delete', 'Write'),
    dataActions: [],
  },
  Reader: { id: 'acdd72a7-3385-48ef-bd42-f606fba81ae7', actions: ['*/read'], dataActions: [] },
} satisfies Record<string, Role>;

/** Ignores case; `*` stands for any text, slashes included. */
function covers(pattern: string, permission: string): boolean {
  const literal = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`, 'i').test(permission);
}

function isWithin(scope: string, outer: string): boolean {
  const [inner, around] = [scope.toLowerCase(), outer.toLowerCase()];
  return around === '/' || inner === around || inner.startsWith(`${around}/`);
}

export class AccessControl {
  /** False: every principal of the tenant may do everything. */
  isEnforced = false;
  readonly #tokens: TokenIssuer;
  readonly #roles = new Map<string, Role>(Object.values(BUILT_IN_ROLES).map((role) => [role.id, role]));
  readonly #assignments = new Map<string, RoleAssignment>();

  constructor(tokens: TokenIssuer) {
    this.#tokens = tokens;
  }

  define(role: Role): void {
    this.#roles.set(role.id.toLowerCase(), role);
  }

  /** Throws when the role does not exist, as Azure refuses the assignment. */
  assign(assignment: RoleAssignment): void {
    if (!this.#roles.has(assignment.roleId.toLowerCase())) {
      throw new Error(`The specified role definition with ID '${assignment.roleId}' does not exist.`);
    }
    this.#assignments.set(assignment.id.toLowerCase(), assignment);
  }

  hasRole(roleId: string): boolean {
    return this.#roles.has(roleId.toLowerCase());
  }

  /** The assignments whose scope is exactly this one. */
  assignmentsAt(scope: string): readonly RoleAssignment[] {
    return [...this.#assignments.values()].filter((one) => one.scope.toLowerCase() === scope.toLowerCase());
  }

  /** Returns the removed assignment, if there was one. */
  unassign(id: string): RoleAssignment | undefined {
    const found = this.#assignments.get(id.toLowerCase());
    this.#assignments.delete(id.toLowerCase());
    return found;
  }

  /** Removes every role of a principal. */
  revoke(principalId: string): void {
    for (const [id, assignment] of this.#assignments) {
      if (assignment.principalId === principalId) this.#assignments.delete(id);
    }
  }

  /** The roles that the principal has on `scope`. */
  rolesOn(principalId: string, scope: string): readonly Role[] {
    return [...this.#assignments.values()]
      .filter((assignment) => assignment.principalId === principalId && isWithin(scope, assignment.scope))
      .flatMap(({ roleId }) => this.#roles.get(roleId.toLowerCase()) ?? []);
  }

  /**
   * The denial of a call, or undefined when it is allowed. Also undefined without a valid token, or for an unknown
   * call: the service refuses both in other words.
   */
  denial(authorization: string | undefined, permission: Permission | undefined, scope: string): Denial | undefined {
    if (!this.isEnforced || permission === undefined) return undefined;
    const check = this.#tokens.check(authorization, () => true);
    if (check.state !== 'valid') return undefined;
    const { claims } = check;
    const isAllowed = this.allows(claims.oid, permission, scope);
    return isAllowed ? undefined : { claims, permission: permission.name, scope };
  }

  /** Whether a role of the principal grants the permission. Also asked by services that call with an app's identity. */
  allows(principalId: string, permission: Permission, scope: string): boolean {
    if (!this.isEnforced) return true;
    return this.rolesOn(principalId, scope).some(({ actions, notActions = [], dataActions }) => {
      const isNamed = (patterns: readonly string[]): boolean => patterns.some((one) => covers(one, permission.name));
      return permission.isData ? isNamed(dataActions) : isNamed(actions) && !isNamed(notActions);
    });
  }
}
