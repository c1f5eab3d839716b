// The operations of the HTTP surface about many accounts at once. `operations.ts` has the meaning of each field.
import { approvals, validation } from '../../operators/answers/bulk.ts';
import { approvalsBody, validationBody } from './bulk-schemas.ts';

export const BULK_OPERATIONS = [
  {
    id: 'validateAccounts',
    method: 'post',
    path: 'accounts/validate',
    functionName: 'validate-accounts',
    summary: 'Read documents of accounts as the service would, next to its configuration; store nothing.',
    role: 'Rotation.Read',
    body: validationBody,
    answers: { 200: ['Each document with its problems.', validation] },
    problems: [413],
  },
  {
    id: 'approveAccounts',
    method: 'post',
    path: 'accounts/approve',
    functionName: 'approve-accounts',
    summary: 'Approve the first rotation of all accounts that match and wait for it; or see who would be approved.',
    role: 'Rotation.Operate',
    body: approvalsBody,
    answers: {
      200: ['Of a dry run: who would be approved, with the holders that were found.', approvals],
      202: ['Stored for each account; the timer carries it out.', approvals],
    },
    problems: [413],
  },
] as const;
