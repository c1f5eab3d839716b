// A resource as Azure Resource Manager shows it, read as the row of its type says. Total: what is missing is absent.
// It must not call anything.
import * as z from 'zod';
import type { ResourceType } from '../../base/resource-types.ts';

const text = z.string().nullish();
const networkShape = z.object({
  defaultAction: text,
  ipRules: z.array(z.object({ value: z.string() })).nullish(),
  virtualNetworkRules: z.array(z.unknown()).nullish(),
});

export const RESOURCE_SHAPE = z.object({
  id: text,
  kind: text,
  location: text,
  tags: z.record(z.string(), z.string()).nullish(),
  properties: z.record(z.string(), z.unknown()).nullish(),
  systemData: z.object({ createdAt: text }).nullish(),
});
export type ResourceBody = z.infer<typeof RESOURCE_SHAPE>;

export interface NetworkRulesRead {
  readonly isDenyByDefault: boolean;
  readonly addresses: readonly string[];
  readonly subnets: number;
}

/** What checks, probes and the search for accounts read of a resource. */
export interface ResourceRead {
  readonly kind: string | undefined;
  readonly endpoint: string | undefined;
  readonly customSubDomainName: string | undefined;
  readonly publicNetworkAccess: string | undefined;
  /** `Succeeded` for a resource that does not say: Azure leaves the state out of some. */
  readonly provisioningState: string;
  /** False for a resource that does not say: Azure's default. */
  readonly isKeyAccessOff: boolean;
  readonly networkRules: NetworkRulesRead | undefined;
  readonly createdAt: string | undefined;
}

export function readResource(body: ResourceBody, row: ResourceType): ResourceRead {
  const properties = body.properties ?? {};
  const of = (name: string): string | undefined => {
    const value = properties[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    kind: row.kind ?? body.kind ?? undefined,
    endpoint: of('endpoint'),
    customSubDomainName: of('customSubDomainName'),
    publicNetworkAccess: capitalised(of('publicNetworkAccess')),
    provisioningState: capitalised(of('provisioningState')) ?? 'Succeeded',
    isKeyAccessOff: properties[row.keyAccessOff.property] === row.keyAccessOff.is,
    networkRules: networkRulesOf(properties[row.networkRules.property], row),
    createdAt: of('dateCreated') ?? body.systemData?.createdAt ?? undefined,
  };
}

/** One provider writes `Succeeded` and `Disabled`, another `succeeded` and `disabled`. */
function capitalised(word: string | undefined): string | undefined {
  return word === undefined || word === '' ? undefined : `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

function networkRulesOf(value: unknown, { networkRules }: ResourceType): NetworkRulesRead | undefined {
  const rules = networkShape.safeParse(value).data;
  if (rules === undefined) return undefined;
  const addresses = (rules.ipRules ?? []).map((rule) => rule.value);
  return {
    isDenyByDefault: networkRules.denies === 'byDefault' ? rules.defaultAction === 'Deny' : addresses.length > 0,
    addresses,
    subnets: rules.virtualNetworkRules?.length ?? 0,
  };
}
