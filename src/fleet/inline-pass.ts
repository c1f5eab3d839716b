// Passes over one account while the caller waits, as far as the account gets within the bound. The timer does the rest.
// It must not decide: it passes again only if the last pass asked for another look soon.

import type { Log } from '../base/log.ts';
import type { WaitStep } from '../rotation/decide/step.ts';
import type { Account } from '../rotation/model.ts';
import type { PassReport } from '../rotation/pass/reconcile.ts';
import type { WaitReason } from '../rotation/reasons.ts';
import { passOver } from './pass.ts';
import type { FleetParts } from './ports.ts';

/** How long a caller waits at most. */
export const INLINE_MS = 20_000;
/** How often to look whether another pass has freed the account. */
const LEASE_POLL_MS = 500;

export async function passInline(
  parts: FleetParts,
  account: Account,
  log: Log,
  boundMs: number = INLINE_MS,
): Promise<PassReport> {
  const until = parts.clock.now() + boundMs;
  for (;;) {
    const report = await passOver(parts, account, until, log);
    const again = nextLook(report, parts.clock.now());
    if (again === undefined || again >= until) {
      await parts.telemetry?.flush(log);
      return report;
    }
    await parts.sleep(Math.max(0, again - parts.clock.now()));
  }
}

/**
 * Waits that end by themselves within moments and then let the account go on. All others are for the timer or people.
 */
const WORTH_WAITING_FOR: ReadonlySet<WaitStep['reason']> = new Set<WaitReason>([
  'SettleTimeNotOver',
  'NewKeyNotYetAccepted',
  'AnnouncementUnknown',
  'RollBackKeyInconclusive',
  'EmergencyKeyInconclusive',
  'ActivationTimeNotOver',
  'ConfirmationTimeNotOver',
]);

/** When another pass may find something to do; undefined if only the timer or an operator can go on. */
function nextLook({ outcome }: PassReport, now: number): number | undefined {
  switch (outcome.kind) {
    case 'waiting':
      return WORTH_WAITING_FOR.has(outcome.wait.reason) ? outcome.wait.until : undefined;
    case 'failed':
      return outcome.retryAt;
    case 'leaseHeld':
      return now + LEASE_POLL_MS;
    case 'budgetSpent':
      return undefined;
  }
}
