// One pass over the account of the simulations, on in-memory ports, with every call of a port written down.
// It must not check anything: the tests say what they expect of the calls, the report and the stored rows.
import { type ErrorCode, RotationError, type ServiceName } from '../../src/rotation/errors.ts';
import type { OwnerId, Policy } from '../../src/rotation/model.ts';
import { interceptPorts } from '../../src/rotation/pass/intercept.ts';
import { type PassReport, reconcile, type StepListener } from '../../src/rotation/pass/reconcile.ts';
import { ACCOUNT, SIM_POLICY } from '../sim/sim-account.ts';
import { Universe } from '../sim/universe.ts';

/** After one failure: ten seconds, and this account's part of a quarter of them. */
export const FIRST_BACK_OFF_MS = 12_273;

export interface Passed {
  readonly report: PassReport;
  /** Calls of the ports, in order. */
  readonly calls: readonly string[];
}

export interface Circumstances {
  readonly policy?: Partial<Policy>;
  /** End of the budget, milliseconds since the epoch; without end when left out. */
  readonly until?: number;
  /** The operation that is refused before it has any effect, `service.operation`. */
  readonly fail?: `${ServiceName}.${string}`;
  readonly code?: ErrorCode;
  readonly retryAfterMs?: number;
  /** How far the clock of the service is behind the time of the world. */
  readonly behindMs?: number;
  /** Called before each call of a port. */
  readonly onCall?: (operation: string) => void;
  readonly onStep?: StepListener;
}

export async function passOver(universe: Universe, circumstances: Circumstances = {}): Promise<Passed> {
  const { policy = {}, until = Number.POSITIVE_INFINITY, fail, code = 'Unavailable', retryAfterMs } = circumstances;
  const calls: string[] = [];
  const ports = interceptPorts(universe.ports, async ({ service, operation }, proceed) => {
    calls.push(operation);
    circumstances.onCall?.(operation);
    if (`${service}.${operation}` === fail) {
      const asked = retryAfterMs === undefined ? {} : { retryAfterMs };
      throw new RotationError({ code, service, operation, message: 'No answer.', ...asked });
    }
    return proceed();
  });
  const account = { ...ACCOUNT, policy: { ...SIM_POLICY, ...policy } };
  const clock = { now: () => universe.now - (circumstances.behindMs ?? 0) };
  const report = await reconcile({ account, ports, clock, owner: 'me' as OwnerId }, { until }, circumstances.onStep);
  return { report, calls };
}

/** An adopted account that is due. */
export async function dueAccount(): Promise<Universe> {
  const universe = new Universe();
  universe.world.vault.set(ACCOUNT.secretName, { value: universe.azureAccount.keys.key1.value });
  await passOver(universe);
  universe.now += SIM_POLICY.rotationIntervalMs;
  return universe;
}

/** The same, its standby key renewed so long ago that it may be verified. */
export async function renewedAccount(): Promise<Universe> {
  const universe = await dueAccount();
  await passOver(universe);
  universe.now += SIM_POLICY.settleMs + SIM_POLICY.activationForMs;
  return universe;
}
