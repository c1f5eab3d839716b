// Finds the holders of one account in the inventories of all configured kinds, and merges them with what was known.
// A holder keeps its evidence and its last effect. It must not read or change a holder.
import { allEnded } from '../base/lanes.ts';
import { asRotationError } from '../rotation/errors.ts';
import {
  type AccountHolders,
  HOLDER_KINDS,
  HOLDERS_MAXIMUM,
  type Holder,
  type HolderInventory,
  type HolderKind,
  holderName,
  type KnownHolder,
} from './model.ts';
import type { HolderParts } from './ports.ts';
import { heldIn, type Subject, standingOf, withoutContradicted } from './standing.ts';

/** At most this many resources are named that could not be looked into. */
const UNSEEN_NAMED = 20;

/** Never throws: a kind that could not be searched is something that was not seen. */
export async function searchHolders(
  { scopes, inventories }: Pick<HolderParts, 'scopes' | 'inventories'>,
  subject: Subject,
  known: AccountHolders,
  { now, maximumAgeMs }: { readonly now: number; readonly maximumAgeMs: number },
): Promise<AccountHolders> {
  const kinds = HOLDER_KINDS.filter((kind) => scopes[kind] !== undefined);
  const read = await allEnded(
    kinds.map(async (kind) => ({ kind, inventory: await inventoryOf(inventories, kind, maximumAgeMs) })),
  );
  const former = new Map(known.holders.map((holder) => [keyOf(holder), holder]));
  const holders = read.flatMap(({ kind, inventory }) => [
    ...found(inventory, subject, former, now),
    ...notFound(kind, inventory, known),
  ]);
  const unseen = read.flatMap(({ kind, inventory }) => [
    ...inventory.unseen,
    ...nameless(inventory, subject, former),
    ...(inventory.isComplete ? [] : [{ resource: `(${kind})`, cause: `only ${inventory.searched} were looked into` }]),
  ]);
  const beyond = Math.max(0, holders.length - HOLDERS_MAXIMUM);
  const left = beyond === 0 ? [] : [{ resource: '(all kinds)', cause: `${beyond} holders more than are kept` }];
  const all = [...left, ...unseen];
  return {
    ...known,
    searchedAt: now,
    holders: holders.slice(0, HOLDERS_MAXIMUM),
    unseen: all.slice(0, UNSEEN_NAMED),
    unseenCount: all.length,
  };
}

async function inventoryOf(
  inventories: HolderParts['inventories'],
  kind: HolderKind,
  maximumAgeMs: number,
): Promise<HolderInventory> {
  try {
    return await inventories.of(kind, maximumAgeMs);
  } catch (error) {
    const { message } = asRotationError(error);
    return { holders: [], unseen: [{ resource: `(${kind})`, cause: message }], searched: 0, isComplete: true };
  }
}

function keyOf(holder: Holder): string {
  return `${holder.kind} ${holderName(holder)}`;
}

function found(
  { holders }: HolderInventory,
  subject: Subject,
  former: ReadonlyMap<string, KnownHolder>,
  now: number,
): KnownHolder[] {
  return holders.flatMap(({ content, ...holder }) => {
    const known = former.get(keyOf(holder));
    const standing = standingOf(content, subject, known);
    if (standing === undefined) return [];
    return [
      {
        ...withoutContradicted(content, standing, known),
        ...holder,
        standing,
        ...heldIn(content, standing, known),
        readAt: now,
      },
    ];
  });
}

/** Holders that may belong to any account: nothing shows what they hold, or where they send it. */
function nameless({ holders }: HolderInventory, { hosts }: Subject, former: ReadonlyMap<string, KnownHolder>) {
  return holders.flatMap(({ content, ...holder }) => {
    if (content.has !== 'unseen' || former.has(keyOf(holder))) return [];
    if (content.sentTo !== undefined && hosts.length > 0) return [];
    return [{ resource: holderName(holder), cause: content.cause }];
  });
}

/** Holders that were known and were not found: gone, unless their resource could not be looked into. */
function notFound(kind: HolderKind, { holders, unseen, isComplete }: HolderInventory, known: AccountHolders) {
  const present = new Set(holders.map(keyOf));
  const isHidden = ({ resource }: Holder) =>
    !isComplete ||
    unseen.some(
      (entry) =>
        entry.resource === resource || resource.startsWith(`${entry.resource}/`) || entry.resource.startsWith('('),
    );
  return known.holders.filter((holder) => holder.kind === kind && !present.has(keyOf(holder)) && isHidden(holder));
}
