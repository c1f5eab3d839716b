// One tick of a simulation: an optional move of the world, late effects, then one pass of the service.
import { asRotationError } from '../../src/rotation/errors.ts';
import type { PassReport, StepListener } from '../../src/rotation/pass/reconcile.ts';
import { checkApplications } from './check-applications.ts';
import { checkHolders } from './check-holders.ts';
import { checkCleanPass, checkLeak } from './check-pass.ts';
import { type Report, rememberNamed } from './checkers.ts';
import { type CallListener, faultyPass, LOST_MESSAGE, type LostEffect } from './faults.ts';
import { MOVES } from './moves.ts';
import type { Choose, Odometer } from './odometer.ts';
import { passOf } from './pass-of.ts';
import { SIM_POLICY } from './sim-account.ts';
import { letPlatformsAct } from './sim-holders.ts';
import type { Universe } from './universe.ts';

export interface Tick {
  readonly violations: readonly string[];
  /** Absent when the process crashed. */
  readonly report: PassReport | undefined;
  readonly isFaulty: boolean;
  /** A probe has met another node than the one that knows most. */
  readonly isDetour: boolean;
  /** Effects that may happen later instead of never, if the tick is explored. */
  readonly lost: readonly LostEffect[];
}

export interface Onlookers {
  readonly onCall?: CallListener;
  readonly onStep?: StepListener;
  readonly explorer?: Explorer;
}

/** Explores the ends of a tick that need no run of their own. */
export interface Explorer {
  readonly odometer: Odometer;
  /** The universe is as the crash leaves it, and is put back afterwards. For `at` and `choice` see `Branches`. */
  readonly onCrash: (tick: Tick, at: 'last' | 'next', choice: number) => void;
}

/** `move`: name of one of the moves left, or undefined. */
export async function runTick(
  universe: Universe,
  move: string | undefined,
  choose: Choose,
  { onCall, onStep, explorer }: Onlookers = {},
): Promise<Tick> {
  const violations: string[] = [];
  const report: Report = (violation) => violations.push(violation);
  rememberNamed(universe);
  if (move !== undefined) makeMove(universe, move);
  await advance(universe, universe.tickMs, report);
  if (universe.outage !== undefined && universe.outage.until <= universe.now) universe.outage = undefined;
  if (universe.isDueDriven && !isDue(universe)) {
    universe.prune();
    return { violations, report: undefined, isFaulty: false, isDetour: false, lost: [] };
  }
  let isDetour = false;
  universe.chooseNode = (count) => {
    const node = choose(count);
    if (node > 0) isDetour = true;
    return node;
  };
  const branches = explorer && {
    position: () => explorer.odometer.position,
    onCrash: (at: 'last' | 'next', choice: number) => {
      if (!explorer.odometer.isNew || violations.length > 0) return;
      universe.aside(() => {
        universe.faultsUsed++;
        const found: string[] = [];
        judge(universe, undefined, false, (violation) => found.push(violation));
        const crashed = { violations: found, report: undefined, isFaulty: true, isDetour, lost: faulty.lost };
        explorer.onCrash(crashed, at, choice);
      });
    },
  };
  const faulty = faultyPass(universe, choose, report, { ...(onCall && { onCall }), branches });
  const skewMs = universe.isSkewed ? (SKEWS_MS[choose(SKEWS_MS.length)] ?? 0) : 0;
  const clock = { now: () => universe.now + skewMs };
  const { account } = universe;
  const passed = await passOf({ account, ports: faulty.ports, clock, holders: faulty.holders }, onStep);
  const ended = faulty.isCrashed() ? undefined : passed;
  judge(universe, ended, !faulty.isFaulty() && !faulty.isRefused(), report);
  return { violations, report: ended, isFaulty: faulty.isFaulty(), isDetour, lost: faulty.lost };
}

/** Judges what a tick leaves. `passed` is absent when the process crashed: it has told nobody how it ended. */
function judge(universe: Universe, passed: PassReport | undefined, isClean: boolean, report: Report): void {
  if (!isClean) universe.memory.isRotationDisturbed = true;
  if (passed !== undefined) checkOutcome(universe, passed, report);
  if (passed !== undefined && isClean) checkCleanPass(universe, passed, report);
  checkLeak(universe, passed, report);
  checkApplications(universe, report);
  checkHolders(universe, report);
  universe.prune();
}

/** Instances' clocks: right, behind, ahead. */
const SKEWS_MS = [0, -SIM_POLICY.clockSkewMs, SIM_POLICY.clockSkewMs] as const;

/** As the timer's query finds it. */
function isDue({ rows, now }: Universe): boolean {
  const isAsked = rows.requests.some((request) => request.closedAt === undefined);
  return rows.etag === undefined || rows.entity.nextObservationAt <= now || isAsked;
}

function makeMove(universe: Universe, name: string): void {
  universe.movesLeft = universe.movesLeft.filter((left) => left !== name);
  universe.memory.isRotationDisturbed = true;
  MOVES[name]?.make(universe);
  rememberNamed(universe);
}

/** Time passes; late effects happen on the way, whatever they meet. */
async function advance(universe: Universe, ms: number, report: Report): Promise<void> {
  const until = universe.now + ms;
  const due = universe.late.filter((effect) => effect.landsAt <= until).sort((a, b) => a.landsAt - b.landsAt);
  universe.late = universe.late.filter((effect) => effect.landsAt > until);
  for (const effect of due) {
    universe.now = effect.landsAt;
    try {
      await effect.land(report);
    } catch (error) {
      // Refused by the service, for instance by its ETag: nobody is there to hear it.
      asRotationError(error);
    }
  }
  universe.now = until;
  letPlatformsAct(universe);
  rememberNamed(universe);
}

function checkOutcome({ memory }: Universe, { outcome }: PassReport, report: Report): void {
  if (outcome.kind !== 'failed') return;
  const { code, message } = outcome.error;
  // What others deleted is not found; the pass after looks again.
  if (code === 'NotFound' && memory.isRotationDisturbed) return;
  if (code === 'UnsafeStep') report(`the core asserted: ${message}`);
  else if (code !== 'LostRace' && message !== LOST_MESSAGE) report(`a pass failed by itself: ${message}`);
}
