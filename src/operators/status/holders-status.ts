// What is known of an account's holders, in the words of the answer. It must not read or judge a holder.
import { defined } from '../../base/defined.ts';
import { type AccountHolders, type KnownHolder, NOTHING_KNOWN } from '../../holders/model.ts';
import { isForPerson } from '../../holders/requirement.ts';
import type { HoldersAnswer } from '../answers/holders.ts';

const iso = (instant: number): string => new Date(instant).toISOString();

/** `known` is undefined if the row could not be read. */
export function holdersAnswer(known: AccountHolders | undefined): HoldersAnswer {
  const { searchedAt, holders, unseen, unseenCount } = known ?? NOTHING_KNOWN;
  return {
    isKnown: known !== undefined,
    ...(searchedAt === undefined ? {} : { searchedAt: iso(searchedAt) }),
    holders: holders.map(holderAnswer),
    unseen: [...unseen],
    unseenCount,
  };
}

function holderAnswer(holder: KnownHolder): HoldersAnswer['holders'][number] {
  const { kind, resource, name, standing, readAt, evidence, bringing } = holder;
  const { state, ...details } = standing;
  return {
    kind,
    resource,
    name,
    standing: state,
    ...details,
    needsPerson: isForPerson(holder),
    readAt: iso(readAt),
    ...(evidence === undefined ? {} : { evidence: { ...evidence, at: iso(evidence.at) } }),
    ...(bringing === undefined ? {} : { bringing: bringingAnswer(bringing) }),
  };
}

/** Without the time until which an earlier effect may still happen: a rule of the room, and not for people. */
function bringingAnswer(bringing: NonNullable<KnownHolder['bringing']>) {
  const { version, effect, attempts, failure, attemptAt, answeredAt } = bringing;
  return defined({
    version,
    effect,
    attempts,
    failure,
    attemptAt: iso(attemptAt),
    answeredAt: answeredAt === undefined ? undefined : iso(answeredAt),
  });
}
