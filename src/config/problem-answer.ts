// The shape of a configuration problem, as GET accounts returns it. It must not make one.
import * as z from 'zod';

export const configurationProblem = z.strictObject({
  setting: z
    .string()
    .describe(
      'The app setting, the key in App Configuration, or a field of its document: `KeyRotation:Policies:a.onMissing`.',
    ),
  expected: z.string().describe('The expected value; a sentence.'),
  remedy: z.string().describe('What to do; a sentence.'),
  account: z.string().exactOptional().describe('The alias, when the problem leaves an account out.'),
  found: z
    .string()
    .exactOptional()
    .describe('The present value, at most 80 characters; absent when nothing is there or when it may be a secret.'),
});
