// A deliberate bug outside the core and the test that must notice it. A mutant that survives is a missing test.
// It must not run anything.

export interface AdapterMutant {
  /** What the mutated code does wrong. */
  readonly name: string;
  /** From the root of the tree (`src/…`, `local/…`, `packages/…`), else below `src/azure`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly killer: Killer;
}

export interface Killer {
  /** Below `test/contract`, or from the root of the tree: `test/…`, `packages/…`. */
  readonly file: string;
  /** Stands in the full name of the test, groups parted by ` > `. */
  readonly test: string;
}

export const by = (file: string, test: string): Killer => ({ file, test });
export const inFaults = (test: string): Killer => by('faults.test.ts', test);
export const inAdapters = (test: string): Killer => by('adapters.test.ts', test);
export const inWireFormat = (test: string): Killer => by('wire-format.test.ts', test);
export const inSettings = (test: string): Killer => by('configuration-source.test.ts', test);
export const inTableFormat = (test: string): Killer => by('table-format.test.ts', test);
