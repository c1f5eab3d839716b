// What judges a mutated core: its own tests. The simulator's deliberate bugs are judged by the simulator.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/rotation/**/*.test.ts'], exclude: ['test/rotation/reasons.test.ts'] },
});
