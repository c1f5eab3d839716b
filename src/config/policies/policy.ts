// From policy documents to policies: inheritance, the built-in values underneath, and how the spans must relate.
// It must not know accounts: `account.ts` adds the values that an account sets for itself.
import type { Policy } from '../../rotation/model.ts';
import { type DocumentResult, readDocument } from '../document.ts';
import { found, type Problem, quoteList } from '../problem.ts';
import type { RawKeyValue } from '../raw-key-value.ts';
import type { CalendarProblem, ReadCalendar } from './calendar.ts';
import {
  BUILT_IN_POLICY,
  POLICY_GUIDES,
  POLICY_SCHEMA,
  type PolicyDocument,
  type ResolvedPolicy,
} from './policy-document.ts';

export const POLICY_PREFIX = 'KeyRotation:Policies:';
export const DEFAULT_POLICY_NAME = 'default';
const SETTLE_MARGIN_MS = 10_000;
/** A gateway may lag that long behind a change of keys, and without a call nothing would notice. */
const LISTING_ACTIVATION_MS = 6 * 3_600_000;
/** A longer chain is too hard to keep in mind. */
const CHAIN_MAXIMUM = 5;

/** `windowAt` is its windows and blackouts as a function of time; absent when it has none. */
export type UsablePolicy = ResolvedPolicy & Pick<Policy, 'windowAt'>;
export type PolicyResult = DocumentResult<UsablePolicy>;

export interface Policies {
  /** `undefined` when no such policy exists. */
  find(name: string): PolicyResult | undefined;
  readonly names: readonly string[];
  readonly problems: readonly Problem[];
  /** About valid policies. */
  readonly warnings: readonly Problem[];
}

/** Stands in for a policy that is not valid: the built-in values. */
export function builtInPolicy(): UsablePolicy {
  return complete({});
}

const BUILT_IN_DOCUMENT = POLICY_SCHEMA.parse(BUILT_IN_POLICY);

/** The built-in document gives every field a value except `settle`, which follows from the result. */
function complete(document: PolicyDocument): ResolvedPolicy {
  const policy = { ...BUILT_IN_DOCUMENT, ...document } as ResolvedPolicy;
  const derived = policy.lease + policy.callDeadline + policy.clockSkew + SETTLE_MARGIN_MS;
  return { ...policy, settle: document.settle ?? derived };
}

type SpanRule = readonly [
  field: keyof ResolvedPolicy,
  isKept: (policy: ResolvedPolicy) => boolean,
  expected: string,
  remedy: string,
];

const SPAN_RULES: readonly SpanRule[] = [
  [
    'overlapMinimum',
    (policy) => policy.overlapMinimum <= policy.overlapMaximum,
    'At most `overlapMaximum`.',
    'Shorten `overlapMinimum` or lengthen `overlapMaximum`.',
  ],
  [
    'rotationInterval',
    (policy) => policy.rotationInterval > 2 * policy.overlapMaximum,
    'More than twice `overlapMaximum`, so that one rotation is over well before the next is due.',
    'Lengthen `rotationInterval` or shorten `overlapMaximum`.',
  ],
  [
    'lease',
    (policy) => policy.lease > policy.callDeadline + policy.clockSkew,
    'More than `callDeadline` and `clockSkew` together, so that a call ends before another pass may act.',
    'Lengthen `lease`, or shorten `callDeadline` or `clockSkew`.',
  ],
  [
    'settle',
    (policy) => policy.settle >= policy.lease + policy.callDeadline + policy.clockSkew,
    'At least `lease`, `callDeadline` and `clockSkew` together, so that a late answer arrives before a regenerate is repeated.',
    'Remove `settle` to have it derived, or lengthen it.',
  ],
  [
    'backOffMinimum',
    (policy) => policy.backOffMinimum <= policy.backOffMaximum,
    'At most `backOffMaximum`.',
    'Shorten `backOffMinimum` or lengthen `backOffMaximum`.',
  ],
  [
    'activationPatience',
    (policy) => policy.activationPatience > policy.activationFor + policy.settle,
    'More than `activationFor` and `settle` together, the time for which a new key is not even asked about.',
    'Lengthen `activationPatience` or shorten `activationFor`.',
  ],
  [
    'activationFor',
    (policy) => policy.verification === 'required' || policy.activationFor >= LISTING_ACTIVATION_MS,
    'At least six hours with `"verification": "listing"`: no call shows that every node of the gateway has learned of a key.',
    'Lengthen `activationFor`, or remove `verification`.',
  ],
  [
    'confirmFor',
    (policy) => policy.confirmFor >= policy.confirmOver,
    'At least `confirmOver`, over which the superseded key must be rejected.',
    'Lengthen `confirmFor` or shorten `confirmOver`.',
  ],
  ['spread', (policy) => policy.spread <= policy.rotationInterval, 'At most `rotationInterval`.', 'Shorten `spread`.'],
];

