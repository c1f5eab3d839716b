// Reads a secret as a platform does that resolves references to Key Vault: with the identity of the application, by role
// or by access policy. A refusal is a status in the platform's words, not an error.
import type { AccessControl } from '../identity/access.ts';
import type { Places } from '../places.ts';
import { permissionFor } from '../servers/permissions.ts';
import type { SecretVersionState } from '../world/key-vault.ts';
import { policyAllows } from '../world/vault-resources.ts';
import type { World } from '../world/world.ts';

export interface VaultReaderOptions {
  readonly world: World;
  readonly access: AccessControl;
  readonly places: Places;
  /** Origin of the vault. */
  vaultUrl(): string;
}

/** A reference as its text names it: the vault by its origin or by its name. */
export interface SecretReference {
  readonly vault: string;
  readonly secretName: string;
  /** Absent: the newest. */
  readonly version: string | undefined;
}

export type Resolution =
  | { readonly status: 'Resolved'; readonly value: string; readonly version: string }
  | {
      readonly status:
        | 'InvalidSyntax'
        | 'MSINotEnabled'
        | 'VaultNotFound'
        | 'SecretNotFound'
        | 'SecretVersionNotFound'
        | 'AccessToKeyVaultDenied'
        | 'OtherReasons';
    };

/**
 * `identity`: object id, undefined if the application has none. `at`: for a fetch in the past; a version counts from
 * the end of its second, because the vault keeps whole seconds.
 */
export function readSecret(
  options: VaultReaderOptions,
  identity: string | undefined,
  { vault, secretName, version }: SecretReference,
  at?: number,
): Resolution {
  const { world, places } = options;
  if (identity === undefined) return { status: 'MSINotEnabled' };
  const names = [places.vault.name.toLowerCase(), new URL(options.vaultUrl()).origin];
  if (!names.includes(vault.toLowerCase())) return { status: 'VaultNotFound' };
  if (!mayRead(options, identity)) return { status: 'AccessToKeyVaultDenied' };
  const secret = world.vault.secrets.get(secretName.toLowerCase());
  const isThere = ({ created }: SecretVersionState): boolean => at === undefined || created * 1_000 + 999 <= at;
  const versions = secret === undefined || secret.deletedAt !== undefined ? [] : secret.versions.filter(isThere);
  if (versions.length === 0) return { status: 'SecretNotFound' };
  const found = version === undefined ? versions.at(-1) : versions.find((one) => one.version === version);
  if (found === undefined) return { status: 'SecretVersionNotFound' };
  return found.isEnabled
    ? { status: 'Resolved', value: found.value, version: found.version }
    : { status: 'OtherReasons' };
}

function mayRead({ world, access, places }: VaultReaderOptions, identity: string): boolean {
  const { current } = world.vaults;
  if (current !== undefined && !current.isByRole) {
    return !access.isEnforced || policyAllows(current, identity, 'get');
  }
  const permission = permissionFor('getSecret');
  return permission !== undefined && access.allows(identity, permission, places.vault.id);
}
