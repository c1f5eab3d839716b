// Writes and parses the texts of reference and flag in App Configuration. Pure.
// It must not drop fields that others have put into a flag (variants, telemetry). The SDK's own serialiser drops them.
import type { Account, SecretVersion, Slot } from '../../rotation/model.ts';

export const REFERENCE_CONTENT_TYPE = 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8';
export const FLAG_CONTENT_TYPE = 'application/vnd.microsoft.appconfig.ff+json;charset=utf-8';
/** Tag of the flag: the version that it announces. A tag, because the flag's JSON keeps to its schema. */
export const VERSION_TAG = 'SecretVersion';

const VERSION = /^[0-9a-f]{32}$/i;

export function flagKeyOf(account: Account): string {
  return `.appconfig.featureflag/${account.flagName}`;
}

/** Names the version, so that no consumer keeps using a former one from its cache. */
export function referenceValueOf(account: Account, version: SecretVersion): string {
  return JSON.stringify({ uri: `${secretUrlOf(account)}/${version}` });
}

/** The version that the reference names, if it is one of this account's secret. Secret names are case-insensitive. */
export function referencedVersionOf(account: Account, value: string | undefined): SecretVersion | undefined {
  const uri = parseObject(value)?.['uri'];
  if (typeof uri !== 'string') return undefined;
  const prefix = `${secretUrlOf(account)}/`;
  const version = uri.slice(prefix.length);
  if (uri.slice(0, prefix.length).toLowerCase() !== prefix.toLowerCase() || !VERSION.test(version)) return undefined;
  return version as SecretVersion;
}

/** Which slot the flag says is published: enabled means key2. Undefined when it is not a flag. */
export function flagSlotOf(value: string | undefined): Slot | undefined {
  const enabled = parseObject(value)?.['enabled'];
  if (typeof enabled !== 'boolean') return undefined;
  return enabled ? 'key2' : 'key1';
}

/** The flag's JSON with a new `enabled`. Every other field of `former` is kept. */
export function flagValueOf(account: Account, slot: Slot, former: string | undefined): string {
  const kept = parseObject(former) ?? {
    description: `Whether the published key of ${account.alias} is key2.`,
    conditions: { client_filters: [] },
  };
  return JSON.stringify({ id: account.flagName, ...kept, enabled: slot === 'key2' });
}

function secretUrlOf(account: Account): string {
  return `${account.vaultUrl.replace(/\/+$/, '')}/secrets/${account.secretName}`;
}

function parseObject(value: string | undefined): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(value ?? '');
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
