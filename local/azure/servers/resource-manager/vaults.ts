// The vault as a resource: made, shown, changed, deleted and purged, with its access policies.
// This local Azure has one vault at a time. It must not touch secrets, except that they go with their vault.
import type { Places } from '../../places.ts';
import { Place } from '../../places.ts';
import type { AccessPolicy, VaultResource } from '../../world/vault-resources.ts';
import type { World } from '../../world/world.ts';
import { type Answer, type Params, type Route, readJsonObject, type WireCall } from '../http.ts';
import { armError, type Handler, locationRequired, type Operation, success } from './answers.ts';

export interface VaultOptions {
  readonly world: World;
  readonly places: Places;
}

export interface VaultRouteOptions extends VaultOptions {
  readonly tenantId: string;
  /** Base URL of the vault. */
  vaultUrl(): string;
}

interface Asked {
  readonly location?: string;
  readonly properties?: {
    readonly enableRbacAuthorization?: boolean | null;
    readonly accessPolicies?: readonly AccessPolicy[] | null;
  };
}

const VERSIONS = [
  '2018-02-14',
  '2019-09-01',
  '2021-10-01',
  '2022-07-01',
  '2023-02-01',
  '2023-07-01',
  '2024-11-01',
  '2026-02-01',
];
const PATTERN = 'subscriptions/:sub/resourceGroups/:rg/providers/Microsoft.KeyVault/vaults/:vault';
const DELETED = 'subscriptions/:sub/providers/Microsoft.KeyVault/locations/:location/deletedVaults/:vaultName';

export function vaultIdOf({ sub = '', rg = '', vault = '' }: Params): string {
  return `/subscriptions/${sub}/resourceGroups/${rg}/providers/Microsoft.KeyVault/vaults/${vault}`;
}

function notFound(name: string, group: string): Answer {
  const message = `The Resource 'Microsoft.KeyVault/vaults/${name}' under resource group '${group}' was not found.`;
  return armError(404, 'ResourceNotFound', message);
}

function bodyOf({ id, name, location, isByRole, policies }: VaultResource, options: VaultRouteOptions): object {
  return {
    id,
    name,
    type: 'Microsoft.KeyVault/vaults',
    location,
    tags: {},
    properties: {
      sku: { family: 'A', name: 'standard' },
      tenantId: options.tenantId,
      accessPolicies: policies,
      enabledForDeployment: false,
      enableSoftDelete: true,
      softDeleteRetentionInDays: 90,
      enableRbacAuthorization: isByRole,
      vaultUri: `${options.vaultUrl()}/`,
      provisioningState: 'Succeeded',
      publicNetworkAccess: 'Enabled',
    },
  };
}

/** Its name stays taken until it is purged; its secrets are gone. */
export function deleteVault({ world, places }: VaultOptions): void {
  const { current } = world.vaults;
  if (current === undefined) return;
  world.vaults.deleted.set(current.name.toLowerCase(), current);
  world.vaults.current = undefined;
  world.vault.secrets.clear();
  places.vault = new Place(current.id.replace(/[^/]+$/, 'no-vault'));
}

function refuseNew({ world, places }: VaultOptions, id: string, name: string): Answer | undefined {
  if (world.vaults.deleted.has(name.toLowerCase())) {
    const message =
      'A vault with the same name already exists in deleted state. You need to either recover or purge existing key ' +
      'vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.';
    return armError(409, 'ConflictError', message);
  }
  const isOther = places.vault.id.toLowerCase() !== id.toLowerCase();
  if (!isOther || (world.vaults.current === undefined && world.vault.secrets.size === 0)) return undefined;
  return armError(409, 'Conflict', `This local Azure has one vault at a time: ${places.vault.id}.`);
}

/** `add` changes the policy of a principal or brings one; the others of the vault stay. */
function withPolicies(kind: string, present: readonly AccessPolicy[], given: readonly AccessPolicy[]) {
  if (kind === 'replace') return given;
  const others = present.filter((one) => given.every(({ objectId }) => objectId !== one.objectId));
  return kind === 'remove' ? others : [...others, ...given];
}

