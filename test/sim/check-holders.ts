// The invariants of holders: what their applications call with, and whether what counts as evidence is true. They read
// the world and compare the row with it; the room's own opinion counts for nothing.
import type { Report } from './checkers.ts';
import type { Reader } from './sim-holders.ts';
import type { Universe } from './universe.ts';

/** Passes for which an application may be without a key after an emergency or a repair, per fault. Measured. */
const REFUSED_PASSES_PER_FAULT = 5;

/** After each effect: an application may call at any moment. */
export function checkHolderCalls(universe: Universe, report: Report): void {
  const { memory } = universe;
  if (universe.holders === undefined || memory.isDisturbed) return;
  const isExcused = memory.areHoldersDisturbed || memory.compromised.size > 0;
  // Without a fault an emergency brings each holder along before it takes the leaked key away.
  if (isExcused && universe.faultsUsed > 0) return;
  if (refusedOf(universe).some(({ refuses }) => !isExcused || refuses !== true))
    report('28: an application of an observed holder calls with a key that is refused');
}

/** After each pass. */
export function checkHolders(universe: Universe, report: Report): void {
  const { holders, newest, memory } = universe;
  if (holders === undefined) return;
  checkHolderCalls(universe, report);
  const isExcused = memory.areHoldersDisturbed || memory.compromised.size > 0 || memory.isDisturbed;
  memory.areHoldersDisturbed = isExcused;
  for (const { resource, evidence } of holders.stored.known.holders) {
    const reader = holders.readers.get(resource);
    if (newest === undefined || evidence?.version !== newest.version || reader === undefined) continue;
    if (reader.value !== newest.value) report('29: a holder counts as seen with the published key and uses another');
  }
  const isRepaired = newest !== undefined && universe.accepts(newest.value);
  const isLeft = isExcused && isRepaired && refusedOf(universe).some(({ refuses }) => refuses !== true);
  memory.refusedForPasses = isLeft ? memory.refusedForPasses + 1 : 0;
  if (memory.refusedForPasses > REFUSED_PASSES_PER_FAULT * universe.faultsUsed)
    report(`30: a holder is without a key for ${memory.refusedForPasses} passes`);
}

function refusedOf(universe: Universe): readonly Reader[] {
  return readersOf(universe).filter(({ value }) => !universe.accepts(value));
}

function readersOf({ holders }: Universe): readonly Reader[] {
  return [...(holders?.readers.values() ?? [])];
}

/** Whether an application calls with this value. */
export function isUsedByHolder(universe: Universe, value: string): boolean {
  return readersOf(universe).some((reader) => reader.value === value);
}

/** At rest each holder uses the published key. */
export function areHoldersAtRest(universe: Universe): boolean {
  return readersOf(universe).every(({ value }) => value === universe.newest?.value);
}

/** A holder that refuses, or one that may not have been found, holds the overlap until its platform's interval is over. */
export function isHeldByHolders({ holders }: Universe): boolean {
  if (holders === undefined) return true;
  const isStubborn = [...holders.readers.values()].some(({ refuses }) => refuses === true);
  return isStubborn || holders.stored.known.unseenCount > 0;
}
