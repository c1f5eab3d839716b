// The shapes of all request bodies, queries and headers: they validate the requests and make the OpenAPI document.
// It must not read a request. Messages name the expected value.

import * as z from 'zod';
import { BOUNDS } from '../../base/bounds.ts';
import { mayHoldKey, VISIBLE } from '../../base/free-text.ts';
import { parseDuration } from '../../config/duration.ts';
import { type RequestId, type SecretVersion, SLOTS } from '../../rotation/model.ts';
import { ACCOUNT_PHASES, RISKS } from '../../rotation/reasons.ts';

/**
 * A text that is stored or shown as it is. Unseen characters change the look of a log, and some stores refuse them. A key
 * in it would be in records, logs and answers.
 */
export const freeText = (expected: string) =>
  z
    .string(expected)
    .trim()
    .regex(VISIBLE, 'a text without control, zero-width and bidirectional characters')
    .refine((text) => !mayHoldKey(text), {
      message:
        'a text without a run of 32 or more letters and digits, which may be a key: name a key by its fingerprint, shorten any other id',
    });

export const reason = freeText('a text that says why')
  .min(1, 'a text that says why')
  .max(BOUNDS.reasonCharacters, `at most ${BOUNDS.reasonCharacters} characters`)
  .describe('Why; goes to the history.');

/** An ISO 8601 duration, parsed into milliseconds. */
const duration = z.string('an ISO 8601 duration such as PT30M').transform((text, context): number => {
  const parsed = parseDuration(text);
  if ('ms' in parsed) return parsed.ms;
  context.addIssue({ code: 'custom', message: `an ISO 8601 duration such as PT30M (${parsed.remedy})` });
  return z.NEVER;
});

export const unknownField = (known: string) => `no such field; the fields are ${known}`;

const dryRun = z
  .boolean('true or false')
  .default(false)
  .describe('Answer the steps and calls that would follow, and change nothing.');

export const rotateBody = z
  .strictObject(
    {
      reason,
      compromised: z
        .union(
          [z.enum([...SLOTS, 'published']), z.string().regex(/^[0-9a-f]{16}$/)],
          'one of key1, key2, published, or a fingerprint of 16 hex digits',
        )
        .optional()
        .describe('The leaked key, by slot or fingerprint: it is replaced now, also while paused, frozen or not due.'),
      accept: z
        .enum(RISKS, RISKS.join(' or '))
        .optional()
        .describe(
          'With compromised. unverifiedKey: publish the new key at once where no verdict on it can be had. ' +
            'outage: the leak is worse than an outage; replace the key even if no other can be published.',
        ),
      overlap: duration
        .optional()
        .describe('With compromised: how long both keys stay valid, ISO 8601; none when absent.'),
      dryRun,
    },
    {
      error: (issue) =>
        issue.code === 'unrecognized_keys'
          ? unknownField('reason, compromised, accept, overlap, dryRun')
          : 'a JSON object',
    },
  )
  .refine((body) => body.accept === undefined || body.compromised !== undefined, {
    path: ['accept'],
    message: 'only together with compromised',
  })
  .refine((body) => body.overlap === undefined || body.compromised !== undefined, {
    path: ['overlap'],
    message: 'only together with compromised; the overlap of other rotations is set by the policy',
  });

export const reasonBody = z.strictObject(
  { reason },
  { error: (issue) => (issue.code === 'unrecognized_keys' ? unknownField('reason') : 'a JSON object') },
);

/** The body of an operator's requests other than a rotation. */
export const operationBody = z.strictObject(
  { reason, dryRun },
  { error: (issue) => (issue.code === 'unrecognized_keys' ? unknownField('reason, dryRun') : 'a JSON object') },
);

export const checkBody = z.strictObject(
  {
    reason: reason.optional().describe('Why; goes to the log, and is shown with the result.'),
    searchVault: z
      .boolean('true or false')
      .default(false)
      .describe('Also look for either key in the other secrets of the vault; answers their names.'),
    dryRun: z.boolean('true or false').default(false).describe('Answer what would be called, and call nothing.'),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? unknownField('reason, searchVault, dryRun') : 'a JSON object',
  },
);

const KEY_LENGTH = BOUNDS.idempotencyKeyCharacters;
export const idempotencyKey = z
  .string()
  .regex(new RegExp(`^[A-Za-z0-9-]{1,${KEY_LENGTH}}$`), `1 to ${KEY_LENGTH} letters, digits and hyphens`);

/** The id of a stored request: an idempotency key, or the id that the service gives to the requests of a campaign. */
export const requestId = z
  .string()
  .regex(/^[A-Za-z0-9.-]{1,80}$/)
  .transform((id) => id as RequestId);

/** Key Vault's name of a version. */
const version = z
  .string('the version of the secret that is in use, 32 hex digits')
  .regex(/^[0-9a-fA-F]{32}$/, 'the version of the secret that is in use, 32 hex digits')
  .transform((text) => text.toLowerCase() as SecretVersion);

export const acknowledgementBody = z.strictObject(
  {
    consumer: z
      .string('the name of the consumer as the policy has it')
      .regex(/^[A-Za-z0-9._-]+$/, 'letters, digits, dots, hyphens and underscores')
      .max(BOUNDS.consumerNameCharacters, `at most ${BOUNDS.consumerNameCharacters} characters`)
      .describe('Who speaks: the name of the consumer in the policy.'),
    version: version.describe('The version of the secret that the consumer uses from now on.'),
  },
  { error: (issue) => (issue.code === 'unrecognized_keys' ? unknownField('consumer, version') : 'a JSON object') },
);

const WHOLE = `a whole number from 1 to ${BOUNDS.pageEntries}`;

export const limit = (usual: number) =>
  z.coerce
    .number(WHOLE)
    .int(WHOLE)
    .min(1, WHOLE)
    .max(BOUNDS.pageEntries, WHOLE)
    .default(usual)
    .describe('How many at most.');

/** The `next` of the page before, decoded. */
export const after = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,400}$/, 'the value of next in the page before')
  .transform((token) => Buffer.from(token, 'base64url').toString('utf8'))
  .optional()
  .describe('The next of the page before.');

export const fleetQuery = z.strictObject({
  phase: z
    .enum(ACCOUNT_PHASES, `one of ${ACCOUNT_PHASES.join(', ')}`)
    .optional()
    .describe('Only accounts in this phase.'),
  blocked: z
    .enum(['true', 'false'], 'true or false')
    .transform((word) => word === 'true')
    .optional()
    .describe('Only accounts that are blocked, or only those that are not.'),
  search: z
    .string()
    .max(BOUNDS.searchCharacters, `at most ${BOUNDS.searchCharacters} characters`)
    .optional()
    .describe('Part of the name or of the resource id.'),
  limit: limit(100),
  after,
});

/** Of every list that comes in pages and has no filter. */
export const pageQuery = z.strictObject({ limit: limit(100), after });

export type RotateBody = z.infer<typeof rotateBody>;
