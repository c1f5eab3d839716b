// The shapes of all request bodies and headers: they validate the requests and make the OpenAPI document.
// It must not read a request; messages say what is expected.
import { z } from 'zod';
import { parseDuration } from '../config/duration.ts';

const REASON_LENGTH = 500;

const reason = z
  .string('a text that says why')
  .trim()
  .min(1, 'a text that says why')
  .max(REASON_LENGTH, `at most ${REASON_LENGTH} characters`)
  .describe('Why; goes to the history.');

/** An ISO 8601 duration, answered in milliseconds. */
const duration = z.string('an ISO 8601 duration such as PT30M').transform((text, context): number => {
  const parsed = parseDuration(text);
  if ('ms' in parsed) return parsed.ms;
  context.addIssue({ code: 'custom', message: `an ISO 8601 duration such as PT30M (${parsed.remedy})` });
  return z.NEVER;
});

const unknownField = (known: string) => `no such field; the fields are ${known}`;

export const rotateBody = z
  .strictObject(
    {
      reason,
      compromised: z
        .enum(['key1', 'key2', 'published'], 'one of key1, key2, published')
        .optional()
        .describe('The leaked key: it is killed now, whatever is paused, frozen or not due.'),
      overlap: duration
        .optional()
        .describe('With compromised: how long both keys stay valid, ISO 8601; none when absent.'),
    },
    {
      error: (issue) =>
        issue.code === 'unrecognized_keys' ? unknownField('reason, compromised, overlap') : 'a JSON object',
    },
  )
  .refine((body) => body.overlap === undefined || body.compromised !== undefined, {
    path: ['overlap'],
    message: 'only together with compromised; the overlap of other rotations is set by the policy',
  });

export const reasonBody = z.strictObject(
  { reason },
  { error: (issue) => (issue.code === 'unrecognized_keys' ? unknownField('reason') : 'a JSON object') },
);

export const idempotencyKey = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, '1 to 64 letters, digits and hyphens');

export type RotateBody = z.infer<typeof rotateBody>;
