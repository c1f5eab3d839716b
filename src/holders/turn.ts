// Brings the holders of one account along: reads those that are behind, records what is about to be sent, sends it, and
// reads again. Every failure is kept with its holder and tried again later. It never throws: a holder must not hold up
// a rotation.
import { forEachInLanes } from '../base/lanes.ts';
import type { Log } from '../base/log.ts';
import { asRotationError } from '../rotation/errors.ts';
import type { Account } from '../rotation/model.ts';
import type { SecretValue } from '../rotation/secret.ts';
import { decideHolder, type HolderStep, isCurrent, type Target } from './decide.ts';
import { type AccountHolders, type HolderContent, type KnownHolder, WRITTEN_MAXIMUM } from './model.ts';
import type { HolderParts, StoredHolders } from './ports.ts';
import { heldIn, type Subject, standingOf, withoutContradicted } from './standing.ts';

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
/** With less time than this a call would be lost for sure. */
const CALL_MINIMUM_MS = 1_000;
const UNREAD_LOOK_MS = 5 * 60_000;
/** A refusal ends when a person grants the right. */
const REFUSED_LOOK_MS = 6 * 3_600_000;
/** A value may be changed by others at any time, so its evidence has an age. */
const VALUE_EVIDENCE_MS = 30 * 60_000;

type Move = { readonly holder: KnownHolder; readonly step: HolderStep; readonly content?: HolderContent };

/** Returns what is known and stored afterwards. */
export async function bringAlong(parts: HolderParts, turn: Turn, before: StoredHolders): Promise<StoredHolders> {
  let stored = before;
  for (let round = 0; round < ROUNDS_MAXIMUM && parts.clock.now() + CALL_MINIMUM_MS < turn.until; round++) {
    const moves = await lookAtAll(parts, turn, stored.known.holders);
    const isOver = moves.every(({ step }) => step.kind !== 'bring');
    const next = await keep(parts, turn, stored, { ...stored.known, ...judged(moves, turn, isOver) });
    if (next === undefined) {
      // Another process has written the row, or the answer was lost. What it says now is looked at again.
      const present = await readAgain(parts, turn);
      if (present === undefined) return stored;
      stored = present;
      continue;
    }
    stored = next;
    if (isOver) return stored;
    stored = await sendAll(parts, turn, stored, moves);
  }
  return stored;
}

async function readAgain({ records }: HolderParts, { account }: Turn): Promise<StoredHolders | undefined> {
  try {
    return await records.read(account);
  } catch {
    return undefined;
  }
}

/** The holders that are current, or wait, need no look; the others are read. */
async function lookAtAll(parts: HolderParts, turn: Turn, holders: readonly KnownHolder[]): Promise<readonly Move[]> {
  const moves = new Map<KnownHolder, Move>();
  await forEachInLanes(holders, LANES, async (holder) => {
    const isFresh = isCurrent(holder, turn.target) && !isOldValue(holder, parts.clock.now());
    moves.set(holder, isFresh ? { holder, step: { kind: 'wait' } } : await lookAt(parts, turn, holder));
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
    const left = withoutContradicted(content, standing, holder);
    const read = { ...left, standing, ...heldIn(content, standing, holder), readAt: now };
    return { holder: read, content, step: decideHolder(read, content, turn.target, now) };
  } catch (error) {
    // Nothing is learned by a failed read: the holder stays as it was last seen.
    const { code, message } = asRotationError(error);
    const fields = { account: turn.account.alias, kind: holder.kind, resourceId: holder.resource, name: holder.name };
    turn.log('warn', 'holderNotBrought', { ...fields, step: 'read', code, message });
    const lookMs = code === 'Forbidden' ? REFUSED_LOOK_MS : UNREAD_LOOK_MS;
    return { holder, step: { kind: 'wait', until: clock.now() + lookMs } };
  }
}

/** Reads values again whose evidence is old. One that has changed, or cannot be read, loses its evidence. */
export async function recheckValues(
  { adapters, clock }: HolderParts,
  holders: readonly KnownHolder[],
  until: number,
): Promise<readonly KnownHolder[]> {
  const kept = new Map<KnownHolder, KnownHolder>();
  const old = holders.filter((holder) => isOldValue(holder, clock.now()));
  await forEachInLanes(old, LANES, async (holder) => {
    const { evidence, ...rest } = holder;
    const now = clock.now();
    const isSame = await isStill(adapters, holder, Math.max(1, until - now));
    kept.set(holder, isSame && evidence !== undefined ? { ...rest, evidence: { ...evidence, at: now } } : rest);
  });
  return holders.map((holder) => kept.get(holder) ?? holder);
}

async function isStill(adapters: HolderParts['adapters'], holder: KnownHolder, withinMs: number): Promise<boolean> {
  try {
    const content = await adapters[holder.kind].read(holder, withinMs);
    return content?.has === 'value' && content.fingerprint === holder.held;
  } catch {
    return false;
  }
}

function isOldValue({ standing, evidence }: KnownHolder, now: number): boolean {
  return standing.state === 'copy' && evidence !== undefined && now >= evidence.at + VALUE_EVIDENCE_MS;
}

function gone(holder: KnownHolder, now: number): KnownHolder {
  return { ...holder, standing: { state: 'unseen', cause: 'It is gone.' }, readAt: now };
}

/** What is to be kept of a look: evidence, intents, and when to look again. */
function judged(moves: readonly Move[], { target }: Turn, isOver: boolean): Partial<AccountHolders> {
  const holders = moves.map(({ holder, step }) => {
    if (step.kind === 'keep') return { ...holder, evidence: step.evidence };
    return step.kind === 'bring' ? { ...holder, bringing: step.bringing, ...writtenTo(holder, step, target) } : holder;
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

function writtenTo(
  { written = [] }: KnownHolder,
  { bringing }: HolderStep & { kind: 'bring' },
  { fingerprint }: Target,
): Pick<KnownHolder, 'written'> {
  if (bringing.effect !== 'write') return {};
  const others = written.filter((value) => value !== fingerprint);
  return { written: [fingerprint, ...others].slice(0, WRITTEN_MAXIMUM) };
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
