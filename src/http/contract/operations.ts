// Every operation of the HTTP surface once: its path, its role, its input and its answers.
// It must not handle anything: the OpenAPI document is made from it, and tests compare the functions with it.
import * as z from 'zod';
import { accountStatus, acknowledgementStatus } from '../../operators/answers/account.ts';
import { checkPlan, checkReport } from '../../operators/answers/check.ts';
import { healthReport } from '../../operators/answers/health.ts';
import { dryRun, requestStatus } from '../../operators/answers/requests.ts';
import {
  fleetAnswer,
  historyAnswer,
  meAnswer,
  pauseAnswer,
  requestAnswer,
  requestsAnswer,
  withdrawalAnswer,
} from './answers.ts';
import { BULK_OPERATIONS } from './bulk-operations.ts';
import { FLEET_OPERATIONS } from './fleet-operations.ts';
import { type Operation, show } from './operation.ts';
import { acknowledgementBody, checkBody, fleetQuery, operationBody, pageQuery, rotateBody } from './schemas.ts';

/**
 * Any operation may fail because of: an unknown parameter, no sign-in, no role, a fault of the service, a refusal or
 * silence of Azure.
 */
export const COMMON_PROBLEMS: readonly number[] = [400, 401, 403, 500, 502, 503];

const ACCOUNT = 'accounts/{account}';

function request(id: string, verb: string, summary: string): Operation {
  return {
    id,
    method: 'post',
    path: `${ACCOUNT}/${verb}`,
    functionName: 'request-rotation',
    summary,
    role: 'Rotation.Operate',
    body: operationBody,
    takesIdempotencyKey: true,
    answers: {
      200: ['Of a dry run: what would follow.', dryRun],
      202: ['Stored, and as far as it got within 20 seconds.', requestAnswer],
    },
    problems: [404, 409, 413, 422],
  };
}

function pause(verb: string, summary: string): Operation {
  const { method, functionName, role, body } = request(verb, verb, summary);
  const answer = z.union([pauseAnswer, dryRun]);
  const answers = { 200: ['The account as it is now; of a dry run: what would follow.', answer] } as const;
  return {
    id: verb,
    method,
    path: `${ACCOUNT}/${verb}`,
    functionName,
    summary,
    role,
    ...(body === undefined ? {} : { body }),
    answers,
    problems: [404, 413],
  };
}

export const OPERATIONS: readonly Operation[] = [
  { ...show('listAccounts', 'accounts', 'All accounts, in pages.', fleetAnswer), query: fleetQuery, problems: [] },
  show('showAccount', ACCOUNT, 'One account.', accountStatus),
  {
    ...show(
      'showHistory',
      `${ACCOUNT}/history`,
      'What has happened to the account, newest first, in pages.',
      historyAnswer,
    ),
    query: pageQuery,
    problems: [404],
  },
  {
    ...show(
      'listRequests',
      `${ACCOUNT}/requests`,
      'The requests of the account, newest first, in pages.',
      requestsAnswer,
    ),
    query: pageQuery,
    problems: [404],
  },
  show('showRequest', `${ACCOUNT}/requests/{id}`, 'How far a request got.', requestStatus),
  {
    id: 'withdrawRequest',
    method: 'post',
    path: `${ACCOUNT}/requests/{id}/withdraw`,
    functionName: 'withdraw-request',
    summary: 'End a request that nothing was done for (of a leaked key: role Rotation.Emergency).',
    role: 'Rotation.Operate',
    body: operationBody,
    answers: {
      200: ['Withdrawn; of a dry run: what would follow.', z.union([withdrawalAnswer, dryRun])],
    },
    problems: [404, 409, 413],
  },
  {
    ...request('rotate', 'rotate', 'Rotate now, or replace a leaked key (role Rotation.Emergency).'),
    body: rotateBody,
  },
  request('rollBack', 'rollback', 'Publish the superseded key again, during the overlap.'),
  request('approve', 'approve', 'Say that nothing uses the standby key of an account that was in use before.'),
  pause('pause', 'Stop the account until it is resumed; a leaked key is replaced all the same.'),
  pause('resume', 'End the pause.'),
  {
    id: 'check',
    method: 'post',
    path: `${ACCOUNT}/check`,
    functionName: 'check-connectivity',
    summary:
      'Look at everything that a rotation depends on; changes nothing. The result is kept and shown with the account.',
    role: 'Rotation.Check',
    body: checkBody,
    answers: {
      200: ['Healthy; of a dry run: what would be called.', z.union([checkReport, checkPlan])],
      503: ['A finding fails.', checkReport],
    },
    problems: [404, 413, 429],
  },
  {
    id: 'acknowledge',
    method: 'post',
    path: `${ACCOUNT}/acknowledgements`,
    functionName: 'acknowledge-key',
    summary: 'A consumer uses this version from now on.',
    role: 'Rotation.Acknowledge',
    body: acknowledgementBody,
    answers: { 200: ['Stored, and who is still missing.', acknowledgementStatus] },
    problems: [404, 413],
  },
  ...BULK_OPERATIONS,
  ...FLEET_OPERATIONS,
  {
    id: 'showHealth',
    method: 'get',
    path: 'health',
    functionName: 'show-health',
    summary: 'Whether the timer runs, and which accounts need an operator.',
    role: 'Rotation.Read',
    answers: {
      200: ['The timer runs.', healthReport],
      503: ['The timer has not run for two intervals.', healthReport],
    },
    problems: [],
  },
  {
    id: 'showOpenApi',
    method: 'get',
    path: 'openapi.json',
    functionName: 'show-openapi',
    summary: 'This document.',
    role: 'Rotation.Read',
    answers: { 200: ['An OpenAPI 3.1 document.', undefined] },
    problems: [],
  },
  {
    id: 'showMe',
    method: 'get',
    path: 'me',
    functionName: 'show-me',
    summary: 'Who calls, and what the caller may do.',
    role: 'caller',
    answers: { 200: ['The caller.', meAnswer] },
    problems: [],
  },
  {
    id: 'showPage',
    method: 'get',
    path: 'page',
    functionName: 'show-page',
    summary: 'The status page. It holds no data; it asks this API with the authorisation of its viewer.',
    role: 'anyone',
    mediaType: 'text/html',
    answers: { 200: ['The page.', undefined], 304: ['The page has not changed.', undefined] },
    problems: [404],
  },
];
