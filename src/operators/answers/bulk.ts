// The shapes of calls about many accounts: documents that are validated, and first rotations that are approved.
// It must not validate or approve anything.
import * as z from 'zod';
import { type Answer, count } from '../../base/answer.ts';
import { configurationProblem } from '../../config/problem-answer.ts';
import { holders } from './holders.ts';

export const validation = z.strictObject({
  isValid: z.boolean().describe('True when no document has a problem.'),
  documents: z
    .array(
      z.strictObject({
        alias: z.string(),
        isListed: z.boolean().describe('Whether App Configuration has a document of this alias already.'),
        problems: z.array(configurationProblem),
      }),
    )
    .describe('In the order in which they were sent.'),
});

/** What happened to an account whose first rotation waits for an approval. */
const APPROVAL_RESULTS = [
  'wouldBeApproved',
  'approved',
  'standbyKeyHeld',
  'holdersUnknown',
  'refused',
  'failed',
] as const;

export const approvals = z.strictObject({
  total: count.describe('Accounts that match and wait for an approval, on all pages.'),
  accounts: z.array(
    z.strictObject({
      account: z.string(),
      result: z
        .enum(APPROVAL_RESULTS)
        .describe(
          'wouldBeApproved: only in a dry run. approved: the request is stored. standbyKeyHeld: a holder has the standby key. holdersUnknown: the holders could not be read. refused: nothing is stored; see detail. failed: the request may be stored; see detail.',
        ),
      requestId: z.string().exactOptional(),
      detail: z.string().exactOptional(),
      holders: holders.exactOptional().describe('As in the status of the account.'),
    }),
  ),
  next: z.string().exactOptional().describe('To be given as after for the accounts that follow.'),
});

export type ValidationAnswer = Answer<typeof validation>;
export type ApprovalsAnswer = Answer<typeof approvals>;
export type Approval = ApprovalsAnswer['accounts'][number];
