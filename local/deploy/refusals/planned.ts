// A deployment that is about to be made, as the rules see it.
import type { NestedDeployment, PlannedResource } from '../expand.ts';

export interface Planned {
  readonly resources: readonly PlannedResource[];
  readonly deployments: readonly NestedDeployment[];
  readonly location: string;
  /** The location of each deployment at subscription scope that was ever made, by lower-cased id. Azure never forgets one. */
  readonly locations: ReadonlyMap<string, string>;
  /** Resources that were there before, by lower-cased id. */
  readonly present: ReadonlyMap<string, PlannedResource>;
}

export type Rule = (planned: Planned) => string | undefined;
