// Where a consumer reads its key: the secret itself, or the App Configuration reference that names its version.
// It must not cache or decide when to read; that is `key-consumer.ts`.
import { AppConfigurationClient } from '@azure/app-configuration';
import type { TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import type { SecretVersion } from '../rotation/model.ts';
import { SecretValue } from '../rotation/secret.ts';

/** A key and the secret version that holds it. */
export interface ConsumedKey {
  readonly key: SecretValue;
  readonly version: SecretVersion;
}

export interface KeySource {
  /** Reads the key to use now. Rejects with the SDK's error. */
  read(abortSignal: AbortSignal): Promise<ConsumedKey>;
  /** Whether an event about this secret is about ours; names in lower case, `vault` a host or its first label. */
  isMeant(vault: string, secretName: string): boolean;
}

export interface VaultSourceOptions {
  readonly vaultUrl: string;
  readonly secretName: string;
  readonly credential: TokenCredential;
  /** Off only for a vault that does not live under the domain that its challenge names, as a local Azure's. */
  readonly isChallengeResourceVerified?: boolean;
}

/** The newest version of a secret. */
export function createVaultSource(options: VaultSourceOptions): KeySource {
  const { vaultUrl, secretName, credential, isChallengeResourceVerified = true } = options;
  const client = new SecretClient(vaultUrl, credential, {
    disableChallengeResourceVerification: !isChallengeResourceVerified,
  });
  return {
    read: (abortSignal) => readSecret(client, secretName, undefined, abortSignal),
    isMeant: (vault, name) => isSame(new URL(vaultUrl).host, vault) && name === secretName.toLowerCase(),
  };
}

export interface ReferenceSourceOptions extends Omit<VaultSourceOptions, 'secretName'> {
  readonly appConfigurationEndpoint: string;
  /** Key of the Key Vault reference, for instance `my-language:Key`. */
  readonly referenceKey: string;
  readonly label?: string;
}

/** The version that an App Configuration reference names: what is announced, not merely published. */
export function createReferenceSource(options: ReferenceSourceOptions): KeySource {
  const { vaultUrl, credential, referenceKey, label, isChallengeResourceVerified = true } = options;
  const configuration = new AppConfigurationClient(options.appConfigurationEndpoint, credential);
  const vault = new SecretClient(vaultUrl, credential, {
    disableChallengeResourceVerification: !isChallengeResourceVerified,
  });
  const id = { key: referenceKey, ...(label === undefined ? {} : { label }) };
  return {
    async read(abortSignal) {
      const { value } = await configuration.getConfigurationSetting(id, { abortSignal });
      const { uri } = JSON.parse(value ?? '{}') as { uri?: string };
      const [, , name, version] = uri === undefined ? [] : new URL(uri).pathname.split('/');
      if (name === undefined) throw new Error(`The key-value ${referenceKey} is no Key Vault reference.`);
      return readSecret(vault, name, version, abortSignal);
    },
    // The reference follows the secret a moment later: an event about the vault is reason enough to look.
    isMeant: (host) => isSame(new URL(vaultUrl).host, host),
  };
}

async function readSecret(
  client: SecretClient,
  name: string,
  version: string | undefined,
  abortSignal: AbortSignal,
): Promise<ConsumedKey> {
  const { value, properties } = await client.getSecret(name, {
    abortSignal,
    ...(version === undefined ? {} : { version }),
  });
  if (value === undefined || properties.version === undefined) throw new Error(`The secret ${name} has no value.`);
  return { key: new SecretValue(value), version: properties.version as SecretVersion };
}

function isSame(host: string, vault: string): boolean {
  return host.toLowerCase() === vault || host.toLowerCase().split('.')[0] === vault;
}
