// The Bicep compiler for tests that need it. They are skipped where there is none, and where it does not come from its
// registry: the tests of a newcomer need no other registry than npm's.
import { type Compiler, createCompiler } from '../../local/deploy/expand.ts';

/** The compiler, or a sentence that says why there is none. */
export function findTestCompiler(): Compiler | string {
  try {
    return createCompiler() ?? 'There is no Bicep compiler here.';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
