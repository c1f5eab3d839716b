// What a caller may do on an account, as Azure Resource Manager lists it.
// It must not enforce anything: `AccessControl` does.
import type { AccessControl, Role } from '../../identity/access.ts';
import type { TokenIssuer } from '../../identity/tokens.ts';
import { type AccountState, isSearchService } from '../../world/world.ts';
import type { Answer, WireCall } from '../http.ts';
import { success } from './answers.ts';

export const PERMISSION_VERSIONS = ['2015-07-01', '2018-01-01-preview', '2022-04-01'];

export interface PermissionOptions {
  readonly tokens: TokenIssuer;
  readonly access: AccessControl;
}

/** Actions of the service's own role, listed while access is not enforced. A knob takes actions away. */
const ACTIONS = [
  'Microsoft.CognitiveServices/accounts/read',
  'Microsoft.CognitiveServices/accounts/listKeys/action',
  'Microsoft.CognitiveServices/accounts/regenerateKey/action',
];
const SEARCH_ACTIONS = [
  'Microsoft.Search/searchServices/read',
  'Microsoft.Search/searchServices/listAdminKeys/action',
  'Microsoft.Search/searchServices/regenerateAdminKey/action',
];

export function listPermissions({ tokens, access }: PermissionOptions, call: WireCall, account: AccountState): Answer {
  const { id, knobs, seed } = account;
  const principal = tokens.check(call.headers.authorization, () => true);
  const own = (isSearchService(seed) ? SEARCH_ACTIONS : ACTIONS).filter(
    (action) => !knobs.missingActions.includes(action),
  );
  const roles =
    access.isEnforced && principal.state === 'valid'
      ? access.rolesOn(principal.claims.oid, id)
      : [{ actions: own, dataActions: [] }];
  const value = roles.map(({ actions, notActions = [], dataActions }: Omit<Role, 'id'>) => ({
    actions,
    notActions,
    dataActions,
    notDataActions: [],
  }));
  return success(call, { value });
}
