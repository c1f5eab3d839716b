// One run, five levels. Each level is a project with a time budget per test; the reporter sums them all.
import { defineConfig } from 'vitest/config';
import LongestFirst from './test/longest-first.ts';

const level = (name: string, testTimeout: number, extra: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout, ...extra },
});

export default defineConfig({
  test: {
    reporters: ['default', './test/sum-reporter.ts'],
    // Two that keep time, and one that computes.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      level('rotation', 10_000),
      level('sim', 2_400_000, { setupFiles: ['./test/step-back.ts'] }),
      level('contract', 60_000),
      level('functions', 60_000),
      level('e2e', 180_000),
    ],
  },
});
