// Makes port calls fail, one choice per call: in every way in which a call to a distant service can end.
// The same decorator that counts and traces in production does it here. It must not know what the calls mean.

import { SETTLE_MS } from '../../src/holders/decide.ts';
import type { HolderParts } from '../../src/holders/ports.ts';
import { RotationError } from '../../src/rotation/errors.ts';
import { type Interceptor, interceptPorts, type PortCall } from '../../src/rotation/pass/intercept.ts';
import type { Ports } from '../../src/rotation/ports.ts';
import { checkHolderCalls } from './check-holders.ts';
import { checkEffect, lookBefore, type Report } from './checkers.ts';
import type { Choose } from './odometer.ts';
import { type Sent, withNotes } from './sent.ts';
import { SIM_POLICY } from './sim-account.ts';
import { holderParts } from './sim-holders.ts';
import type { LateEffect, Outage, Universe } from './universe.ts';

export type FaultKind =
  | 'none'
  | 'failBefore'
  | 'failAfter'
  | 'crashBefore'
  | 'crashAfter'
  | 'landSoon'
  | 'landAtSettle';

/** The first ones need a run of their own; an exploration derives the others from those runs. See `Branches`. */
const READ_FAULTS = ['none', 'failBefore', 'crashBefore'] as const satisfies readonly FaultKind[];
const READ_RUNS = 2;
const EFFECT_FAULTS = [
  'none',
  'failBefore',
  'failAfter',
  'crashBefore',
  'crashAfter',
  'landSoon',
  'landAtSettle',
] as const satisfies readonly FaultKind[];
const EFFECT_RUNS = 3;

/** How long after its call a late effect happens: before the next pass, and at the very end of the settling time. */
const LATENESS_MS = { landSoon: SIM_POLICY.callDeadlineMs, landAtSettle: SIM_POLICY.settleMs } as const;
const LATE_FAULTS = ['landSoon', 'landAtSettle'] as const;

/** An effect that failed before it happened: to the pass it looks the same as one that happens later. */
export interface LostEffect {
  /** Position of its choice among those of the tick. */
  readonly position: number;
  /** By the choice that makes it happen later. */
  readonly late: readonly { readonly choice: number; readonly effect: LateEffect }[];
}

/**
 * What an exploration derives from one run. A crash needs no run of its own: the world stays as the crash leaves it. It
 * stays the same until the next effect. So a crash is derived at three points only: before the first call, after each
 * effect, and after an effect that is lost and may come late.
 */
export interface Branches {
  /** Number of choices made in this tick so far. */
  readonly position: () => number;
  /** The process may crash now. `choice` says so: of the last call, or of the next one. */
  readonly onCrash: (at: 'last' | 'next', choice: number) => void;
}

export interface FaultyPass {
  /** The ports of the universe, with faults. */
  readonly ports: Ports;
  /** The parts of its holders, with the same faults. Absent in a universe without holders. */
  readonly holders: HolderParts | undefined;
  /** Whether any call was made to fail, one fault each. */
  isFaulty(): boolean;
  /** Whether any call was refused because its service is out. */
  isRefused(): boolean;
  isCrashed(): boolean;
  /** Effects that may happen later instead of never. Empty without `Branches`. */
  readonly lost: readonly LostEffect[];
}

export type CallListener = (call: PortCall, fault: FaultKind) => void;

