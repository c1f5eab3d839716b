// An account as ARM shows it.
import type { AccountState } from '../../world/world.ts';

/** The `Account` resource. */
export function accountBody(account: AccountState, endpoint: string): object {
  const { seed, knobs } = account;
  const createdAt = new Date(account.createdAt).toISOString();
  const { defaultAction, ipRules } = knobs.networkRules ?? {
    defaultAction: knobs.isDeniedByFirewall ? 'Deny' : 'Allow',
    ipRules: [],
  };
  return {
    id: account.id,
    name: seed.name,
    type: 'Microsoft.CognitiveServices/accounts',
    etag: `"${account.etag}"`,
    location: seed.location,
    sku: { name: seed.sku ?? 'S0' },
    kind: seed.kind,
    tags: account.tags,
    systemData: {
      createdBy: 'administrator@example.com',
      createdByType: 'User',
      createdAt,
      lastModifiedBy: 'administrator@example.com',
      lastModifiedByType: 'User',
      lastModifiedAt: createdAt,
    },
    properties: {
      endpoint,
      provisioningState: knobs.provisioningState,
      internalId: seed.name,
      dateCreated: createdAt,
      isMigrated: false,
      ...(knobs.hasCustomSubdomain ? { customSubDomainName: seed.name } : {}),
      disableLocalAuth: knobs.isLocalAuthDisabled,
      publicNetworkAccess: knobs.publicNetworkAccess,
      networkAcls: { defaultAction, virtualNetworkRules: [], ipRules: ipRules.map((value) => ({ value })) },
      privateEndpointConnections: [],
    },
  };
}
