// The schemas of requests about many accounts: documents that are validated, and first rotations that are approved.
// They validate requests and make the OpenAPI document. This file must not read a request.
import * as z from 'zod';
import { BOUNDS } from '../../base/bounds.ts';
import { campaignFilter } from './campaign-schemas.ts';
import { after, reason, unknownField } from './schemas.ts';

const ALIAS = 'the alias of an account, at most 200 characters';
const DOCUMENTS = `a list of 1 to ${BOUNDS.documentsValidated} documents`;

const proposed = z.strictObject(
  {
    alias: z.string(ALIAS).min(1, ALIAS).max(200, ALIAS),
    document: z
      .record(z.string(), z.unknown(), 'the document of the account, a JSON object')
      .describe('As it would be written to KeyRotation:Accounts:<alias>.'),
  },
  { error: (issue) => (issue.code === 'unrecognized_keys' ? unknownField('alias, document') : 'a JSON object') },
);

export const validationBody = z.strictObject(
  { documents: z.array(proposed, DOCUMENTS).min(1, DOCUMENTS).max(BOUNDS.documentsValidated, DOCUMENTS) },
  { error: (issue) => (issue.code === 'unrecognized_keys' ? unknownField('documents') : 'a JSON object') },
);

export const approvalsBody = z.strictObject(
  {
    reason,
    filter: campaignFilter.describe('Which accounts: all fields given must match; {} is every account.'),
    after: after.describe('The next of the answer before.'),
    dryRun: z.boolean('true or false').default(false).describe('Answer who would be approved, and store nothing.'),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? unknownField('reason, filter, after, dryRun') : 'a JSON object',
  },
);
