// Brings the holders of one account along: reads those that are behind, records what is about to be sent, sends it, and
// reads again. Every failure is kept with its holder and tried again later. It never throws: a holder must not hold up
// a rotation.
import { forEachInLanes } from '../base/lanes.ts';
import type { Log } from '../base/log.ts';
import { asRotationError } from '../rotation/errors.ts';
import type { Account } from '../rotation/model.ts';
import type { SecretValue } from '../rotation/secret.ts';
import { decideHolder, type HolderStep, isCurrent, type Target } from './decide.ts';
import type { AccountHolders, HolderContent, KnownHolder } from './model.ts';
import type { HolderParts, StoredHolders } from './ports.ts';
import { heldIn, type Subject, standingOf } from './standing.ts';

export interface Turn {
  readonly account: Account;
  readonly subject: Subject;
  readonly target: Target & { readonly value: SecretValue };
  /** Nothing begins at or after this instant. */
  readonly until: number;
  readonly log: Log;
}

/** More rounds than this lead nowhere: a holder has two effects at most, each with a look before and after it. */
const ROUNDS_MAXIMUM = 6;
const LANES = 8;
/** For one call, unless less time is left. */
const CALL_MS = 20_000;
const UNREAD_LOOK_MS = 5 * 60_000;

type Move = { readonly holder: KnownHolder; readonly step: HolderStep; readonly content?: HolderContent };

/** Returns what is known and stored afterwards. */
export async function bringAlong(parts: HolderParts, turn: Turn, before: StoredHolders): Promise<StoredHolders> {
  let stored = before;
  for (let round = 0; round < ROUNDS_MAXIMUM && parts.clock.now() < turn.until; round++) {
    const moves = await lookAtAll(parts, turn, stored.known.holders);
    const isOver = moves.every(({ step }) => step.kind !== 'bring');
    const next = await keep(parts, turn, stored, { ...stored.known, ...judged(moves, turn, isOver) });
    if (next === undefined) return stored;
    stored = next;
    if (isOver) return stored;
    stored = await sendAll(parts, turn, stored, moves);
  }
  return stored;
}

/** The holders that are current, or wait, need no look; the others are read. */
async function lookAtAll(parts: HolderParts, turn: Turn, holders: readonly KnownHolder[]): Promise<readonly Move[]> {
  const moves = new Map<KnownHolder, Move>();
  await forEachInLanes(holders, LANES, async (holder) => {
    moves.set(
      holder,
      isCurrent(holder, turn.target) ? { holder, step: { kind: 'wait' } } : await lookAt(parts, turn, holder),
    );
  });
  return holders.map((holder) => moves.get(holder)).filter((move) => move !== undefined);
}

async function lookAt({ adapters, clock }: HolderParts, turn: Turn, holder: KnownHolder): Promise<Move> {
  const withinMs = Math.max(1, Math.min(CALL_MS, turn.until - clock.now()));
  try {
    const content = await adapters[holder.kind].read(holder, withinMs);
    const now = clock.now();
    if (content === undefined) return { holder: gone(holder, now), step: { kind: 'wait' } };
    const standing = standingOf(content, turn.subject, holder) ?? holder.standing;
    const read = { ...holder, standing, ...heldIn(content, standing, holder), readAt: now };
    return { holder: read, content, step: decideHolder(read, content, turn.target, now) };
  } catch (error) {
    const { message } = asRotationError(error);
    const unseen = { ...holder, standing: { state: 'unseen' as const, cause: message } };
    return { holder: unseen, step: { kind: 'wait', until: clock.now() + UNREAD_LOOK_MS } };
  }
}

function gone(holder: KnownHolder, now: number): KnownHolder {
  return { ...holder, standing: { state: 'unseen', cause: 'It is gone.' }, readAt: now };
}

/** What is to be kept of a look: evidence, intents, and when to look again. */
function judged(moves: readonly Move[], { target }: Turn, isOver: boolean): Partial<AccountHolders> {
  const holders = moves.map(({ holder, step }) => {
    if (step.kind === 'keep') return { ...holder, evidence: step.evidence };
    return step.kind === 'bring' ? { ...holder, bringing: step.bringing } : holder;
  });
  const waits = moves.flatMap(({ step }) => (step.kind === 'wait' && step.until !== undefined ? [step.until] : []));
  const begun = moves.flatMap(({ step }) => (step.kind === 'bring' ? [step.bringing.attemptAt] : []));
  const nextAt = Math.min(...waits, ...begun);
  return {
    holders,
    ...(isOver ? { lookedFor: target.version } : {}),
    nextAt: Number.isFinite(nextAt) ? nextAt : undefined,
  };
}

async function keep(
  parts: HolderParts,
  { account, log }: Turn,
  { etag }: StoredHolders,
  known: AccountHolders,
): Promise<StoredHolders | undefined> {
  try {
    return { etag: await parts.records.write(account, etag, known), known };
  } catch (error) {
    const { code, message } = asRotationError(error);
    log('warn', 'holdersNotKept', { account: account.alias, code, message });
    return undefined;
  }
}

/** Sends the effects whose intents are recorded, and keeps which of them were answered. */
async function sendAll(
  parts: HolderParts,
  turn: Turn,
  stored: StoredHolders,
  moves: readonly Move[],
): Promise<StoredHolders> {
  const sent = new Map<KnownHolder, KnownHolder>();
  const begun = new Set(moves.flatMap(({ step }) => (step.kind === 'bring' ? [step.bringing] : [])));
  await forEachInLanes(stored.known.holders, LANES, async (holder) => {
    const { bringing } = holder;
    if (bringing !== undefined && begun.has(bringing)) sent.set(holder, await send(parts, turn, holder, bringing));
  });
  const holders = stored.known.holders.map((holder) => sent.get(holder) ?? holder);
  return (await keep(parts, turn, stored, { ...stored.known, holders })) ?? stored;
}

async function send(
  { adapters, clock }: HolderParts,
  { target, until, account, log }: Turn,
  holder: KnownHolder,
  bringing: NonNullable<KnownHolder['bringing']>,
): Promise<KnownHolder> {
  const fields = { account: account.alias, kind: holder.kind, resourceId: holder.resource, name: holder.name };
  const withinMs = Math.max(1, Math.min(CALL_MS, until - clock.now()));
  try {
    const { version, value } = target;
    await adapters[holder.kind].perform(bringing.effect, holder, { version, value }, withinMs);
    log('info', 'holderBrought', { ...fields, step: bringing.effect, version, attempts: bringing.attempts });
    return { ...holder, bringing: { ...bringing, answeredAt: clock.now() } };
  } catch (error) {
    const { code, message } = asRotationError(error);
    log('warn', 'holderNotBrought', { ...fields, step: bringing.effect, code, message });
    return { ...holder, bringing: { ...bringing, failure: message } };
  }
}
