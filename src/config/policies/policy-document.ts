// The document of a policy in App Configuration, field by field, and the built-in values for missing fields.
// It must not resolve inheritance or relate fields to each other: `policy.ts` does.
import * as z from 'zod';
import { durationSchema } from '../duration.ts';
import type { Guide } from '../problem.ts';
import { blackoutsSchema, WINDOW_GUIDES, windowsSchema } from './window.ts';

/** Names of accounts and policies: they become parts of keys, secret names and routes. */
export const NAME = /^[A-Za-z0-9-]{1,64}$/;
/** Names of consumers: they become parts of routes and of keys in the record table. */
const CONSUMER = /^[A-Za-z0-9._-]{1,64}$/;

function areDistinct(names: readonly string[]): boolean {
  return new Set(names.map((name) => name.toLowerCase())).size === names.length;
}

/** Fields that an account may also set for itself. */
export const sharedShape = {
  consumers: z
    .array(z.string().regex(CONSUMER))
    .refine(areDistinct, { error: 'Name each consumer once; capitals make no difference.' })
    .optional(),
  onUnseen: z.enum(['hold', 'proceed']).optional(),
  standbyIsFree: z.boolean().optional(),
  mode: z.enum(['rotate', 'observe']).optional(),
};

export const SHARED_GUIDES = {
  consumers: {
    expected: 'A list of consumers, each of 1 to 64 letters, digits, dots, hyphens and underscores.',
    remedy: 'Write for example `["orders-api"]`, or `[]` when no consumer acknowledges.',
  },
  onUnseen: {
    expected: '`"hold"` or `"proceed"`.',
    remedy:
      'Write `hold` to wait for a person where a holder of the key could not be seen, `proceed` to count it as not there.',
  },
  standbyIsFree: {
    expected: '`true` or `false`, without quotation marks.',
    remedy: 'Write `true` only if nothing uses the standby key today.',
  },
  mode: {
    expected: '`"rotate"` or `"observe"`.',
    remedy: 'Write one of the two; `observe` looks and changes nothing.',
  },
} satisfies Record<keyof typeof sharedShape, Guide>;

const span = durationSchema(false).optional();
const spanOrNothing = durationSchema(true).optional();
const count = (greatest: number) => z.int().min(1).max(greatest).optional();

const SCHEMA = z.strictObject({
  extends: z.string().regex(NAME).optional(),
  rotationInterval: span,
  overlapMinimum: spanOrNothing,
  overlapMaximum: span,
  onMissing: z.enum(['hold', 'proceed']).optional(),
  verification: z.enum(['required', 'listing']).optional(),
  confirmFor: spanOrNothing,
  ...sharedShape,
  windows: windowsSchema.optional(),
  blackouts: blackoutsSchema.optional(),
  activationFor: spanOrNothing,
  verifyProbes: count(20),
  activationPatience: spanOrNothing,
  emergencyPatience: spanOrNothing,
  confirmOver: spanOrNothing,
  confirmProbes: count(20),
  attemptsMaximum: count(100),
  observeEvery: span,
  backOffMinimum: span,
  backOffMaximum: span,
  lease: span,
  callDeadline: span,
  clockSkew: spanOrNothing,
  settle: span,
  spread: spanOrNothing,
});

/** Spans in milliseconds. */
export type PolicyDocument = z.infer<typeof SCHEMA>;
export type PolicyField = keyof PolicyDocument;

const duration = (example: string, what = 'longer than nothing'): Guide => ({
  expected: `An ISO 8601 duration ${what}.`,
  remedy: `Write for example \`"${example}"\`.`,
});
const ORDINARY = 'of any length';

export const POLICY_GUIDES: Readonly<Record<PolicyField, Guide>> = {
  extends: {
    expected: 'The name of the policy that this one is based on.',
    remedy: 'Write the name of a policy, or remove the field to build on the built-in values.',
  },
  rotationInterval: duration('P30D'),
  overlapMinimum: duration('PT25H', ORDINARY),
  overlapMaximum: duration('P7D'),
  onMissing: {
    expected: '`"hold"` or `"proceed"`.',
    remedy:
      'Write `hold` to wait for every consumer, `proceed` to retire the superseded key after the maximum overlap.',
  },
  verification: {
    expected: '`"required"` or `"listing"`.',
    remedy: 'Remove the field; write `listing` only for kinds of accounts without a call that proves a key.',
  },
  confirmFor: duration('PT24H', ORDINARY),
  ...SHARED_GUIDES,
  ...WINDOW_GUIDES,
  activationFor: duration('PT5M', ORDINARY),
  verifyProbes: { expected: 'A whole number from 1 to 20.', remedy: 'Write for example `3`.' },
  activationPatience: duration('PT1H', ORDINARY),
  emergencyPatience: duration('PT1M', ORDINARY),
  confirmOver: duration('PT15M', ORDINARY),
  confirmProbes: { expected: 'A whole number from 1 to 20.', remedy: 'Write for example `3`.' },
  attemptsMaximum: { expected: 'A whole number from 1 to 100.', remedy: 'Write for example `5`.' },
  observeEvery: duration('PT6H'),
  backOffMinimum: duration('PT15S'),
  backOffMaximum: duration('PT1H'),
  lease: duration('PT2M'),
  callDeadline: duration('PT30S'),
  clockSkew: duration('PT10S', ORDINARY),
  settle: duration('PT2M50S'),
  spread: duration('P1D', ORDINARY),
};

export const POLICY_SCHEMA: z.ZodType<PolicyDocument> = SCHEMA;

/**
 * The base of every policy, written as a document. The overlap outlasts the day for which the platform caches Key Vault
 * references. `settle` follows from lease, call deadline and clock skew unless a policy sets it.
 */
export const BUILT_IN_POLICY = {
  rotationInterval: 'P30D',
  overlapMinimum: 'PT25H',
  overlapMaximum: 'P7D',
  onMissing: 'hold',
  onUnseen: 'hold',
  verification: 'required',
  confirmFor: 'PT24H',
  consumers: [],
  standbyIsFree: false,
  mode: 'rotate',
  windows: [],
  blackouts: [],
  activationFor: 'PT5M',
  verifyProbes: 3,
  activationPatience: 'PT1H',
  emergencyPatience: 'PT1M',
  confirmOver: 'PT15M',
  confirmProbes: 3,
  attemptsMaximum: 5,
  observeEvery: 'PT6H',
  backOffMinimum: 'PT15S',
  backOffMaximum: 'PT1H',
  lease: 'PT2M',
  callDeadline: 'PT30S',
  clockSkew: 'PT10S',
  spread: 'PT0S',
} as const satisfies Record<Exclude<PolicyField, 'extends' | 'settle'>, unknown>;

/** A policy with a value for every field. Spans in milliseconds. */
export type ResolvedPolicy = {
  readonly [Field in Exclude<PolicyField, 'extends'>]: NonNullable<PolicyDocument[Field]>;
};
