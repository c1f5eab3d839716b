// From policy documents to policies: inheritance, the built-in values underneath, and how the spans must relate.
// It must not know accounts: what an account sets for itself is laid on top by `account.ts`.
import { type DocumentResult, readDocument } from './document.ts';
import {
  BUILT_IN_POLICY,
  POLICY_GUIDES,
  POLICY_SCHEMA,
  type PolicyDocument,
  type ResolvedPolicy,
} from './policy-document.ts';
import { found, type Problem, quoteList } from './problem.ts';
import type { RawKeyValue } from './raw-key-value.ts';

export const POLICY_PREFIX = 'KeyRotation:Policies:';
export const DEFAULT_POLICY_NAME = 'default';
const SETTLE_MARGIN_MS = 10_000;

export type PolicyResult = DocumentResult<ResolvedPolicy>;

export interface Policies {
  /** `undefined` when no such policy exists. */
  find(name: string): PolicyResult | undefined;
  readonly names: readonly string[];
  readonly problems: readonly Problem[];
}

const BUILT_IN_DOCUMENT = POLICY_SCHEMA.parse(BUILT_IN_POLICY);

/** On top of the built-in document every field has a value, but for `settle`, which follows from the outcome. */
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
    'More than `callDeadline` and `clockSkew` together, so that a call ends before somebody else may act.',
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
  ['spread', (policy) => policy.spread <= policy.rotationInterval, 'At most `rotationInterval`.', 'Shorten `spread`.'],
];

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

/** Reads and resolves every policy, whether an account uses it or not. A broken one spoils those based on it only. */
export function readPolicies(keyValues: readonly RawKeyValue[]): Policies {
  const documents = new Map<string, DocumentResult<PolicyDocument>>();
  for (const { key, value } of keyValues) {
    const name = key.slice(POLICY_PREFIX.length);
    documents.set(name, readDocument(POLICY_SCHEMA, POLICY_GUIDES, key, value));
  }
  if (!documents.has(DEFAULT_POLICY_NAME)) documents.set(DEFAULT_POLICY_NAME, { ok: true, data: {} });
  const names = [...documents.keys()].sort();
  const resolved = new Map(names.map((name) => [name, resolve(name, documents)]));
  const problems = [...resolved.values()].flatMap((result) => (result.ok ? [] : result.problems));
  return { find: (name) => resolved.get(name), names, problems };
}

/** Follows `extends` from `name` to its end; nearer documents win. */
function resolve(name: string, documents: ReadonlyMap<string, DocumentResult<PolicyDocument>>): PolicyResult {
  const key = `${POLICY_PREFIX}${name}`;
  const refuse = (expected: string, remedy: string, value: string): PolicyResult => ({
    ok: false,
    problems: [{ setting: `${key}.extends`, expected, remedy, ...found(value) }],
  });
  const chain: PolicyDocument[] = [];
  const visited = new Set<string>();
  let next: string | undefined = name;
  while (next !== undefined) {
    const document = documents.get(next);
    if (document === undefined) {
      const expected = `The name of an existing policy: ${quoteList([...documents.keys()].sort())}.`;
      return refuse(expected, 'Correct the name, or create that policy.', next);
    }
    if (!document.ok) {
      if (next === name) return document;
      return refuse('A chain of valid policies.', `Correct what is reported for ${POLICY_PREFIX}${next}.`, next);
    }
    visited.add(next);
    chain.push(document.data);
    next = document.data.extends;
    if (next !== undefined && visited.has(next)) {
      const path = [...visited, next].join(' → ');
      return refuse('Policies that do not extend themselves.', 'Remove `extends` from one of them.', path);
    }
  }
  const merged = chain.reduceRight<PolicyDocument>((base, document) => ({ ...base, ...document }), {});
  const policy = complete(merged);
  const problems = checkSpans(key, policy);
  return problems.length === 0 ? { ok: true, data: policy } : { ok: false, problems };
}
