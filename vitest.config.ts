// One run, five levels. Each level is a project with a time budget per test; the reporter sums them all.
import { defineConfig } from 'vitest/config';

const level = (name: string, testTimeout: number, extra: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout, ...extra },
});

export default defineConfig({
  test: {
    reporters: ['default', './test/sum-reporter.ts'],
    maxWorkers: 2,
    projects: [
      level('rotation', 10_000),
      level('sim', 540_000),
      level('contract', 60_000),
      level('functions', 60_000),
      level('e2e', 180_000),
    ],
  },
});
