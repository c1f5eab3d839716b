<<<<<<< HEAD
// A deliberate bug outside the core and the test that must notice it. A mutant that survives is a missing test.
=======
// A deliberate bug in an adapter, or in the Azure that stands in for the real one, and the test that must notice it. A mutant that survives is a missing test.
>>>>>>> b3c829f (What is stored in memory is its own JSON, functional tests work on the table in memory, and the limits of both are a list)
// It must not run anything.

export interface AdapterMutant {
  /** What the mutated code does wrong. */
  readonly name: string;
<<<<<<< HEAD
  /** Below `src/azure`, or from the root of the tree: `src/…`. */
=======
  /** `src/azure` when absent. */
  readonly folder?: 'local/azure';
>>>>>>> b3c829f (What is stored in memory is its own JSON, functional tests work on the table in memory, and the limits of both are a list)
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly killer: Killer;
}

export interface Killer {
  /** Below `test/contract`, or from the root of the tree: `test/…`. */
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
