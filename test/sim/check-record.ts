// The invariants of the record: phases move along known lines, rotations begin for a reason and end with a dead value,
// requests are closed once. Split from `checkers.ts` for length.
import type { Phase, RotationRecord, StoredRequest } from '../../src/rotation/model.ts';
import { type Before, isBeyondProof, meantBy, type Report } from './checkers.ts';
import { hashOf } from './hash-of.ts';
import type { Universe } from './universe.ts';

const MOVES: Readonly<Record<Phase, readonly Phase[]>> = {
  idle: ['idle', 'preparing', 'propagating'],
  preparing: ['preparing', 'propagating'],
  propagating: ['propagating', 'retiring'],
  retiring: ['retiring', 'propagating', 'idle'],
};

export function checkRecordWrite(universe: Universe, before: Before, isLate: boolean, report: Report): void {
  checkClosings(universe, before, report);
  const from = before.record;
  const to = universe.record;
  // A write that lands late carries the time at which it was decided.
  if (to?.phase === 'idle' && from?.phase !== 'idle') {
    universe.memory.idleAt = isLate ? universe.now - universe.account.policy.settleMs : universe.now;
  }
  if (to === undefined) {
    if (from !== undefined) report('8: the record was lost');
    return;
  }
  if (from === undefined) {
    if (to.phase !== 'idle') report(`8: an account was adopted into phase ${to.phase}`);
    return;
  }
  if (!MOVES[from.phase].includes(to.phase)) report(`8: the phase moved from ${from.phase} to ${to.phase}`);
  checkIds(from, to, report);
  checkSacrifice(universe, from, to, report);
  if (from.phase === 'idle' && to.phase !== 'idle') checkStart(universe, before, { from, to, isLate }, report);
  if (from.phase === 'retiring' && to.phase === 'idle') checkEnd(universe, from, to, report);
}

function checkIds(from: RotationRecord, to: RotationRecord, report: Report): void {
  const isStart = from.phase === 'idle' && to.phase !== 'idle';
  const expected = from.rotationId + (isStart ? 1 : 0);
  if (to.rotationId !== expected)
    report(`8: rotation ${from.rotationId} became ${to.rotationId} (${from.phase} → ${to.phase})`);
}

/** The effect of an attempt may come late: a second one could regenerate the key that the first has made. */
function checkSacrifice(universe: Universe, from: RotationRecord, to: RotationRecord, report: Report): void {
  if (from.sacrifice === undefined || to.sacrifice?.before !== from.sacrifice.before) return;
  const passedMs = to.sacrifice.attemptAt - from.sacrifice.attemptAt;
  if (passedMs > 0 && passedMs < universe.account.policy.settleMs - universe.toleranceMs) {
    report(`1: a leaked key was sacrificed again ${passedMs / 1000} s after an attempt`);
  }
}

/** `isLate`: it was decided before the last move, by a pass that is over. */
interface Start {
  readonly from: RotationRecord & { phase: 'idle' };
  readonly to: RotationRecord;
  readonly isLate: boolean;
}

function checkStart(universe: Universe, before: Before, { from, to, isLate }: Start, report: Report): void {
  const { memory, account, now, rows } = universe;
  memory.isRotationDisturbed = false;
  const cause = to.phase === 'preparing' ? to.requestId : undefined;
  const isWithdrawn = rows.requests.some(({ id, outcome }) => id === cause && outcome === 'Withdrawn');
  if (isWithdrawn) report('25: a rotation began for a request that was withdrawn');
  if (to.phase === 'propagating') {
    // The new place of an account that moves gets the other key at once, if the published one leaked.
    if (!memory.isDisturbed && before.leaked.size === 0) report('6: a rotation began by itself in propagating');
    memory.isRotationDisturbed = true;
    return;
  }
  const isApproved = rows.requests.some((entry) => entry.kind === 'approve' && entry.closedAt !== undefined);
  const isFirst = to.rotationId === 1 && before.leaked.size === 0;
  if (isFirst && !account.policy.standbyIsFree && !isApproved) {
    report('6: the first rotation began without a word about the standby key');
  }
  const { remadeAt } = memory;
  const isApprovedSince =
    remadeAt === undefined ||
    // It was made again in mid-rotation: the rotation has renewed both keys since.
    (from.last !== undefined && from.rotatedAt > remadeAt) ||
    rows.requests.some(
      (entry) => entry.kind === 'approve' && entry.closedAt !== undefined && entry.closedAt > remadeAt,
    );
  if (!isApprovedSince && !isLate && !account.policy.standbyIsFree && before.leaked.size === 0) {
    report('26: a rotation of an account that was made again began without a new approval');
  }
  const isDue =
    memory.idleAt !== undefined && now - memory.idleAt >= account.policy.rotationIntervalMs - universe.toleranceMs;
  // A wish stored before the last rotation ended was answered by that one.
  const answeredUntil = from.last === undefined ? Number.NEGATIVE_INFINITY : from.rotatedAt;
  const isRequested = rows.requests.some(
    (entry) => entry.kind === 'rotate' && isOpen(before, entry.id) && entry.at >= answeredUntil,
  );
  const isNamed = rows.requests.some(
    (entry) =>
      entry.kind === 'compromised' && Object.values(before.keys).some((key) => hashOf(key) === entry.fingerprint),
  );
  if (account.policy.leaves !== undefined && !isNamed && !isLate)
    report('24: a rotation began after the account was taken out');
  if (!isDue && !isRequested && !isNamed) report('6: a rotation began without cause');
}

