// Looks into every site and slot of App Service within some scopes: the list of them, then one call for each.
// It must not know what an adapter reads there.
import * as z from 'zod';
import { forEachInLanes } from '../../base/lanes.ts';
import { type HolderInventory, type HolderRead, RESOURCES_MAXIMUM } from '../../holders/model.ts';
import { RotationError } from '../../rotation/errors.ts';
import type { ArmRest } from '../client/arm-rest.ts';
import { type Deadline, deadlineIn } from '../client/client-options.ts';
import type { Pace } from '../client/pace.ts';

/** Documented for references: the other calls have it, too. */
export const WEB_VERSION = 'api-version=2022-03-01';
const CALL_DEADLINE_MS = 20_000;
/** A search ends within this time. */
const SEARCH_DEADLINE_MS = 120_000;
const LANES = 4;

/** The sites' own list has no slots. This one has both, and of a slot no more than its name. */
const RESOURCES =
  "resources?api-version=2021-04-01&$filter=resourceType eq 'Microsoft.Web/sites' or resourceType eq 'Microsoft.Web/sites/slots'";

const resource = z.object({ id: z.string() });

export interface SiteSearch {
  readonly rest: ArmRest;
  readonly pace: Pace;
  readonly look: Look;
}

/** The holders of one site or slot. Throws `RotationError`. */
export type Look = (site: string, deadline: Deadline) => Promise<readonly HolderRead[]>;

/** No call gets more time than others, however long its caller would wait. */
export function callDeadline(withinMs: number): Deadline {
  return deadlineIn(Math.min(withinMs, CALL_DEADLINE_MS));
}

/** `scopes`: ARM ids of subscriptions and resource groups. Throws if a scope cannot be listed. */
export async function searchSites(search: SiteSearch, scopes: readonly string[]): Promise<HolderInventory> {
  const lists = deadlineIn(SEARCH_DEADLINE_MS);
  // The last call that begins has its own deadline.
  const { abortSignal: isLate } = deadlineIn(SEARCH_DEADLINE_MS - CALL_DEADLINE_MS);
  const { sites, isComplete } = await listSites(search.rest, scopes, lists);
  const holders: HolderRead[] = [];
  const unseen: { resource: string; cause: string }[] = [];
  let begun = 0;
  let searched = 0;
  const visit = async (site: string): Promise<void> => {
    begun++;
    await search.pace();
    const deadline = deadlineIn(CALL_DEADLINE_MS);
    try {
      holders.push(...(await search.look(site, deadline)));
      searched++;
    } catch (error) {
      if (!(error instanceof RotationError)) throw error;
      if (!(await isGone(search.rest, site, error, deadline))) unseen.push({ resource: site, cause: error.message });
    }
  };
  await forEachInLanes(sites, LANES, visit, () => !isLate.aborted);
  const keyOf = ({ resource, name }: HolderRead): string => `${resource}#${name}`;
  return {
    holders: holders.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
    unseen: unseen.toSorted((a, b) => (a.resource < b.resource ? -1 : 1)),
    searched,
    isComplete: isComplete && begun === sites.length,
  };
}

/** Each site once, although scopes may overlap. */
async function listSites(rest: ArmRest, scopes: readonly string[], deadline: Deadline) {
  const found = new Set<string>();
  let isComplete = true;
  for (const scope of scopes) {
    const path = `${scope}/${RESOURCES}`;
    const listed = await rest.list('listSites', path, resource, { deadline, maximum: RESOURCES_MAXIMUM });
    for (const { id } of listed.items) found.add(id.toLowerCase());
    isComplete &&= listed.isComplete;
  }
  const sites = [...found];
  return { sites: sites.slice(0, RESOURCES_MAXIMUM), isComplete: isComplete && sites.length <= RESOURCES_MAXIMUM };
}

/**
 * Whether the site was deleted since it was listed. A 404 alone does not say so: Azure may know no such call for a
 * site, and such a site is not known to hold nothing.
 */
async function isGone(rest: ArmRest, site: string, { code }: RotationError, deadline: Deadline): Promise<boolean> {
  if (code !== 'NotFound') return false;
  try {
    await rest.get('getSite', `${site}?${WEB_VERSION}`, z.unknown(), deadline);
    return false;
  } catch (error) {
    return error instanceof RotationError && error.code === 'NotFound';
  }
}
