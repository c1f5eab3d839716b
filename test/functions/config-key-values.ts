// Key-values as an operator would set them, and what the parser makes of them.
import { type Fleet, parseFleet } from '../../src/config/fleet.ts';
import type { RawKeyValue } from '../../src/config/raw-key-value.ts';

const SETTINGS = { keyVaultUrl: 'https://contoso.vault.azure.net' };
export const SUBSCRIPTION = '0b1f6471-1bf0-4dda-aec3-cb9272f09590';

export function resourceId(name: string): string {
  return `/subscriptions/${SUBSCRIPTION}/resourceGroups/RG-One/providers/Microsoft.CognitiveServices/accounts/${name}`;
}

export function account(alias: string, fields: object = {}): RawKeyValue {
  const value = JSON.stringify({ resourceId: resourceId(`${alias}-account`), ...fields });
  return { key: `KeyRotation:Accounts:${alias}`, value, contentType: 'application/json' };
}

export function policy(name: string, fields: object): RawKeyValue {
  return { key: `KeyRotation:Policies:${name}`, value: JSON.stringify(fields) };
}

export function parse(...keyValues: readonly RawKeyValue[]): Fleet {
  return parseFleet(keyValues, SETTINGS);
}

export function aliases(fleet: Fleet): readonly string[] {
  return fleet.accounts.map(({ alias }) => alias);
}

export function places(fleet: Fleet): readonly string[] {
  return fleet.problems.map(({ setting }) => setting);
}
