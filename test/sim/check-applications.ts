// The invariants of applications that call through any node of the gateway. Split from `checkers.ts` for length.
import type { Report } from './checkers.ts';
import type { Universe } from './universe.ts';

/**
 * An application calls through any node. One that has the published key alone is refused by no node that lags for at most
 * `activationFor`; one that tries the former key as well by none that lags for less than the minimum overlap.
 */
export function checkApplications(universe: Universe, report: Report): void {
  const { newest, memory, azureAccount, account, record } = universe;
  const { activationForMs, overlapMinimumMs } = account.policy;
  const isQuiet = !memory.isDisturbed && memory.compromised.size === 0;
  if (newest?.isEnabled !== true || !isQuiet || !universe.isLive(newest.value)) return;
  const former =
    record !== undefined && 'superseded' in record ? universe.version(record.superseded.version) : undefined;
  for (const [node, { acceptsNewAfterMs }] of azureAccount.knobs.nodes.entries()) {
    if (universe.world.acceptsKey(account.id, newest.value, node)) continue;
    if (acceptsNewAfterMs <= activationForMs) report(`21: node ${node} refuses the published key`);
    const isFormerAccepted = former !== undefined && universe.world.acceptsKey(account.id, former.value, node);
    if (
      acceptsNewAfterMs < overlapMinimumMs &&
      !isFormerAccepted &&
      record?.phase !== 'idle' &&
      record !== undefined &&
      'superseded' in record
    )
      report(`22: node ${node} refuses both the published and the former key`);
  }
}
