// What Azure refuses in a template although its compiler takes it. One rule a file; each rule names its source.
// A rule returns one sentence for the first resource that Azure would refuse. It must not change anything.
import { refuseDeploymentNames } from './deployment-names.ts';
import { refuseFlexConsumption } from './flex-consumption.ts';
import { refuseLogQueries } from './log-queries.ts';
import type { Planned, Rule } from './planned.ts';
import { refusePrivateEndpoints } from './private-endpoints.ts';
import { refuseResourceGroups } from './resource-groups.ts';
import { refuseStorageEncryption } from './storage-encryption.ts';
import { refuseSystemTopics } from './system-topics.ts';

const RULES: readonly Rule[] = [
  refuseDeploymentNames,
  refuseResourceGroups,
  refuseStorageEncryption,
  refuseFlexConsumption,
  refuseLogQueries,
  refuseSystemTopics,
  refusePrivateEndpoints,
];

/** One sentence, or undefined if no rule refuses the deployment. */
export function refusalOf(planned: Planned): string | undefined {
  for (const rule of RULES) {
    const refusal = rule(planned);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
