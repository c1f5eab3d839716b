// Explores many scenarios on all cores. It must not know what an exploration does.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Exploration } from './explore.ts';
import type { Task } from './worker.ts';

export interface Plan {
  readonly scenarios: readonly string[];
  readonly faults: number;
  /** Stop a scenario after so many violations. */
  readonly violations: number;
  /** Start nothing more once a scenario was found wanting. */
  readonly stopsAtFirst?: boolean;
  readonly until?: number;
  readonly onDone?: (found: Exploration) => void;
}

export async function exploreAll(plan: Plan): Promise<readonly Exploration[]> {
  const waiting = [...plan.scenarios];
  const results: Exploration[] = [];
  const lane = async (): Promise<void> => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    try {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        const found = await ask(worker, { ...plan, scenario: name, until: plan.until });
        results.push(found);
        plan.onDone?.(found);
        if (plan.stopsAtFirst === true && found.violations.length > 0) waiting.length = 0;
      }
    } finally {
      await worker.terminate();
    }
  };
  const lanes = Math.min(availableParallelism(), plan.scenarios.length);
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

function ask(worker: Worker, { scenario, faults, violations, until }: Task): Promise<Exploration> {
  return new Promise((resolve, reject) => {
    worker.once('message', (found: Exploration) => {
      worker.removeListener('error', reject);
      resolve(found);
    });
    worker.once('error', reject);
    worker.postMessage({ scenario, faults, violations, until } satisfies Task);
  });
}