function checkEnd(
  universe: Universe,
  from: RotationRecord & { phase: 'retiring' },
  to: RotationRecord,
  report: Report,
): void {
  const { memory } = universe;
  const { fingerprint } = from.superseded;
  if (universe.isLiveFingerprint(fingerprint)) report('4: a rotation ended while the superseded value is a live key');
  const isProven = to.phase === 'idle' && to.last?.provenAt !== undefined;
  checkProof(universe, fingerprint, isProven, 'a rotation ended as proven', report);
  const { policy } = universe.account;
  const isProofPossible = universe.lagOldMs <= policy.confirmForMs && !universe.isWithoutVerdict;
  if (!isProven && isProofPossible && !memory.isRotationDisturbed) {
    report('4: an undisturbed rotation ended without proof');
  }
}

/** Proven: rejected by all nodes, but for those that lag for longer than rejections are looked for; and not too early. */
function checkProof(universe: Universe, fingerprint: string, isProven: boolean, what: string, report: Report): void {
  if (!isProven) return;
  if (universe.isUnprovable) report(`4: ${what} although no call proves a key of its kind`);
  const { superseded } = universe.azureAccount;
  const { confirmOverMs } = universe.account.policy;
  if (!isBeyondProof(universe) && isStillAccepted(universe, fingerprint)) {
    report(`4: ${what} while the data plane accepts the superseded value`);
  }
  const replacedAt = superseded.find(({ value }) => hashOf(value) === fingerprint)?.replacedAt;
  const isTooEarly = replacedAt !== undefined && universe.now - replacedAt < confirmOverMs - universe.toleranceMs;
  if (isTooEarly) report(`4: ${what} ${(universe.now - replacedAt) / 1000} s after the key was replaced`);
}

function isOpen(before: Before, id: string): boolean {
  return before.requests.has(id) && before.requests.get(id) === undefined;
}

function isStillAccepted(universe: Universe, fingerprint: string): boolean {
  const { superseded } = universe.azureAccount;
  return superseded.some(({ value }) => hashOf(value) === fingerprint && universe.accepts(value, 'somewhere'));
}

function checkClosings(universe: Universe, before: Before, report: Report): void {
  for (const request of universe.rows.requests) {
    checkMarks(universe, request, report);
    if (!isOpen(before, request.id)) {
      if (request.closedAt !== before.requests.get(request.id))
        report('19: a closed request was closed or opened again');
      continue;
    }
    if (request.closedAt === undefined) continue;
    const meant = meantBy(universe, request);
    if (request.kind === 'compromised' && universe.isLiveFingerprint(meant)) {
      report('15: a compromised-key request was closed while its value is live');
    }
    if (request.outcome === 'RefusedSupersededKeyRejected' && universe.isShut) {
      report('19: a roll back was refused on the word of a closed network');
    }
    const isCalledDead = request.outcome === 'KeyIsDead';
    const { record } = universe;
    const isProven = record?.phase === 'idle' && record.last?.provenAt !== undefined;
    if (isCalledDead && !isProven) report('4: a leaked key was called dead without a proof');
    checkProof(universe, meant ?? '', isCalledDead, 'a leaked key was called dead', report);
  }
}

/** What is written down about a leaked key is what was meant, and what is the case. */
function checkMarks(universe: Universe, request: StoredRequest, report: Report): void {
  const { id, kind, fingerprint, replacedAt } = request;
  if (kind !== 'compromised') return;
  const meant = universe.memory.meant.get(id);
  const isDisturbed = universe.memory.isDisturbed;
  // Where a regenerate was under way when the request was stored, the value that it made is taken as well: never fewer die.
  const isHarmful = request.named === 'published' || universe.isLiveFingerprint(meant);
  if (fingerprint !== undefined && meant !== undefined && fingerprint !== meant && isHarmful && !isDisturbed) {
    report('15: a request about a leaked key was taken for another value');
  }
  if (replacedAt !== undefined && universe.isLiveFingerprint(meant ?? fingerprint)) {
    report('15: a leaked key was called replaced while it is live');
  }
}
