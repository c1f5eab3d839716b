// Reads the text with which a setting of App Service points at a secret of Key Vault:
// `@Microsoft.KeyVault(SecretUri=…)` or `@Microsoft.KeyVault(VaultName=…;SecretName=…;SecretVersion=…)`.
// Source: https://learn.microsoft.com/azure/app-service/app-service-key-vault-references
import type { SecretVersion } from '../../rotation/model.ts';

export interface KeyVaultReference {
  /** `https://host[:port]`, no trailing slash. */
  readonly vaultUrl: string;
  readonly secretName: string;
  /** Absent: the newest version. */
  readonly version?: SecretVersion;
  /** The address of the secret ends in a slash, where a version could stand. */
  readonly endsInSlash: boolean;
}

/** App Service has more kinds of references. */
const MARK = /^@Microsoft\.[A-Za-z]+\(/i;
const KEY_VAULT = /^@Microsoft\.KeyVault\((.*)\)$/is;

export function isReference(text: string): boolean {
  return MARK.test(text.trim());
}

/** `vaultSuffix`: that of the cloud, for a vault that is given by its name. Undefined if the text is no such reference. */
export function parseReference(text: string, vaultSuffix: string): KeyVaultReference | undefined {
  const inner = KEY_VAULT.exec(text.trim())?.[1];
  if (inner === undefined) return undefined;
  const parts = new Map(inner.split(';').map(partOf));
  const uri = parts.get('secreturi');
  if (uri !== undefined) return fromUri(uri);
  return referenceByNames(parts.get('vaultname'), vaultSuffix, parts.get('secretname'), parts.get('secretversion'));
}

function partOf(part: string): [string, string] {
  const [name = '', ...value] = part.split('=');
  return [name.trim().toLowerCase(), value.join('=').trim()];
}

function fromUri(uri: string): KeyVaultReference | undefined {
  if (!URL.canParse(uri)) return undefined;
  const { origin, pathname } = new URL(uri);
  const [, folder, secretName = '', version] = pathname.split('/');
  if (folder?.toLowerCase() !== 'secrets' || secretName === '') return undefined;
  return { vaultUrl: origin, secretName, ...pinned(version), endsInSlash: version === '' };
}

type Text = string | null | undefined;

/** Undefined without the name of a vault and of a secret. */
export function referenceByNames(
  vault: Text,
  vaultSuffix: string,
  secretName: Text,
  version: Text,
): KeyVaultReference | undefined {
  if (!/^[a-z0-9-]+$/i.test(vault ?? '') || (secretName ?? '') === '') return undefined;
  const vaultUrl = `https://${vault ?? ''}.${vaultSuffix}`.toLowerCase();
  return { vaultUrl, secretName: secretName ?? '', ...pinned(version), endsInSlash: false };
}

function pinned(version: Text): { readonly version?: SecretVersion } {
  return version === null || version === undefined || version === '' ? {} : { version: version as SecretVersion };
}
