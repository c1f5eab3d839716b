// Searches in a thread of its own, one task per message.
import { parentPort } from 'node:worker_threads';
import { type Exploration, explore } from './explore.ts';
import { type Bounds, type Interleavings, interleave } from './interleave.ts';
import { SCENARIOS } from './scenarios.ts';
import { type Walks, walk } from './walk.ts';

export type Task = { readonly scenario: string } & (
  | {
      readonly kind: 'explore';
      readonly faults: number;
      readonly violations: number;
      /** Milliseconds since the epoch, or undefined for no end. */
      readonly until: number | undefined;
    }
  | { readonly kind: 'interleave'; readonly bounds: Bounds }
  | { readonly kind: 'walk'; readonly seed: number; readonly walks: number }
);

export interface Results {
  readonly explore: Exploration;
  readonly interleave: Interleavings;
  readonly walk: Walks;
}

// A simulated failure is an error thrown thousands of times a second: its stack is of no use and dear.
Error.stackTraceLimit = 0;

function run(task: Task): Promise<Results[Task['kind']]> {
  const scenario = SCENARIOS.find((entry) => entry.name === task.scenario);
  if (scenario === undefined) throw new Error(`There is no scenario "${task.scenario}".`);
  switch (task.kind) {
    case 'explore': {
      const limits = { violations: task.violations, until: task.until ?? Number.POSITIVE_INFINITY };
      return explore(scenario, task.faults, limits, Date.now);
    }
    case 'interleave':
      return interleave(scenario, task.bounds);
    case 'walk':
      return walk(scenario, task.seed, task.walks);
  }
}

parentPort?.on('message', (task: Task) => {
  void run(task).then((found) => parentPort?.postMessage(found));
});
