// Where a consumer reads its key: the secret itself, or the App Configuration reference that names its version.
// It must not cache or decide when to read; that is `key-consumer.ts`.
// The application makes the clients of the Azure SDK. So the library has no dependency, and the application decides how
// it signs in, retries and reaches the vault.
import { isAboutKeyValue, isAboutSecret } from './about.ts';
import { SecretValue } from './secret-value.ts';

/** A key and the secret version that holds it. */
export interface ConsumedKey {
  readonly key: SecretValue;
  readonly version: string;
}

export interface KeySource {
  /** Reads the key to use now. Rejects with the SDK's error. */
  read(abortSignal: AbortSignal): Promise<ConsumedKey>;
  /** Whether an event says that there may be another key to read. Any party may have sent it. Never throws. */
  isMeant(event: unknown): boolean;
}

/** The part of `SecretClient` of `@azure/keyvault-secrets` that is used. */
export interface SecretReader {
  readonly vaultUrl: string;
  getSecret(
    name: string,
    options: { readonly abortSignal: AbortSignal; readonly version?: string },
  ): Promise<{ readonly value?: string; readonly properties: { readonly version?: string } }>;
}

export interface VaultSourceOptions {
  /** Signed in with the role *Key Vault Secrets User* on the secret. */
  readonly vault: SecretReader;
  readonly secretName: string;
}

/** The newest version of a secret. */
export function createVaultSource({ vault, secretName }: VaultSourceOptions): KeySource {
  return {
    read: (abortSignal) => readSecret(vault, secretName, { abortSignal }),
    isMeant: (event) => isAboutSecret(event, { vaultUrl: vault.vaultUrl, secretName }),
  };
}

/** The part of `AppConfigurationClient` of `@azure/app-configuration` that is used. */
export interface SettingReader {
  getConfigurationSetting(
    id: { readonly key: string; readonly label?: string },
    options: { readonly abortSignal: AbortSignal },
  ): Promise<{ readonly value?: string }>;
}

export interface ReferenceSourceOptions {
  /** Signed in with the role *App Configuration Data Reader*. */
  readonly appConfiguration: SettingReader;
  /** Signed in with the role *Key Vault Secrets User* on the secret. */
  readonly vault: SecretReader;
  /** Key of the Key Vault reference, for instance `my-language:Key`. */
  readonly referenceKey: string;
  /** Label of the reference. If absent, the reference without a label is read. */
  readonly label?: string;
}

/**
 * The version that an App Configuration reference names: announced, not merely published. Reads only the given vault; a
 * reference to another is an error.
 */
export function createReferenceSource(options: ReferenceSourceOptions): KeySource {
  const { appConfiguration, vault, referenceKey, label } = options;
  const id = { key: referenceKey, ...(label === undefined ? {} : { label }) };
  return {
    async read(abortSignal) {
      const { value } = await appConfiguration.getConfigurationSetting(id, { abortSignal });
      const [name, version] = readReference(value, options);
      return readSecret(vault, name, { abortSignal, ...(version === undefined ? {} : { version }) });
    },
    // A reference with a version follows the vault a moment later, with an event of its own. A reference without one
    // changes with the vault.
    isMeant: (event) =>
      isAboutKeyValue(event, { key: referenceKey, label }) || isAboutSecret(event, { vaultUrl: vault.vaultUrl }),
  };
}

/** Name and version. An error does not repeat the value: it may be the key itself, put there by mistake. */
function readReference(
  value: string | undefined,
  { referenceKey, vault: { vaultUrl } }: ReferenceSourceOptions,
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
  vault: SecretReader,
  name: string,
  options: { readonly abortSignal: AbortSignal; readonly version?: string },
): Promise<ConsumedKey> {
  const { value, properties } = await vault.getSecret(name, options);
  if (value === undefined || properties.version === undefined) throw new Error(`The secret ${name} has no value.`);
  return { key: new SecretValue(value), version: properties.version };
}
