// From one account document to one account with its policy.
// It must not decide about the fleet: `fleet.ts` leaves accounts out.
import { hash } from 'node:crypto';
import { type ResourceId, resourceIdOf } from '../../base/find-resource-type.ts';
import type { Account, AccountAlias, AccountId, Policy } from '../../rotation/model.ts';
import { readDocument } from '../document.ts';
import {
  builtInPolicy,
  DEFAULT_POLICY_NAME,
  POLICY_PREFIX,
  type Policies,
  type UsablePolicy,
} from '../policies/policy.ts';
import { NAME } from '../policies/policy-document.ts';
import { found, type Problem, quoteList, shownName } from '../problem.ts';
import type { RawKeyValue } from '../raw-key-value.ts';
import { ACCOUNT_GUIDES, ACCOUNT_SCHEMA, type AccountDocument } from './account-document.ts';

export const ACCOUNT_PREFIX = 'KeyRotation:Accounts:';
/** The reference of this alias would be among the service's own configuration. */
const RESERVED_ALIAS = /^KeyRotation$/i;

export type AccountResult =
  /** With problems when its policy is not valid: the built-in values stand in, and no rotation begins. */
  | { readonly ok: true; readonly account: Account; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface AccountContext {
  /** `https://host`, for accounts that name no vault. */
  readonly keyVaultUrl: string;
  readonly policies: Policies;
  readonly isFrozen: boolean;
}

function accountIdOf(id: ResourceId): AccountId {
  return resourceIdOf(id).toLowerCase() as AccountId;
}

/** Always the same for an account, and evenly spread over the fleet. */
function jitterOf(id: AccountId, spreadMs: number): number {
  return spreadMs === 0 ? 0 : Number.parseInt(hash('sha256', id, 'hex').slice(0, 12), 16) % spreadMs;
}

/**
 * Each account has its own period, between three quarters of the policy's and the whole. So accounts enrolled at one
 * instant are soon observed at different times.
 */
function observePeriodOf(id: AccountId, longestMs: number): number {
  const share = Number.parseInt(hash('sha256', id, 'hex').slice(12, 24), 16) / 0x1_0000_0000_0000;
  return Math.round(longestMs * (1 - share / 4));
}

function policyOf(id: AccountId, document: AccountDocument, base: UsablePolicy, isFrozen: boolean): Policy {
  return {
    rotationIntervalMs: base.rotationInterval,
    overlapMinimumMs: base.overlapMinimum,
    overlapMaximumMs: base.overlapMaximum,
    onMissing: base.onMissing,
    consumers: document.consumers ?? base.consumers,
    activationForMs: base.activationFor,
    verifyProbes: base.verifyProbes,
    activationPatienceMs: base.activationPatience,
    emergencyPatienceMs: base.emergencyPatience,
    confirmForMs: base.confirmFor,
    confirmOverMs: base.confirmOver,
    confirmProbes: base.confirmProbes,
    attemptsMaximum: base.attemptsMaximum,
    observeEveryMs: observePeriodOf(id, base.observeEvery),
    backOffMinimumMs: base.backOffMinimum,
    backOffMaximumMs: base.backOffMaximum,
    leaseMs: base.lease,
    callDeadlineMs: base.callDeadline,
    clockSkewMs: base.clockSkew,
    settleMs: base.settle,
    jitterMs: jitterOf(id, base.spread),
    standbyIsFree: document.standbyIsFree ?? base.standbyIsFree,
    ...((document.onUnseen ?? base.onUnseen) === 'proceed' ? { onUnseen: 'proceed' } : {}),
    ...(base.verification === 'listing' ? { verification: base.verification } : {}),
    isObserveOnly: (document.mode ?? base.mode) === 'observe',
    isFrozen,
    ...(base.windowAt === undefined ? {} : { windowAt: base.windowAt }),
  };
}

/** Reads the account of one key-value; every problem carries the alias. */
export function readAccount({ key, value }: RawKeyValue, context: AccountContext): AccountResult {
  const alias = key.slice(ACCOUNT_PREFIX.length);
  const problems: Problem[] = [];
  const refuse = (problem: Problem): void => void problems.push({ ...problem, account: shownName(alias) });
  if (!NAME.test(alias) || RESERVED_ALIAS.test(alias)) {
    refuse({
      setting: shownName(key),
      expected: 'An alias of 1 to 64 letters, digits and hyphens, other than `KeyRotation`.',
      remedy: 'Set the account under another key, and delete this one.',
    });
    return { ok: false, problems };
  }
  const read = readDocument(ACCOUNT_SCHEMA, ACCOUNT_GUIDES, key, value);
  if (!read.ok) {
    for (const problem of read.problems) refuse(problem);
    return { ok: false, problems };
  }
  const policyName = read.data.policy ?? DEFAULT_POLICY_NAME;
  const policy = context.policies.find(policyName);
  if (policy?.ok !== true) {
    refuse(policyProblem(key, policyName, policy !== undefined, context.policies.names));
    const account = accountOf(alias, policyName, read.data, builtInPolicy(), context);
    return { ok: true, account: { ...account, policy: { ...account.policy, isInvalid: true } }, problems };
  }
  return { ok: true, account: accountOf(alias, policyName, read.data, policy.data, context), problems };
}

function policyProblem(key: string, name: string, exists: boolean, names: readonly string[]): Problem {
  return {
    setting: `${key}.policy`,
    expected: exists ? 'The name of a valid policy.' : `The name of an existing policy: ${quoteList(names)}.`,
    remedy: exists
      ? `Correct the problem reported for ${POLICY_PREFIX}${name}.`
      : 'Correct the name, or create that policy.',
    ...found(name),
  };
}

function accountOf(
  alias: string,
  policyName: string,
  document: AccountDocument,
  policy: UsablePolicy,
  { keyVaultUrl, isFrozen }: AccountContext,
): Account {
  const id = accountIdOf(document.resourceId);
  const { subscriptionId, resourceGroup, name } = document.resourceId;
  return {
    id,
    alias: alias as AccountAlias,
    subscriptionId,
    resourceGroup,
    name,
    vaultUrl: document.vaultUrl ?? keyVaultUrl,
    secretName: document.secretName ?? `${alias}-key`,
    referenceKey: `${alias}:Key`,
    flagName: `${alias}-uses-key2`,
    label: document.label,
    policyName,
    policy: policyOf(id, document, policy, isFrozen),
  };
}
