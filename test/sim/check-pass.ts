// Judges the world after a pass: what a clean pass leaves, and how long a leaked key stays live.
import type { ServiceName } from '../../src/rotation/errors.ts';
import type { PassReport } from '../../src/rotation/pass/reconcile.ts';
import { leakedNow, meantBy, type Report } from './checkers.ts';
import { TICK_MS } from './sim-account.ts';
import type { Universe } from './universe.ts';

/** Passes for which a leaked value may stay live, per fault; none without. Measured, see docs/testing.md. */
const LEAKED_PASSES_PER_FAULT = 2;

/** Judges the world after a pass in which nothing was made to fail. */
export function checkCleanPass(universe: Universe, { outcome }: PassReport, report: Report): void {
  if (outcome.kind !== 'waiting' || universe.late.length > 0) return;
  const { newest, memory, rows } = universe;
  const isBlocked = outcome.wait.isBlocked || ['ObserveOnly', 'NotConfigured'].includes(outcome.wait.reason);
  const isLive = newest?.isEnabled === true && universe.isLive(newest.value);
  if (!isLive && !isBlocked) report(`5: after a clean pass (${outcome.wait.reason}) no live key is published`);
  if (isLive && !isBlocked) {
    if (universe.referencedVersion !== newest.version) report('12: after a clean pass the reference is not in line');
    if (universe.flag?.tags['SecretVersion'] !== newest.version)
      report('12: after a clean pass the flag is not in line');
    if (rows.entity.record?.published.version !== newest.version)
      report('4: after a clean pass the record does not follow');
  }
  checkLeft(universe, isBlocked, report);
  if (isLive) memory.isDisturbed = false;
}

/** Applications that still read the place that was left hold the published key. */
function checkLeft(universe: Universe, isBlocked: boolean, report: Report): void {
  const { newestLeft, newest, memory } = universe;
  if (newestLeft === undefined || newest === undefined || isBlocked) return;
  if (memory.isDisturbed || memory.compromised.size > 0) return;
  if (newestLeft.value !== newest.value) report('23: after a clean pass the former place is not in line');
}

/**
 * An emergency does without App Configuration, and without Key Vault if an operator accepts the outage. Of every other
 * service it needs an answer.
 */
function canDoWithout(universe: Universe, service: ServiceName): boolean {
  if (service === 'appConfiguration') return true;
  if (service !== 'keyVault') return false;
  const leaked = leakedNow(universe);
  return universe.rows.requests.some((request) => {
    const meant = meantBy(universe, request);
    return request.accepts === 'outage' && meant !== undefined && leaked.has(meant);
  });
}

/** Counts how long a leaked value stays live. `passed` is absent when the process crashed. */
export function checkLeak(universe: Universe, passed: PassReport | undefined, report: Report): void {
  const { memory } = universe;
  if (leakedNow(universe).size === 0) {
    memory.leakedForPasses = 0;
    return;
  }
  const outcome = passed?.outcome;
  if (outcome?.kind === 'waiting' && outcome.wait.isBlocked) return;
  if (universe.outage !== undefined) {
    if (!canDoWithout(universe, universe.outage.service)) return;
    // A routine pass that the outage has ended may have left its lease behind.
    if (outcome?.kind === 'leaseHeld') return;
  }
  memory.leakedForPasses++;
  const slowestMs = Math.max(...universe.azureAccount.knobs.nodes.map(({ acceptsNewAfterMs }) => acceptsNewAfterMs));
  const mayWait = universe.isWithoutVerdict || universe.isAmbiguous;
  const patienceMs = Math.max(slowestMs, mayWait ? TICK_MS : 0);
  const allowed = LEAKED_PASSES_PER_FAULT * universe.faultsUsed + Math.ceil(patienceMs / TICK_MS);
  if (memory.leakedForPasses > allowed) {
    report(`15: a leaked value is still live after ${memory.leakedForPasses} passes`);
  }
}
