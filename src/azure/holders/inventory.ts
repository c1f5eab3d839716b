// Takes the inventory of one kind of holder: lists the resources of the scopes, and looks into a few at a time.
// Bounded in resources and time. A resource that refuses is named as unseen; only a scope's own list may throw.
// It must not know a kind: each adapter brings its list and its look.
import { forEachInLanes } from '../../base/lanes.ts';
import { type HolderInventory, type HolderRead, holderName, RESOURCES_MAXIMUM } from '../../holders/model.ts';
import { RotationError } from '../../rotation/errors.ts';
import { type Deadline, deadlineIn } from '../client/client-options.ts';

/** For all scopes of one kind together. */
const SEARCH_DEADLINE_MS = 120_000;
const CALL_DEADLINE_MS = 20_000;
const PARALLEL = 4;

export type Unseen = HolderInventory['unseen'][number];

/** One resource, looked into. Parts that refused are in `unseen`. */
export interface Look {
  readonly holders: readonly HolderRead[];
  readonly unseen: readonly Unseen[];
  /** The resource and its parts that were looked into. */
  readonly searched: number;
}

export interface Inventory<R> {
  readonly scopes: readonly string[];
  readonly listIn: (
    scope: string,
    limits: { readonly deadline: Deadline; readonly maximum: number },
  ) => Promise<{ readonly items: readonly R[]; readonly isComplete: boolean }>;
  readonly idOf: (resource: R) => string;
  /** `deadline` returns that of the next call. */
  readonly look: (resource: R, deadline: () => Deadline) => Promise<Look>;
}

/** Of one call in a search: its own, and the search's. */
function within(search: Deadline): () => Deadline {
  return () => ({ abortSignal: AbortSignal.any([search.abortSignal, deadlineIn(CALL_DEADLINE_MS).abortSignal]) });
}

export async function takeInventory<R>(inventory: Inventory<R>): Promise<HolderInventory> {
  const deadline = deadlineIn(SEARCH_DEADLINE_MS);
  const { resources, isComplete } = await listAll(inventory, deadline);
  const holders = new Map<string, HolderRead>();
  const unseen: Unseen[] = [];
  let searched = 0;
  let begun = 0;
  const lookInto = async ([id, resource]: [string, R]): Promise<void> => {
    begun++;
    const found = await lookOrName(id, () => inventory.look(resource, within(deadline)));
    for (const holder of found.holders) holders.set(holderName(holder).toLowerCase(), holder);
    unseen.push(...found.unseen);
    searched += found.searched;
  };
  await forEachInLanes([...resources], PARALLEL, lookInto, () => !deadline.abortSignal.aborted);
  return {
    holders: [...holders].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, holder]) => holder),
    unseen: unseen.toSorted((a, b) => (a.resource < b.resource ? -1 : 1)),
    searched,
    isComplete: isComplete && begun === resources.size,
  };
}

/** By lower-cased ARM id: two scopes may hold the same resource. */
async function listAll<R>({ scopes, listIn, idOf }: Inventory<R>, deadline: Deadline) {
  const resources = new Map<string, R>();
  let isComplete = true;
  for (const scope of scopes) {
    const listed = await listIn(scope, { deadline, maximum: RESOURCES_MAXIMUM });
    isComplete &&= listed.isComplete;
    for (const resource of listed.items) {
      const id = idOf(resource).toLowerCase();
      if (resources.size < RESOURCES_MAXIMUM || resources.has(id)) resources.set(id, resource);
      else isComplete = false;
    }
  }
  return { resources, isComplete };
}

/** A refusal of the resource becomes an entry of `unseen`. */
export async function lookOrName(resource: string, look: () => Promise<Look>): Promise<Look> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof RotationError)) throw error;
    return { holders: [], unseen: [{ resource, cause: error.message }], searched: 0 };
  }
}

export function merge(looks: readonly Look[]): Look {
  return {
    holders: looks.flatMap(({ holders }) => holders),
    unseen: looks.flatMap(({ unseen }) => unseen),
    searched: looks.reduce((sum, { searched }) => sum + searched, 0),
  };
}

/** Names a resource whose list of `items` is longer than what is looked at. */
export function tooMany(resource: string, items: string): Unseen {
  return { resource, cause: `It has more ${items} than are looked at.` };
}