/** Ports for one pass. */
export function faultyPass(
  universe: Universe,
  choose: Choose,
  report: Report,
  { onCall, branches }: { readonly onCall?: CallListener; readonly branches?: Branches | undefined } = {},
): FaultyPass {
  const lost: LostEffect[] = [];
  let mayCrashBefore = true;
  let sent: Sent | undefined;
  let isFaulty = false;
  let isRefused = false;
  let isCrashed = false;

  const perform = async <T>(call: PortCall, told: Report, isLate: boolean, proceed: () => Promise<T>): Promise<T> => {
    if (!call.isEffect) return proceed();
    const before = lookBefore(universe);
    const answer = await proceed();
    checkEffect(universe, before, call.operation, isLate, told);
    checkHolderCalls(universe, told);
    return answer;
  };

  const later = (call: PortCall, kind: keyof typeof LATENESS_MS, proceed: () => Promise<unknown>): LateEffect => {
    // Reported in the tick in which it lands: the tick that sent it is over and judged.
    const land = (told: Report): Promise<unknown> => perform(call, told, true, proceed);
    if (sent === undefined) throw new Error(`The effect ${call.operation} was not noted.`);
    const isOfHolder = sent.operation === 'bringHolder' && kind === 'landAtSettle';
    return { landsAt: universe.now + (isOfHolder ? SETTLE_MS : LATENESS_MS[kind]), land, sent };
  };

  const mayFail = (): boolean => universe.faultsUsed < universe.faultsAllowed;

  const pick = ({ isEffect }: PortCall): FaultKind => {
    if (!mayFail()) return 'none';
    const kinds: readonly FaultKind[] = isEffect ? EFFECT_FAULTS : READ_FAULTS;
    if (branches === undefined) return kinds[choose(kinds.length)] ?? 'none';
    if (mayCrashBefore) branches.onCrash('next', kinds.indexOf('crashBefore'));
    mayCrashBefore = false;
    return kinds[choose(isEffect ? EFFECT_RUNS : READ_RUNS)] ?? 'none';
  };

  const intercept: Interceptor = async (call, proceed) => {
    if (isCrashed) throw noAnswer(call);
    const { outage } = universe;
    if (outage?.service === call.service && (call.isEffect || !outage.isForEffectsOnly)) {
      isRefused = true;
      throw refused(call, outage);
    }
    const fault = pick(call);
    onCall?.(call, fault);
    if (fault === 'none') {
      const answer = await perform(call, report, false, proceed);
      if (call.isEffect && mayFail()) branches?.onCrash('last', EFFECT_FAULTS.indexOf('crashAfter'));
      return answer;
    }
    universe.faultsUsed++;
    isFaulty = true;
    isCrashed = fault === 'crashBefore' || fault === 'crashAfter';
    if (fault === 'failAfter' || fault === 'crashAfter') await perform(call, report, false, proceed);
    if (fault === 'landSoon' || fault === 'landAtSettle')
      universe.late = [...universe.late, later(call, fault, proceed)];
    if (fault === 'failBefore' && call.isEffect && branches !== undefined) {
      mayCrashBefore = true;
      const late = LATE_FAULTS.map((kind) => ({
        choice: EFFECT_FAULTS.indexOf(kind),
        effect: later(call, kind, proceed),
      }));
      lost.push({ position: branches.position() - 1, late });
    }
    throw noAnswer(call);
  };
  const note = (effect: Sent): void => {
    sent = effect;
  };
  const ports = withNotes(interceptPorts(universe.ports, intercept), note);
  const holders = universe.holders === undefined ? undefined : holderParts(universe, intercept, note);
  return { ports, holders, isFaulty: () => isFaulty, isRefused: () => isRefused, isCrashed: () => isCrashed, lost };
}

export const LOST_MESSAGE = 'No answer.';

function refused({ service, operation }: PortCall, { code, retryAfterMs }: Outage): RotationError {
  const details = { code, service, operation, message: LOST_MESSAGE };
  return new RotationError(retryAfterMs === undefined ? details : { ...details, retryAfterMs });
}

const lostCalls = new Map<string, RotationError>();

/** One error per call and not per failure: a deep run has a hundred million of them. */
function noAnswer({ service, operation }: PortCall): RotationError {
  const name = `${service}.${operation}`;
  const error =
    lostCalls.get(name) ?? new RotationError({ code: 'Unavailable', service, operation, message: LOST_MESSAGE });
  lostCalls.set(name, error);
  return error;
}
