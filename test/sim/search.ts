// Runs tasks on all cores, one thread each. It must not know what a task does.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Exploration } from './explore.ts';
import { SCENARIOS } from './scenarios.ts';
import type { Results, Task } from './worker.ts';

/** Three faults of a scenario with two moves are some millions of states. */
const HEAP_MB = 8_192;

/** Takes the tasks in order; `onDone` may answer false to start nothing more. */
export async function search<K extends Task['kind']>(
  tasks: readonly (Task & { readonly kind: K })[],
  onDone: (found: Results[K], task: Task) => boolean,
): Promise<void> {
  const waiting = [...tasks];
  const lane = async (): Promise<void> => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    try {
      for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
        const found = await ask<Results[K]>(worker, task);
        if (!onDone(found, task)) waiting.length = 0;
      }
    } finally {
      await worker.terminate();
    }
  };
  const lanes = Math.min(availableParallelism(), tasks.length);
  await Promise.all(Array.from({ length: lanes }, lane));
}

function ask<T>(worker: Worker, task: Task): Promise<T> {
  return new Promise((resolve, reject) => {
    worker.once('message', (found: T) => {
      worker.removeListener('error', reject);
      resolve(found);
    });
    worker.once('error', reject);
    worker.postMessage(task);
  });
}

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

/** Those with the most moves have by far the most states; begun last, they would leave the other cores idle. */
function longestFirst(names: readonly string[]): string[] {
  const moves = new Map(SCENARIOS.map((scenario) => [scenario.name, scenario.moves.length]));
  return [...names].sort((one, other) => (moves.get(other) ?? 0) - (moves.get(one) ?? 0));
}

/** Explores scenarios exhaustively. */
export async function exploreAll(plan: Plan): Promise<readonly Exploration[]> {
  const { faults, violations, until } = plan;
  const results: Exploration[] = [];
  const tasks = longestFirst(plan.scenarios).map((scenario) => ({
    kind: 'explore' as const,
    scenario,
    faults,
    violations,
    until,
  }));
  await search(tasks, (found) => {
    results.push(found);
    plan.onDone?.(found);
    return plan.stopsAtFirst !== true || found.violations.length === 0;
  });
  return results;
}
