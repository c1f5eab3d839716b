// Notes when this service has renewed each key, from the lines of the history that a write adds.
// For people only: no decision depends on a note.
import { PUBLISHING_KINDS, REGENERATING_KINDS } from '../history.ts';
import type { Slot } from '../model.ts';
import type { AccountNotes, HistoryEntry, Renewal } from '../ports.ts';

/** The notes after these lines; the same object if they change nothing. */
export function notesAfter(
  notes: AccountNotes | undefined,
  history: readonly HistoryEntry[],
): AccountNotes | undefined {
  const former = notes?.renewed;
  const renewed = history.reduce(renewedAfter, former);
  return renewed === former ? notes : { ...notes, ...(renewed === undefined ? {} : { renewed }) };
}

type Renewed = AccountNotes['renewed'];

function renewedAfter(renewed: Renewed, { at, kind, slot, fingerprint }: HistoryEntry): Renewed {
  if (slot === undefined) return renewed;
  if (isIn(REGENERATING_KINDS, kind)) return { ...renewed, [slot]: { at } };
  const known = renewed?.[slot];
  if (known === undefined || fingerprint === undefined || !isIn(PUBLISHING_KINDS, kind)) return renewed;
  const isOther = known.fingerprint !== undefined && known.fingerprint !== fingerprint;
  // An adoption takes the keys as they are: what the service has made before does not count.
  if (kind === 'Adopted' || isOther) return without(renewed, slot);
  return known.fingerprint === fingerprint ? renewed : { ...renewed, [slot]: { ...known, fingerprint } };
}

function without(renewed: Renewed, slot: Slot): Partial<Record<Slot, Renewal>> {
  return Object.fromEntries(Object.entries(renewed ?? {}).filter(([name]) => name !== slot));
}

function isIn<T extends string>(kinds: readonly T[], kind: string): kind is T {
  return kinds.some((entry) => entry === kind);
}
