// The record that an account had under another ARM id. Azure gives an account another id when it is moved to another
// resource group or subscription, and leaves both keys as they are (ADR 0021).
// It must not decide anything: which step follows is decided in `decide/`.
import { type Fingerprint, type RotationRecord, SLOTS, type Slot } from './model.ts';
import type { Predecessor } from './place.ts';
import type { Namesake } from './ports.ts';

/** From the last record whose published key is a live key of this account; undefined if there is none. */
export function predecessorOf(
  namesakes: readonly Namesake[],
  keys: Readonly<Record<Slot, Fingerprint>>,
): Predecessor<Slot> | undefined {
  const found = [...namesakes]
    .sort((one, other) => restedAt(other.record) - restedAt(one.record))
    .flatMap(({ record: { place, published } }): Predecessor<Slot>[] => {
      const slot = SLOTS.find((each) => keys[each] === published.fingerprint);
      return place === undefined || slot === undefined ? [] : [{ place, slot }];
    });
  return found[0];
}

/** Every record but the last one stopped when its id came to an end; a record in mid-rotation did so before the others. */
function restedAt(record: RotationRecord): number {
  return record.phase === 'idle' ? record.rotatedAt : 0;
}
