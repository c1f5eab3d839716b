// The vault as a resource: its access policies, and the deleted vaults whose names are still taken.
// It must not know secrets: `key-vault.ts` does.

export interface AccessPolicy {
  readonly tenantId: string;
  readonly objectId: string;
  /** By kind: `secrets`, `keys`, … A permission is a verb such as `get`, or `all`. */
  readonly permissions: Readonly<Record<string, readonly string[]>>;
}

export interface VaultResource {
  /** ARM id. */
  readonly id: string;
  readonly name: string;
  readonly location: string;
  /** True: roles decide, and policies are ignored. False: the other way round. */
  readonly isByRole: boolean;
  readonly policies: readonly AccessPolicy[];
}

export class VaultResources {
  /** Undefined for a vault that no request has made: then roles decide. */
  current: VaultResource | undefined;
  /** By lower-cased name. */
  readonly deleted = new Map<string, VaultResource>();
}

/** Whether a policy gives the principal this permission on secrets. */
export function policyAllows({ policies }: VaultResource, objectId: string, verb: string): boolean {
  return policies
    .filter((policy) => policy.objectId.toLowerCase() === objectId.toLowerCase())
    .flatMap(({ permissions }) => permissions['secrets'] ?? [])
    .some((given) => ['all', verb].includes(given.toLowerCase()));
}
