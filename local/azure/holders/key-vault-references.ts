// The text of a Key Vault reference in a setting of App Service, as the platform reads it.
import type { SecretReference } from './vault-reader.ts';

const MARK = '@Microsoft.KeyVault(';

export function isReference(text: string): boolean {
  return text.toLowerCase().startsWith(MARK.toLowerCase());
}

/** Undefined for a text that the platform calls `InvalidSyntax`. */
export function readReference(text: string): SecretReference | undefined {
  if (!text.endsWith(')')) return undefined;
  const parts = new Map<string, string>();
  for (const part of text.slice(MARK.length, -1).split(';')) {
    const [name = '', ...value] = part.split('=');
    parts.set(name.trim().toLowerCase(), value.join('=').trim());
  }
  const uri = parts.get('secreturi');
  if (uri !== undefined) return fromUri(uri);
  const [vault = '', secretName = ''] = [parts.get('vaultname'), parts.get('secretname')];
  if (vault === '' || secretName === '') return undefined;
  return { vault, secretName, version: filled(parts.get('secretversion')) };
}

function fromUri(uri: string): SecretReference | undefined {
  if (!URL.canParse(uri)) return undefined;
  const { origin, pathname } = new URL(uri);
  const [, folder, secretName = '', version] = pathname.split('/');
  if (folder !== 'secrets' || secretName === '') return undefined;
  return { vault: origin, secretName, version: filled(version) };
}

function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
