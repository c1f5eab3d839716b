// Where a consumer reads its key: the secret itself, or the App Configuration reference that names its version.
// It must not cache or decide when to read; that is `key-consumer.ts`.
import { AppConfigurationClient } from '@azure/app-configuration';
import type { TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import type { SecretVersion } from '../rotation/model.ts';
import { SecretValue } from '../rotation/secret.ts';
import { isAboutKeyValue, isAboutSecret } from './about.ts';

/** A key and the secret version that holds it. */
export interface ConsumedKey {
  readonly key: SecretValue;
  readonly version: SecretVersion;
}

export interface KeySource {
  /** Reads the key to use now. Rejects with the SDK's error. */
  read(abortSignal: AbortSignal): Promise<ConsumedKey>;
  /** Whether an event says that there may be another key to read. Any party may have sent it. Never throws. */
  isMeant(event: unknown): boolean;
}

export interface VaultSourceOptions {
  readonly vaultUrl: string;
  readonly secretName: string;
  /** A managed identity, a service principal, a developer's sign-in: any credential of `@azure/identity`. */
  readonly credential: TokenCredential;
  /** Off only for a vault outside of the domain that its challenge names, such as the vault of a local Azure. */
  readonly isChallengeResourceVerified?: boolean;
}

/** The newest version of a secret. Needs the role *Key Vault Secrets User* on it. */
export function createVaultSource(options: VaultSourceOptions): KeySource {
  const { vaultUrl, secretName } = options;
  const client = vaultClient(options);
  return {
    read: (abortSignal) => readSecret(client, secretName, undefined, abortSignal),
    isMeant: (event) => isAboutSecret(event, { vaultUrl, secretName }),
  };
}

export interface ReferenceSourceOptions extends Omit<VaultSourceOptions, 'secretName'> {
  readonly appConfigurationEndpoint: string;
  /** Key of the Key Vault reference, for instance `my-language:Key`. */
  readonly referenceKey: string;
  /** Label of the reference. If absent, the reference without a label is read. */
  readonly label?: string;
}

/**
 * The version that an App Configuration reference names: announced, not merely published. Reads only the vault that
 * `vaultUrl` names; a reference to another is an error. Needs the role *App Configuration Data Reader* as well.
 */
export function createReferenceSource(options: ReferenceSourceOptions): KeySource {
  const { vaultUrl, credential, referenceKey, label, appConfigurationEndpoint: endpoint } = options;
  const configuration = new AppConfigurationClient(endpoint, credential);
  const vault = vaultClient(options);
  const id = { key: referenceKey, ...(label === undefined ? {} : { label }) };
  return {
    async read(abortSignal) {
      const { value } = await configuration.getConfigurationSetting(id, { abortSignal });
      const [name, version] = readReference(value, options);
      return readSecret(vault, name, version, abortSignal);
    },
    // A reference with a version follows the vault a moment later, with an event of its own. A reference without one
    // changes with the vault.
    isMeant: (event) =>
      isAboutKeyValue(event, { endpoint, key: referenceKey, label }) || isAboutSecret(event, { vaultUrl }),
  };
}

function vaultClient({
  vaultUrl,
  credential,
  isChallengeResourceVerified = true,
}: Omit<VaultSourceOptions, 'secretName'>) {
  return new SecretClient(vaultUrl, credential, {
    disableChallengeResourceVerification: !isChallengeResourceVerified,
  });
}

/** Name and version. An error does not repeat the value: it may be the key itself, put there by mistake. */
function readReference(
  value: string | undefined,
  { referenceKey, vaultUrl }: ReferenceSourceOptions,
): readonly [name: string, version: string | undefined] {
  const uri = uriOf(value);
  const [, collection, name, version] = uri?.pathname.split('/') ?? [];
  if (uri === undefined || collection !== 'secrets' || name === undefined || name === '') {
    throw new Error(`The key-value ${referenceKey} is no Key Vault reference.`);
  }
  if (uri.host !== new URL(vaultUrl).host) {
    throw new Error(`The key-value ${referenceKey} names another vault than ${vaultUrl}: correct either of them.`);
  }
  return [name, version === '' ? undefined : version];
}

function uriOf(value: string | undefined): URL | undefined {
  try {
    const { uri } = JSON.parse(value ?? '') as { readonly uri?: unknown };
    return typeof uri === 'string' ? new URL(uri) : undefined;
  } catch {
    return undefined;
  }
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
