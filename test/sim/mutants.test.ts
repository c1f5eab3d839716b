import { describe, expect, it } from 'vitest';
import { MUTANTS } from './mutants.ts';
import { runMutant } from './run-mutant.ts';

describe('the checkers see a core that', () => {
  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('%s', async (_, mutant) => {
    expect((await runMutant(mutant)).killed).toEqual(expect.any(String));
  });
});
