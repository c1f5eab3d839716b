import { expect, it } from 'vitest';
import { soak } from './soak.ts';

it('survives a dozen kills in the middle of its work: no application fails, every rotation ends, the history is exact', async () => {
  const report = await soak({ kills: 12, seed: Date.now() % 1_000_000 });
  expect(report.findings, `seed ${report.seed}`).toEqual([]);
  expect(report).toMatchObject({ kills: 12, lateTimers: 1, timeouts: 1 });
  expect(report.application.requests).toBeGreaterThan(200);
  expect(report.rotations).toBeGreaterThanOrEqual(3);
});
