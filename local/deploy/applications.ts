// Applications that use accounts of a deployment, each with one account, as docs/integrate.md says: with an identity of their
// own and its roles, and through App Configuration.
import { BUILT_IN_ROLES } from '../azure/identity/access.ts';
import type { LocalAzure } from '../azure/local-azure.ts';
import type { AccountSeed } from '../azure/world/world.ts';
import { type Child, startApplications } from '../start/children.ts';

export function startApplicationsOf(azure: LocalAzure, accounts: readonly AccountSeed[]): Promise<Child> {
  const { endpoints, identities, places, access } = azure;
  const { appConfiguration: appConfigurationEndpoint, keyVault: keyVaultUrl } = endpoints;
  const applications = accounts.map(({ name, kind }) => ({
    name,
    account: name,
    kind,
    style: 'appConfiguration' as const,
    endpoint: azure.dataPlaneEndpoint(name),
    appConfigurationEndpoint,
    keyVaultUrl,
  }));
  const { objectId: principalId } = identities.systemAssigned;
  const grant = (role: keyof typeof BUILT_IN_ROLES, scope: string): void => {
    const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${role} of ${principalId}`;
    access.assign({ id, principalId, roleId: BUILT_IN_ROLES[role].id, scope });
  };
  grant('Key Vault Secrets User', places.vault.id);
  grant('App Configuration Data Reader', places.store.id);
  return startApplications(applications, { ...azure.network(), ...azure.identity() });
}
