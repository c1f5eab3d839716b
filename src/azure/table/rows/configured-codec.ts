// An account's configuration as a column of its entity: for an emergency while App Configuration does not answer.
// It must not make a record unreadable: a column that cannot be understood counts as never stored.
import * as z from 'zod';
import type { Account, AccountAlias, AccountId, Policy } from '../../../rotation/model.ts';
import type { Configured } from '../../../rotation/ports.ts';
import { TEXT_MAXIMUM } from '../limits.ts';

/** Windows are a function and cannot be stored. The reader of a configuration decides on validity and leaving. */
type NotStored = 'windowAt' | 'isInvalid' | 'leaves';
type StoredPolicy = Omit<Policy, NotStored>;
const NOT_STORED: ReadonlySet<string> = new Set<NotStored>(['windowAt', 'isInvalid', 'leaves']);

const text = z.string().min(1);
const span = z.number().nonnegative();
const count = z.int().nonnegative();

const policy: z.ZodType<StoredPolicy> = z.object({
  rotationIntervalMs: span,
  overlapMinimumMs: span,
  overlapMaximumMs: span,
  onMissing: z.enum(['hold', 'proceed']),
  /** Absent in rows of earlier versions. */
  onUnseen: z.enum(['hold', 'proceed']).optional(),
  consumers: z.array(text),
  activationForMs: span,
  verifyProbes: count,
  activationPatienceMs: span,
  emergencyPatienceMs: span,
  confirmForMs: span,
  confirmOverMs: span,
  confirmProbes: count,
  attemptsMaximum: count,
  observeEveryMs: span,
  backOffMinimumMs: span,
  backOffMaximumMs: span,
  leaseMs: span,
  callDeadlineMs: span,
  clockSkewMs: span,
  settleMs: span,
  jitterMs: span,
  standbyIsFree: z.boolean(),
  verification: z.literal('listing').optional(),
  isObserveOnly: z.boolean(),
  isFrozen: z.boolean(),
});

const configured = z.object({
  alias: text,
  vaultUrl: text,
  secretName: text,
  referenceKey: text,
  flagName: text,
  label: z.string().optional(),
  policyName: z.string(),
  policy,
});

/** Undefined when it does not fit into a column: the record next to it matters more. */
export function encodeConfigured(value: Configured): string | undefined {
  const json = JSON.stringify(storedConfigured(value));
  return json.length > TEXT_MAXIMUM ? undefined : json;
}

/** The stored fields of `value`, named one by one: an `Account` is a `Configured` too, and its ids have columns. */
export function storedConfigured(value: Configured): Configured {
  const { alias, vaultUrl, secretName, referenceKey, flagName, label, policyName } = value;
  return { alias, vaultUrl, secretName, referenceKey, flagName, label, policyName, policy: storedPolicy(value.policy) };
}

function storedPolicy(given: Policy): StoredPolicy {
  const stored = Object.entries(given).filter(([name]) => !NOT_STORED.has(name));
  return Object.fromEntries(stored) as unknown as StoredPolicy;
}

/** Undefined when there is none, or when it cannot be understood. */
export function decodeConfigured(json: unknown): Configured | undefined {
  if (typeof json !== 'string') return undefined;
  try {
    const { label, alias, ...rest } = configured.parse(JSON.parse(json));
    return { ...rest, alias: alias as AccountAlias, label };
  } catch {
    return undefined;
  }
}

const ARM_ID = /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/[^/]+\/accounts\/([^/]+)$/i;

/** The account as it was configured. Its names come from the id, in lower case. Undefined for an id of another form. */
export function accountOf(id: AccountId, value: Configured): Account | undefined {
  const [, subscriptionId, resourceGroup, name] = ARM_ID.exec(id) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return { ...value, id, subscriptionId, resourceGroup, name };
}
