// A deployment that is about to be made, as the rules see it.
import type { PlannedResource } from '../expand.ts';

export interface Planned {
  readonly resources: readonly PlannedResource[];
  /** Resources that were there before, by lower-cased id. */
  readonly present: ReadonlyMap<string, PlannedResource>;
}

export type Rule = (planned: Planned) => string | undefined;
