// One run, six levels; the end-to-end files also on Azure's own host where Core Tools are installed. Each level is a project with a time budget per test; the reporter sums them all.
import { defineConfig } from 'vitest/config';
import { findCoreTools } from './local/start/core-tools.ts';
import { sparedFromProxy } from './scripts/no-proxy.mjs';
import LongestFirst from './test/longest-first.ts';

// The processes of the tests inherit it.
Object.assign(process.env, sparedFromProxy(process.env));

/** Tests of the local host itself, of a deployment, whose keys `func` does not have, and of no host. */
const LOCAL_HOST_ALONE = ['deployment*', '*package', 'settings', 'examples'].map((name) => `test/e2e/${name}.test.ts`);
const E2E_MS = 180_000;

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
      level('library', 60_000, { include: ['packages/*/test/**/*.test.ts'] }),
      level('e2e', E2E_MS),
      ...(findCoreTools() === undefined
        ? []
        : [
            level('e2e on func', 2 * E2E_MS, {
              include: ['test/e2e/**/*.test.ts'],
              exclude: LOCAL_HOST_ALONE,
              env: { HOST: 'func' },
            }),
          ]),
    ],
  },
});
