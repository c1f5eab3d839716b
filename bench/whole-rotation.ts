// One whole rotation over the wire: the shipped passes with the real SDK clients against local Azure. Waiting is done by
// the clock that the passes are given, so that what is measured is the work. It must not measure by itself.
import { randomUUID } from 'node:crypto';
import type { WireRequest } from '../local/azure/local-azure.ts';
import type { Account, OwnerId } from '../src/rotation/model.ts';
import { reconcile } from '../src/rotation/pass/reconcile.ts';
import type { Wire } from '../test/contract/wire.ts';

const PASSES_MAXIMUM = 6;
/** Looks during the overlap are observation, which has its own figures. */
const NO_LOOKS_MS = 365 * 86_400_000;

export interface WholeRotation {
  /** What was sent, in order; without tokens and challenges, as `npm start` counts. */
  readonly requests: readonly WireRequest[];
  /** Time spent in passes. */
  readonly ms: number;
  /** Requests that begin a pass are followed by reads that do not depend on one another. */
  readonly passes: number;
}

/** An account that is adopted and due; the clock stands where its rotation may begin. */
export async function prepare(
  wire: Wire,
): Promise<{ account: Account; clock: { now: () => number; skip: (ms: number) => void } }> {
  const made = wire.newAccount();
  const account = { ...made, policy: { ...made.policy, observeEveryMs: NO_LOOKS_MS } };
  wire.azure.world.vault.set(account.secretName, { value: wire.azure.world.account(account.id).keys.key1.value });
  let skippedMs = 0;
  const clock = { now: () => Date.now() + skippedMs, skip: (ms: number) => void (skippedMs += ms) };
  await passOver(wire, account, clock);
  clock.skip(account.policy.rotationIntervalMs + account.policy.jitterMs + account.policy.overlapMaximumMs);
  return { account, clock };
}

export async function rotateOnce(
  wire: Wire,
  { account, clock }: Awaited<ReturnType<typeof prepare>>,
): Promise<WholeRotation> {
  const requests: WireRequest[] = [];
  const stop = wire.azure.onRequest((request) => {
    if (request.service !== 'token' && !request.isChallenge) requests.push(request);
  });
  let ms = 0;
  for (let passes = 1; passes <= PASSES_MAXIMUM; passes++) {
    const startedAt = performance.now();
    const report = await passOver(wire, account, clock);
    ms += performance.now() - startedAt;
    if (report.outcome.kind !== 'waiting') throw new Error(`A pass ended as ${JSON.stringify(report.outcome)}.`);
    if (report.phase === 'idle' && passes > 1) {
      stop();
      return { requests, ms, passes };
    }
    clock.skip(Math.max(0, report.outcome.wait.until - clock.now()));
  }
  stop();
  throw new Error(`The rotation did not end within ${PASSES_MAXIMUM} passes.`);
}

function passOver(wire: Wire, account: Account, clock: { now: () => number }) {
  const owner = randomUUID() as OwnerId;
  return reconcile({ account, ports: wire.ports, clock, owner }, { until: Number.POSITIVE_INFINITY });
}
