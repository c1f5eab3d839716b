// Prints the sum of all levels as the closing line: `N passed, N failed`. Before it, for end-to-end files, on which host.
import type { Reporter, TestModule } from 'vitest/node';
import { findCoreTools, reportOf } from '../local/start/core-tools.ts';

export default class SumReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0;
    let failed = errors.length;
    let skipped = 0;
    for (const module of modules) {
      failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed++;
        else if (state === 'skipped') skipped++;
        else failed++;
      }
    }
    // After the default reporter's own summary.
    process.once('exit', () => {
      if (modules.some(({ project }) => project.name === 'e2e')) process.stdout.write(`${reportOf(findCoreTools())}\n`);
      process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
    });
  }
}
