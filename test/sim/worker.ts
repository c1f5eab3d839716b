// Explores scenarios in a thread of its own, one per message.
import { parentPort } from 'node:worker_threads';
import { explore } from './explore.ts';
import { SCENARIOS } from './scenarios.ts';

export interface Task {
  readonly scenario: string;
  readonly faults: number;
  readonly violations: number;
  /** Milliseconds since the epoch, or undefined for no end. */
  readonly until: number | undefined;
}

// A simulated failure is an error thrown thousands of times a second: its stack is of no use and dear.
Error.stackTraceLimit = 0;

parentPort?.on('message', (task: Task) => {
  const scenario = SCENARIOS.find((entry) => entry.name === task.scenario);
  if (scenario === undefined) throw new Error(`There is no scenario "${task.scenario}".`);
  const limits = { violations: task.violations, until: task.until ?? Number.POSITIVE_INFINITY };
  void explore(scenario, task.faults, limits, Date.now).then((found) => parentPort?.postMessage(found));
});
