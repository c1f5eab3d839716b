// What a deliberate bug of the core is: text that stands once in a file, so that the lists keep in step with the code, and
// its replacement. The lists end in `mutants.ts`.

export interface Edit {
  /** From `src/rotation`: `../holders/…` for the room of holders. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Mutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Where the hunt finds it, for mutants that only a long search finds: searched first. */
  readonly hint?: Hint;
}

export interface Hint {
  readonly scenario: string;
  /** How many faults, or two passes at once. */
  readonly faults: number | 'passes';
}

/** A mutant of one edit. */
export const one = (name: string, file: string, find: string, replace: string, hint?: Hint): Mutant => ({
  name,
  edits: [{ file, find, replace }],
  ...(hint === undefined ? {} : { hint }),
});
