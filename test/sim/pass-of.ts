// One pass of the service over the account of a universe: the shipped core, and the shipped room of holders around it if
// the account has some.
import type { HolderParts } from '../../src/holders/ports.ts';
import { passWithHolders } from '../../src/holders/round.ts';
import type { Account, OwnerId } from '../../src/rotation/model.ts';
import { type PassReport, reconcile, type StepListener } from '../../src/rotation/pass/reconcile.ts';
import type { Clock, Ports } from '../../src/rotation/ports.ts';

interface PassParts {
  readonly account: Account;
  readonly ports: Ports;
  readonly clock: Clock;
  readonly holders: HolderParts | undefined;
}

const until = Number.POSITIVE_INFINITY;
let owners = 0;

/** The report of its last run of the core: evidence of a holder may let it go on. */
export function passOf({ account, ports, clock, holders }: PassParts, onStep?: StepListener): Promise<PassReport> {
  const run = (seen: Account, wrap: (of: Ports) => Ports): Promise<PassReport> => {
    const owner = `pass-${++owners}` as OwnerId;
    return reconcile({ account: seen, ports: wrap(ports), clock, owner }, { until }, onStep);
  };
  if (holders === undefined) return run(account, (of) => of);
  return passWithHolders(holders, account, { until, log: () => undefined }, run);
}
