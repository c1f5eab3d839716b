// The place that the record of an account names, and the place that a pass works on.
import type { Observation, RotationRecord } from './model.ts';
import { type FormerPlace, isSamePlace, type Place } from './place.ts';

/**
 * The place that a pass works on. A changed configuration takes effect at rest, and one change at a time: until then
 * the account stays where its record says. The way back is always open.
 */
export function workingPlace(record: RotationRecord | undefined, configured: Place, isUrgent: boolean): Place {
  if (record?.place === undefined || isSamePlace(record.place, configured)) return configured;
  const { former } = record;
  const isFree = former?.since === undefined || isSamePlace(former.place, configured);
  return record.phase === 'idle' && !isUrgent && isFree ? configured : record.place;
}

/** The former place once the record notes `next`: a place that was never announced is forgotten for a third one. */
export function formerAfterMove({ place, former }: RotationRecord, next: Place): FormerPlace | undefined {
  if (place === undefined || isSamePlace(place, next)) return former;
  const isThird = former !== undefined && former.since === undefined && !isSamePlace(former.place, next);
  return isThird ? former : { place };
}

/** The fields of a record that every phase hands on to the next. */
export function placesOf({ place, former }: RotationRecord): Pick<RotationRecord, 'place' | 'former'> {
  return { ...(place === undefined ? {} : { place }), ...(former === undefined ? {} : { former }) };
}

export function recordOf(seen: Pick<Observation, 'record'>): RotationRecord | undefined {
  return seen.record.state === 'present' ? seen.record.record : undefined;
}
