// Whether the caller may do this with the vault's secrets: by role, or by access policy, never by both.
import type { AccessControl } from '../../identity/access.ts';
import type { TokenClaims, TokenIssuer } from '../../identity/tokens.ts';
import type { Places } from '../../places.ts';
import { policyAllows, type VaultResources } from '../../world/vault-resources.ts';
import type { Answer, WireCall } from '../http.ts';
import { permissionFor } from '../permissions.ts';
import { forbidden, vaultError } from './refusals.ts';

export interface RightsOptions {
  readonly tokens: TokenIssuer;
  readonly access: AccessControl;
  readonly places: Places;
  readonly vaults: VaultResources;
}

/** The permission of an access policy that each operation needs. */
const VERBS: Readonly<Record<string, string>> = {
  getSecret: 'get',
  getSecretVersion: 'get',
  getDeletedSecret: 'get',
  setSecret: 'set',
  updateSecret: 'set',
  listSecrets: 'list',
  listSecretVersions: 'list',
  listDeletedSecrets: 'list',
  deleteSecret: 'delete',
  recoverDeletedSecret: 'recover',
  purgeDeletedSecret: 'purge',
};

function refusedByPolicy(call: WireCall, claims: TokenClaims, verb: string, name: string, location: string): Answer {
  const { appid, oid, iss } = claims;
  const message =
    `The user, group or application 'appid=${appid};oid=${oid};iss=${iss}' does not have secrets ${verb} permission ` +
    `on key vault '${name};location=${location}'. For help resolving this issue, please see ` +
    'https://go.microsoft.com/fwlink/?linkid=2125287';
  return vaultError(call, 403, 'Forbidden', message, { innerCode: 'AccessDenied' });
}

/** The 403, or undefined when the call is allowed. */
export function refuseCaller(options: RightsOptions, call: WireCall, operation: string): Answer | undefined {
  const { tokens, access, places, vaults } = options;
  const { current } = vaults;
  if (current === undefined || current.isByRole) {
    const denial = access.denial(call.headers.authorization, permissionFor(operation), places.vault.id);
    return denial === undefined ? undefined : forbidden(call, denial, places.vault.name);
  }
  const verb = VERBS[operation];
  const check = tokens.check(call.headers.authorization, () => true);
  if (!access.isEnforced || verb === undefined || check.state !== 'valid') return undefined;
  if (policyAllows(current, check.claims.oid, verb)) return undefined;
  return refusedByPolicy(call, check.claims, verb, current.name, current.location);
}
