// The rules of a move: the configured names of secret, reference or flag have changed (ADR 0019).
//
//   MoveBegan           published and announced            MoveAnnounced                            MoveEnded
//   ----|----------------------------------------------------------|-------- maximum overlap --------|----> time
//      the former place is kept in line in all this time, also by rotations; the move ends at rest
//
// It must not touch the former place once others have changed it.
import type { Policy, RotationRecord } from '../model.ts';
import { type FormerPlace, isSamePlace } from '../place.ts';
import { formerAfterMove, recordOf } from '../working-place.ts';
import { type Followed, isEmergency, type Situation, wait } from './situation.ts';
import type { Step } from './step.ts';

type Seen = Situation['seen'];

/** Records the new place before anything is written there. */
export function beginMove(seen: Seen): Step | undefined {
  const record = recordOf(seen);
  if (record?.place === undefined || isSamePlace(record.place, seen.place)) return undefined;
  const former = formerAfterMove(record, seen.place);
  const moved = { ...record, place: seen.place, ...(former === undefined ? {} : { former }) };
  return { kind: 'record', record: moved, closes: [], history: [{ kind: 'MoveBegan' }] };
}

/** The former place follows the published key, before the record does: the overlap begins for its readers as well. */
export function keepFormerInLine({ seen, policy, now, published }: Situation): Step | undefined {
  const { former } = seen;
  // Once the move is over nothing is written there: a vault that refuses writes must not hold it up.
  if (former === undefined || former.state === 'left' || isMoveOver(recordOf(seen), policy, now)) return undefined;
  if (former.state === 'unknown') {
    // The announcement does not wait: it begins the overlap, and that bounds the wait for a place that is gone. But a
    // record that followed another key first would not know the content of the former place any more.
    const record = recordOf(seen);
    const isSameKey = record?.published.fingerprint === published.fingerprint;
    const mayAnnounce = isSameKey && record.former?.since === undefined;
    const until = now + policy.backOffMinimumMs;
    return isEmergency(seen) || mayAnnounce ? undefined : wait('FormerPlaceUnknown', until, former.cause);
  }
  const { slot, fingerprint } = published;
  if (former.fingerprint !== fingerprint) {
    return { kind: 'publish', slot, fingerprint, reason: 'FormerPlaceBehind', at: 'former' };
  }
  const { version } = former;
  if (!former.isReferenceInLine) return { kind: 'announceReference', version, at: 'former' };
  if (!former.isFlagInLine) return { kind: 'announceFlag', slot, version, at: 'former' };
  return undefined;
}

/** Whether the account moves, and its new place is not announced yet. */
export function isBeforeAnnouncement({ former }: RotationRecord): boolean {
  return former !== undefined && former.since === undefined;
}

/** Notes that the new place is in line; later, that the move is over. */
export function endMove({ record, policy, now }: Followed): Step | undefined {
  const { former, ...rest } = record;
  if (former === undefined) return undefined;
  const noted = (next: RotationRecord, kind: 'MoveAnnounced' | 'MoveEnded'): Step => ({
    kind: 'record',
    record: next,
    closes: [],
    history: [{ kind }],
  });
  if (former.since === undefined) return noted({ ...record, former: { ...former, since: now } }, 'MoveAnnounced');
  return isMoveOver(record, policy, now) ? noted(rest, 'MoveEnded') : undefined;
}

/** The move ends no earlier, and at rest. Undefined before the new place is announced. */
export function moveEndsAt({ since }: FormerPlace, policy: Policy): number | undefined {
  return since === undefined ? undefined : since + policy.overlapMaximumMs;
}

function isMoveOver(record: RotationRecord | undefined, policy: Policy, now: number): boolean {
  if (record?.former === undefined || record.phase !== 'idle') return false;
  const endsAt = moveEndsAt(record.former, policy);
  return endsAt !== undefined && now >= endsAt;
}