function writes(options: VaultRouteOptions) {
  const { world, places } = options;
  const set = (call: WireCall, vault: VaultResource): Answer => {
    world.vaults.current = vault;
    return success(call, bodyOf(vault, options));
  };
  const change = (vault: VaultResource, { properties = {} }: Asked): VaultResource => ({
    ...vault,
    isByRole: properties.enableRbacAuthorization ?? vault.isByRole,
    policies: properties.accessPolicies ?? vault.policies,
  });
  const put: Handler = (call, params) => {
    const asked = (readJsonObject(call.body) ?? {}) as Asked;
    const { vault: name = '' } = params;
    const id = vaultIdOf(params);
    if (typeof asked.location !== 'string') return locationRequired();
    const refusal = refuseNew(options, id, name);
    if (refusal !== undefined) return refusal;
    if (places.vault.id.toLowerCase() !== id.toLowerCase()) places.vault = new Place(id);
    return set(call, change({ id, name, location: asked.location, isByRole: false, policies: [] }, asked));
  };
  const update = (vault: VaultResource, call: WireCall): Answer =>
    set(call, change(vault, readJsonObject(call.body) ?? {}));
  const setPolicies = (vault: VaultResource, call: WireCall, { kind = '' }: Params): Answer => {
    const { properties = {} } = (readJsonObject(call.body) ?? {}) as Asked;
    const policies = withPolicies(kind.toLowerCase(), vault.policies, properties.accessPolicies ?? []);
    return set(call, { ...vault, policies });
  };
  return { put, update, setPolicies };
}

export function vaultRoutes(options: VaultRouteOptions): Route<Operation>[] {
  const { world } = options;
  const { put, update, setPolicies } = writes(options);
  const withVault =
    (act: (vault: VaultResource, call: WireCall, params: Params) => Answer): Handler =>
    (call, params) => {
      const { current } = world.vaults;
      const isThere = current?.id.toLowerCase() === vaultIdOf(params).toLowerCase();
      return current !== undefined && isThere
        ? act(current, call, params)
        : notFound(params['vault'] ?? '', params['rg'] ?? '');
    };
  const remove = (): Answer => {
    deleteVault(options);
    return { status: 200, headers: {} };
  };
  const withDeleted =
    (act: (vault: VaultResource, call: WireCall) => Answer): Handler =>
    (call, { vaultName = '' }) => {
      const vault = world.vaults.deleted.get(vaultName.toLowerCase());
      if (vault !== undefined) return act(vault, call);
      return armError(404, 'DeletedVaultNotFound', `The specified deleted vault '${vaultName}' does not exist.`);
    };
  const purge = ({ name }: VaultResource): Answer => {
    world.vaults.deleted.delete(name.toLowerCase());
    return { status: 200, headers: {} };
  };
  const showDeleted = ({ id, name, location }: VaultResource, call: WireCall): Answer =>
    success(call, { id, name, type: 'Microsoft.KeyVault/deletedVaults', properties: { vaultId: id, location } });
  const route = (method: string, pattern: string, name: string, handle: Handler): Route<Operation> => ({
    method,
    pattern,
    handler: { name, versions: VERSIONS, handle },
  });
  return [
    route('PUT', PATTERN, 'putVault', put),
    route(
      'GET',
      PATTERN,
      'getVault',
      withVault((vault, call) => success(call, bodyOf(vault, options))),
    ),
    route('PATCH', PATTERN, 'updateVault', withVault(update)),
    route('DELETE', PATTERN, 'deleteVault', withVault(remove)),
    route('PUT', `${PATTERN}/accessPolicies/:kind`, 'setAccessPolicies', withVault(setPolicies)),
    route('GET', DELETED, 'getDeletedVault', withDeleted(showDeleted)),
    route('POST', `${DELETED}/purge`, 'purgeVault', withDeleted(purge)),
  ];
}
