// Makes port calls fail, one choice per call: in every way in which a call to a distant service can end.
// The same decorator that counts and traces in production does it here. It must not know what the calls mean.

import { RotationError } from '../../src/rotation/errors.ts';
import { type Interceptor, interceptPorts, type PortCall } from '../../src/rotation/pass/intercept.ts';
import type { Ports } from '../../src/rotation/ports.ts';
import { checkEffect, lookBefore, type Report } from './checkers.ts';
import type { Choose } from './odometer.ts';
import { type Sent, withNotes } from './sent.ts';
import { SIM_POLICY } from './sim-account.ts';
import type { Outage, Universe } from './universe.ts';

export type FaultKind =
  | 'none'
  | 'failBefore'
  | 'failAfter'
  | 'crashBefore'
  | 'crashAfter'
  | 'landSoon'
  | 'landAtSettle';

const READ_FAULTS: readonly FaultKind[] = ['none', 'failBefore', 'crashBefore'];
const EFFECT_FAULTS: readonly FaultKind[] = [
  'none',
  'failBefore',
  'failAfter',
  'crashBefore',
  'crashAfter',
  'landSoon',
  'landAtSettle',
];

/** How long after its call a late effect happens: before the next pass, and at the very end of the settling time. */
const LATENESS_MS = { landSoon: SIM_POLICY.callDeadlineMs, landAtSettle: SIM_POLICY.settleMs } as const;

export interface FaultyPass {
  /** The ports of the universe, with faults. */
  readonly ports: Ports;
  /** Whether any call was made to fail, one fault each. */
  isFaulty(): boolean;
  /** Whether any call was refused because its service is out. */
  isRefused(): boolean;
  isCrashed(): boolean;
}

export type CallListener = (call: PortCall, fault: FaultKind) => void;

/** Ports for one pass. */
export function faultyPass(
  universe: Universe,
  choose: Choose,
  report: Report,
  onCall?: CallListener,
): FaultyPass {
  let sent: Sent | undefined;
  let isFaulty = false;
  let isRefused = false;
  let isCrashed = false;

  const perform = async <T>(call: PortCall, told: Report, isLate: boolean, proceed: () => Promise<T>): Promise<T> => {
    if (!call.isEffect) return proceed();
    const before = lookBefore(universe);
    const answer = await proceed();
    checkEffect(universe, before, call.operation, isLate, told);
    return answer;
  };

  const landLater = (call: PortCall, lateMs: number, proceed: () => Promise<unknown>): void => {
    const landsAt = universe.now + lateMs;
    // Reported in the tick in which it lands: the tick that sent it is over and judged.
    const land = (told: Report): Promise<unknown> => perform(call, told, true, proceed);
    if (sent === undefined) throw new Error(`The effect ${call.operation} was not noted.`);
    universe.late = [...universe.late, { landsAt, land, sent }];
  };

  const intercept: Interceptor = async (call, proceed) => {
    if (isCrashed) throw lost(call);
    const { outage } = universe;
    if (outage?.service === call.service && (call.isEffect || !outage.isForEffectsOnly)) {
      isRefused = true;
      throw refused(call, outage);
    }
    const kinds = call.isEffect ? EFFECT_FAULTS : READ_FAULTS;
    const fault = (universe.faultsUsed < universe.faultsAllowed ? kinds[choose(kinds.length)] : undefined) ?? 'none';
    onCall?.(call, fault);
    if (fault === 'none') return perform(call, report, false, proceed);
    universe.faultsUsed++;
    isFaulty = true;
    isCrashed = fault === 'crashBefore' || fault === 'crashAfter';
    if (fault === 'failAfter' || fault === 'crashAfter') await perform(call, report, false, proceed);
    if (fault === 'landSoon' || fault === 'landAtSettle') landLater(call, LATENESS_MS[fault], proceed);
    throw lost(call);
  };
  const ports = withNotes(interceptPorts(universe.ports, intercept), (effect) => {
    sent = effect;
  });
  return { ports, isFaulty: () => isFaulty, isRefused: () => isRefused, isCrashed: () => isCrashed };
}

export const LOST_MESSAGE = 'No answer.';

function refused({ service, operation }: PortCall, { code, retryAfterMs }: Outage): RotationError {
  const details = { code, service, operation, message: LOST_MESSAGE };
  return new RotationError(retryAfterMs === undefined ? details : { ...details, retryAfterMs });
}

const lostCalls = new Map<string, RotationError>();

/** One error per call and not per failure: a deep run has a hundred million of them. */
function lost({ service, operation }: PortCall): RotationError {
  const name = `${service}.${operation}`;
  const error =
    lostCalls.get(name) ?? new RotationError({ code: 'Unavailable', service, operation, message: LOST_MESSAGE });
  lostCalls.set(name, error);
  return error;
}
