// Finds the row of an ARM id, and the parts of the id. Pure.
// It must not add a type: resource-types.ts is the table.
import { RESOURCE_TYPES, type ResourceType } from './resource-types.ts';

export interface ResourceId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** As the table writes it. */
  readonly type: string;
  readonly name: string;
}

const START =
  '^\\/subscriptions\\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\/resourceGroups\\/([^\\s/]{1,90})\\/providers\\/';

/** Each type with the ids that it takes. */
const IDS = RESOURCE_TYPES.map((row) => ({
  row,
  // Case-insensitive as ARM is. A name keeps the case in which it was written.
  pattern: new RegExp(`${START}${row.type.replaceAll('.', '\\.')}\\/(${row.namePattern})\\/?$`, 'i'),
}));

/** Undefined for anything but the id of one resource of a known type. */
export function parseResourceId(id: string): ResourceId | undefined {
  for (const { row, pattern } of IDS) {
    const [, subscriptionId, resourceGroup, name] = pattern.exec(id) ?? [];
    if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) continue;
    return { subscriptionId, resourceGroup, type: row.type, name };
  }
  return undefined;
}

export function resourceIdOf({ subscriptionId, resourceGroup, type, name }: ResourceId): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${type}/${name}`;
}

/** The account at the start of a lower-cased id, which may go on behind it; undefined if none is there. */
export function startsWithAccount(id: string): string | undefined {
  const start = id.split('/').slice(0, 9).join('/');
  const [, subscriptions, , groups, , providers, ...rest] = start.split('/');
  const isInGroup = subscriptions === 'subscriptions' && groups === 'resourcegroups' && providers === 'providers';
  const isKnown = RESOURCE_TYPES.some(({ type }) => rest.slice(0, 2).join('/') === type.toLowerCase());
  return isInGroup && isKnown && (rest[2] ?? '') !== '' ? start : undefined;
}

/** The row of the resource that `id` names, or lies below. Undefined for any other type. */
export function findResourceType(id: string): ResourceType | undefined {
  const text = id.toLowerCase();
  return RESOURCE_TYPES.find(({ type }) => text.includes(`/providers/${type.toLowerCase()}/`));
}
