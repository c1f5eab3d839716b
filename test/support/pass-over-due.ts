// A tick's passes without the tick: for tests that look at passes alone.
import type { Log } from '../../src/base/log.ts';
import { passOverFleet, readDue, type TickBounds, type TickOutcome } from '../../src/fleet/passes.ts';
import type { FleetParts } from '../../src/fleet/ports.ts';

export async function passOverDue(parts: FleetParts, log: Log, bounds?: TickBounds): Promise<TickOutcome> {
  return passOverFleet(parts, await readDue(parts), log, bounds);
}
