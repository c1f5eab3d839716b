// Rotations per second of one instance while no service limits it: passes over many accounts at once, as a tick makes them,
// against a local Azure in the same process, which takes its share of the machine.
import { startWire, UNGOVERNED } from '../test/contract/wire.ts';
import { type Figures, rounded } from './benchmark.ts';
import { prepare, rotateOnce } from './whole-rotation.ts';

const ROTATIONS = 64;
const CONCURRENCY = 8;
const MS_PER_SECOND = 1_000;

export async function measureThroughput(): Promise<Figures> {
  const wire = await startWire(UNGOVERNED);
  try {
    await rotateOnce(wire, await prepare(wire));
    const waiting: Awaited<ReturnType<typeof prepare>>[] = [];
    for (let count = 0; count < ROTATIONS; count++) waiting.push(await prepare(wire));
    const startedAt = performance.now();
    const lane = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await rotateOnce(wire, next);
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, lane));
    const seconds = (performance.now() - startedAt) / MS_PER_SECOND;
    return { rotationsPerSecond: rounded(ROTATIONS / seconds, 1), concurrency: CONCURRENCY, rotations: ROTATIONS };
  } finally {
    await wire.close();
  }
}
