// The record that an account had under another ARM id. Azure gives an account another id when it is moved to another
// resource group or subscription, and leaves both keys as they are (ADR 0021).
// It must not decide anything: which step follows is decided in `decide/`.
import { isBeforeAnnouncement } from './decide/move.ts';
import { phaseSince } from './decide/schedule.ts';
import { type Fingerprint, type RotationRecord, SLOTS, type Slot } from './model.ts';
import type { Place, Predecessor } from './place.ts';
import type { Namesake } from './ports.ts';

/**
 * From the record that was worked on last, of those whose published key is a live key of this account; undefined if
 * there is none.
 */
export function predecessorOf(
  namesakes: readonly Namesake[],
  keys: Readonly<Record<Slot, Fingerprint>>,
): Predecessor<Slot> | undefined {
  const found = [...namesakes]
    .sort((one, other) => phaseSince(other.record) - phaseSince(one.record))
    .flatMap(({ accountId, record }): Predecessor<Slot>[] => {
      const place = placeRead(record);
      const slot = SLOTS.find((each) => keys[each] === record.published.fingerprint);
      return place === undefined || slot === undefined ? [] : [{ accountId, place, slot }];
    });
  return found[0];
}

/** Where applications read: a place that was never announced has no readers yet. */
function placeRead(record: RotationRecord): Place | undefined {
  return isBeforeAnnouncement(record) ? record.former?.place : record.place;
}
