// The remedy for a refusal: which permission an operator must grant, or what to correct.
// It must not classify: it finds words for the verdict of `classify-error.ts`.
import type { ServiceName } from '../../rotation/errors.ts';

/** The action that each call needs. If it is missing, the role that carries it is not assigned. */
const ACTIONS: Readonly<Record<string, string>> = {
  'arm list': 'Microsoft.CognitiveServices/accounts/listKeys/action',
  'arm regenerate': 'Microsoft.CognitiveServices/accounts/regenerateKey/action',
  'arm getDetails': 'Microsoft.CognitiveServices/accounts/read',
  'arm listAccounts': 'Microsoft.CognitiveServices/accounts/read',
  'arm listPermissions': 'Microsoft.Authorization/permissions/read',
  'keyVault readNewest': 'Microsoft.KeyVault/vaults/secrets/getSecret/action',
  'keyVault readVersion': 'Microsoft.KeyVault/vaults/secrets/getSecret/action and secrets/readMetadata/action',
  'keyVault listSecrets': 'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
  'keyVault publish': 'Microsoft.KeyVault/vaults/secrets/setSecret/action',
  'keyVault disable': 'Microsoft.KeyVault/vaults/secrets/update/action',
  'appConfiguration read': 'Microsoft.AppConfiguration/configurationStores/keyValues/read',
  'appConfiguration readConfiguration': 'Microsoft.AppConfiguration/configurationStores/keyValues/read',
  'appConfiguration writeReference': 'Microsoft.AppConfiguration/configurationStores/keyValues/write',
  'appConfiguration writeFlag': 'Microsoft.AppConfiguration/configurationStores/keyValues/write',
};

const CORRECTIONS: Readonly<Record<string, string>> = {
  ObjectIsDeletedButRecoverable: 'the secret was deleted and its name is still taken; recover the secret first.',
  'key-locked': 'the key-value is locked; unlock it.',
  ScopeLocked: 'a read-only lock keeps the account from being changed; remove the lock.',
};

const NETWORK = /firewall|virtual network|client address is not authorized|public access|private (endpoint|link)/i;

/** Half a sentence after "service operation (status code): ". */
export function forbiddenRemedy(
  service: ServiceName,
  operation: string,
  providerCode: string | undefined,
  words: string | undefined,
): string {
  if (providerCode?.startsWith('ForbiddenBy') === true && providerCode !== 'ForbiddenByRbac') return networkRemedy;
  if (words !== undefined && NETWORK.test(words)) return networkRemedy;
  if (providerCode === 'SecretDisabled') return 'the secret is disabled; enable it or publish a new version.';
  const action = service === 'table' ? 'the role Storage Table Data Contributor' : ACTIONS[`${service} ${operation}`];
  if (action === undefined) return 'the identity is not allowed to do this; check its role assignments.';
  return `the identity is not allowed to do this; grant it ${action}, new assignments take some minutes.`;
}

const networkRemedy = 'the network rules keep the function app out; let its network in or give it a private endpoint.';

/** Half a sentence after "service operation (status code): ". */
export function misconfiguredRemedy(providerCode: string | undefined, words: string | undefined): string {
  if (words?.includes('disableLocalAuth') === true) {
    return 'key authentication is switched off on the account; switch it on or take the account out of the settings.';
  }
  const known = providerCode === undefined ? undefined : CORRECTIONS[providerCode];
  return known ?? 'the request was refused as it is; correct the settings or the resource that it names.';
}
