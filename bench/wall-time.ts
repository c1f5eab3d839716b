// Time that one rotation takes in its passes when every answer comes late by 0, 20 and 100 ms, and that time as a multiple
// of the longest chain of calls that must follow one another. The three reads that follow the record's in each pass are
// concurrent: they count as one link.
import type { LocalService } from '../local/azure/local-azure.ts';
import { startWire } from '../test/contract/wire.ts';
import { type Figures, median, rounded } from './benchmark.ts';
import { prepare, rotateOnce } from './whole-rotation.ts';

const RUNS = 5;
const LATENCIES_MS = [0, 20, 100] as const;
const SERVICES: readonly LocalService[] = ['arm', 'keyVault', 'appConfiguration', 'dataPlane', 'table'];
const INDEPENDENT_READS = 3;

export async function measureWallTime(): Promise<Figures> {
  const wire = await startWire();
  try {
    const figures: Record<string, number> = {};
    // The first rotation loads modules and opens connections, which is not what is asked here.
    await rotateOnce(wire, await prepare(wire));
    for (const latencyMs of LATENCIES_MS) {
      const times: number[] = [];
      let chain = 0;
      for (let run = 0; run < RUNS; run++) {
        const prepared = await prepare(wire);
        for (const service of SERVICES) wire.azure.faults.add({ service, fault: { kind: 'delay', ms: latencyMs } });
        const { requests, ms, passes } = await rotateOnce(wire, prepared);
        wire.azure.faults.clear();
        times.push(ms);
        chain = requests.length - passes * (INDEPENDENT_READS - 1);
      }
      figures['chain'] = chain;
      figures[`at${latencyMs}Ms`] = rounded(median(times));
      if (latencyMs > 0) figures[`multipleAt${latencyMs}Ms`] = rounded(median(times) / (chain * latencyMs), 2);
    }
    return figures;
  } finally {
    await wire.close();
  }
}
