// Resource groups: made, shown, and deleted with everything in them.
import type { Places } from '../../places.ts';
import type { World } from '../../world/world.ts';
import { type Answer, type Route, readJsonObject } from '../http.ts';
import { armError, groupNotFound, type Handler, locationRequired, type Operation, success } from './answers.ts';
import { deleteVault } from './vaults.ts';

export interface GroupOptions {
  readonly world: World;
  readonly places: Places;
}

const VERSIONS = ['2020-06-01', '2020-10-01', '2021-01-01', '2021-04-01', '2022-09-01', '2024-03-01', '2025-04-01'];

function bodyOf({ id, name, location }: { readonly id: string; readonly name: string; readonly location: string }) {
  const type = 'Microsoft.Resources/resourceGroups';
  return { id, name, type, location, properties: { provisioningState: 'Succeeded' } };
}

export function groupRoutes(options: GroupOptions): Route<Operation>[] {
  const { world } = options;
  const put: Handler = (call, { sub = '', group = '' }) => {
    const { location } = readJsonObject(call.body) ?? {};
    if (typeof location !== 'string') return locationRequired();
    const existing = world.group(sub, group);
    if (existing !== undefined && existing.location !== location) {
      const message =
        `Invalid resource group location '${location}'. The Resource group already exists in location ` +
        `'${existing.location}'.`;
      return armError(409, 'InvalidResourceGroupLocation', message);
    }
    return success(call, bodyOf(existing ?? world.addGroup(sub, group, location)), existing === undefined ? 201 : 200);
  };
  const get: Handler = (call, { sub = '', group = '' }) => {
    const found = world.group(sub, group);
    return found === undefined ? groupNotFound(group) : success(call, bodyOf(found));
  };
  const look: Handler = (_call, { sub = '', group = '' }) => ({
    status: world.group(sub, group) === undefined ? 404 : 204,
    headers: {},
  });
  const remove: Handler = (_call, { sub = '', group = '' }): Answer => {
    const found = world.group(sub, group);
    if (found === undefined) return groupNotFound(group);
    if (options.places.vault.id.toLowerCase().startsWith(`${found.id.toLowerCase()}/`)) deleteVault(options);
    world.removeGroup(found.id);
    return { status: 200, headers: {} };
  };
  // Not `:rg`: that a group named by `:rg` exists is checked before the handler runs.
  const route = (method: string, name: string, handle: Handler): Route<Operation> => ({
    method,
    pattern: 'subscriptions/:sub/resourceGroups/:group',
    handler: { name, versions: VERSIONS, handle },
  });
  return [
    route('PUT', 'putGroup', put),
    route('GET', 'getGroup', get),
    route('HEAD', 'getGroup', look),
    route('DELETE', 'deleteGroup', remove),
  ];
}