const NO_CALENDAR = {
  expected: 'Windows and blackouts only where a calendar is loaded.',
  remedy: 'Report this as an error in the service.',
};

function seconds(ms: number): string {
  return `${ms / 1_000} s`;
}

function checkSpans(key: string, policy: ResolvedPolicy): readonly Problem[] {
  return SPAN_RULES.filter(([, isKept]) => !isKept(policy)).map(([field, , expected, remedy]) => ({
    setting: `${key}.${field}`,
    expected,
    remedy,
    ...found(seconds(Number(policy[field]))),
  }));
}

const readPolicy = ({ key, value }: RawKeyValue): DocumentResult<PolicyDocument> =>
  readDocument(POLICY_SCHEMA, POLICY_GUIDES, key, value);

/** Whether a policy has windows or blackouts: only then it needs a calendar. */
export function needsCalendar(keyValue: RawKeyValue): boolean {
  const document = readPolicy(keyValue);
  return document.ok && [document.data.windows, document.data.blackouts].some((list = []) => list.length > 0);
}

/**
 * Reads and resolves every policy, whether an account uses it or not. A broken policy spoils only the policies based on
 * it. Without a calendar a policy with windows or blackouts is broken.
 */
export function readPolicies(keyValues: readonly RawKeyValue[], readCalendar: ReadCalendar | undefined): Policies {
  const documents = new Map<string, DocumentResult<PolicyDocument>>();
  for (const keyValue of keyValues) documents.set(keyValue.key.slice(POLICY_PREFIX.length), readPolicy(keyValue));
  if (!documents.has(DEFAULT_POLICY_NAME)) documents.set(DEFAULT_POLICY_NAME, { ok: true, data: {} });
  const names = [...documents.keys()].sort();
  const warnings: Problem[] = [];
  const resolved = new Map(names.map((name) => [name, finish(name, resolve(name, documents), readCalendar, warnings)]));
  const problems = [...resolved.values()].flatMap((result) => (result.ok ? [] : result.problems));
  return { find: (name) => resolved.get(name), names, problems, warnings };
}

/** Fields that are valid one by one must also be valid together. */
function finish(
  name: string,
  resolved: DocumentResult<PolicyDocument>,
  readCalendar: ReadCalendar | undefined,
  warnings: Problem[],
): PolicyResult {
  if (!resolved.ok) return resolved;
  const key = `${POLICY_PREFIX}${name}`;
  const policy = complete(resolved.data);
  const problems = [...checkSpans(key, policy)];
  if (policy.windows.length === 0 && policy.blackouts.length === 0) {
    return problems.length === 0 ? { ok: true, data: policy } : { ok: false, problems };
  }
  const calendar = readCalendar?.(policy);
  if (calendar === undefined) problems.push({ setting: key, ...NO_CALENDAR });
  else if (!calendar.ok) problems.push(...calendar.problems.map((problem) => named(key, problem)));
  else if (problems.length === 0) {
    warnings.push(...calendar.warnings.map((warning) => named(key, warning)));
    return { ok: true, data: { ...policy, windowAt: calendar.windowAt } };
  }
  return { ok: false, problems };
}

function named(key: string, { field, value, ...guide }: CalendarProblem): Problem {
  return { setting: `${key}.${field}`, ...guide, ...found(value) };
}

/** Follows `extends` from `name` to its end; nearer documents win. Problems show the chain up to the break. */
function resolve(
  name: string,
  documents: ReadonlyMap<string, DocumentResult<PolicyDocument>>,
): DocumentResult<PolicyDocument> {
  const chain: PolicyDocument[] = [];
  const visited: string[] = [];
  let next: string | undefined = name;
  while (next !== undefined) {
    const path = [...visited, next].join(' → ');
    const refuse = (expected: string, remedy: string): DocumentResult<PolicyDocument> => ({
      ok: false,
      problems: [{ setting: `${POLICY_PREFIX}${name}.extends`, expected, remedy, ...found(path) }],
    });
    if (visited.includes(next)) {
      return refuse('Policies that do not extend themselves.', 'Remove `extends` from one of them.');
    }
    const document = documents.get(next);
    if (document === undefined) {
      const expected = `The name of an existing policy: ${quoteList([...documents.keys()].sort())}.`;
      return refuse(expected, 'Correct the name, or create that policy.');
    }
    if (!document.ok) {
      if (next === name) return document;
      return refuse('A chain of valid policies.', `Correct the problem reported for ${POLICY_PREFIX}${next}.`);
    }
    if (visited.length === CHAIN_MAXIMUM) {
      return refuse(
        `A chain of at most ${CHAIN_MAXIMUM} policies.`,
        'Let the policy extend one that is nearer to the end of the chain.',
      );
    }
    visited.push(next);
    chain.push(document.data);
    next = document.data.extends;
  }
  return { ok: true, data: chain.reduceRight<PolicyDocument>((base, document) => ({ ...base, ...document }), {}) };
}
