// The shapes of answers that handlers put together. The rooms below define the shapes of their subjects.
// It must not shape an answer. Tests hold real answers against the schemas.
import * as z from 'zod';
import { type Answer, count, instant } from '../../base/answer.ts';
import { AUTHORIZATIONS } from '../../config/authorization.ts';
import { configurationProblem } from '../../config/problem-answer.ts';
import { campaignSummary, campaignView } from '../../fleet/campaign/answers.ts';
import { accountStatus, accountSummary } from '../../operators/answers/account.ts';
import { fingerprint, slot } from '../../operators/answers/fields.ts';
import { requestStatus } from '../../operators/answers/requests.ts';
import { HISTORY_KINDS } from '../../rotation/history.ts';
import { ROLES } from '../call.ts';

const next = z.string().exactOptional().describe('To be given as after for the next page; absent on the last one.');

export const fleetAnswer = z.strictObject({
  accounts: z.array(accountSummary),
  next,
  total: count.describe('Accounts that match, on all pages.'),
  isFrozen: z.boolean(),
  problems: z.array(configurationProblem),
});

export const historyAnswer = z.strictObject({
  entries: z
    .array(
      z.strictObject({
        at: instant,
        kind: z.enum(HISTORY_KINDS),
        rotationId: count,
        reason: z.string().exactOptional(),
        slot: slot.exactOptional(),
        fingerprint: fingerprint.exactOptional(),
        version: z.string().exactOptional(),
        requestId: z.string().exactOptional(),
        by: z.string().exactOptional(),
      }),
    )
    .describe('Newest first.'),
  next,
});

export const requestsAnswer = z.strictObject({
  requests: z.array(requestStatus).describe('Newest first, closed ones included.'),
  next,
});

export const withdrawalAnswer = z.strictObject({ request: requestStatus });

export const requestAnswer = z.strictObject({
  request: requestStatus,
  isRepeated: z.boolean().describe('True when the same request had been stored before, or an open one answers it.'),
  status: accountStatus.exactOptional().describe('Absent when it could not be read after the request was stored.'),
});

export const pauseAnswer = accountStatus.extend({
  isPassUnderWay: z
    .boolean()
    .describe('A pass holds the account: one effect that it has begun may still end; it begins no other.'),
});

export const campaignsAnswer = z.strictObject({
  campaigns: z.array(campaignSummary).describe('Newest first.'),
  total: count,
  next,
  unreadable: z.array(z.string()).describe('Ids of campaigns whose row cannot be understood; they are in no page.'),
});

export const campaignRequestAnswer = z.strictObject({ campaign: campaignView, isRepeated: z.boolean() });

export const freezeAnswer = z.strictObject({
  isFrozen: z.boolean(),
  changedAt: instant.exactOptional().describe('When the key-value last changed; absent if there is none.'),
  changed: z
    .strictObject({ by: z.string(), reason: z.string(), at: instant })
    .exactOptional()
    .describe('Who has made the last change, and why; absent if another program has made it.'),
});

export const freezeChangeAnswer = freezeAnswer.extend({
  isChanged: z.boolean().describe('False if it was so before: then the former name and reason stay.'),
});

const namedAccounts = z.strictObject({ count, accounts: z.array(z.string()).describe('The first of them.') });

export const freezePlanAnswer = z.strictObject({
  present: freezeAnswer.describe('As it is now.'),
  isFrozen: z.boolean().describe('As it would be.'),
  isChanged: z.boolean(),
  calls: z.array(z.string()),
  underWay: namedAccounts.describe('Accounts whose rotation has begun.'),
  due: namedAccounts.describe(
    'Accounts at rest whose next rotation is due. A pause, a window or a block may hold some.',
  ),
  campaigns: count.describe('Campaigns that run.'),
});

export const meAnswer = z.strictObject({
  authorization: z.enum(AUTHORIZATIONS),
  isLocal: z.boolean().describe('True outside of App Service, where no key is asked for.'),
  name: z.string().exactOptional().describe('Absent with function keys: a key has no name.'),
  roles: z.array(z.enum(ROLES)).describe('With the roles that they include; with function keys, the roles of a key.'),
  runbookUrl: z.string().exactOptional().describe('Where people read the runbook, if RUNBOOK_URL is set.'),
});

/** RFC 9457; further members depend on the type. */
export const problemAnswer = z.looseObject({
  type: z.string().describe('urn:ai-services-key-rotation:problem:<name>'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  remedy: z.string(),
  fields: z.array(z.strictObject({ field: z.string(), expected: z.string() })).exactOptional(),
});

export type FleetAnswer = Answer<typeof fleetAnswer>;
export type HistoryAnswer = Answer<typeof historyAnswer>;
export type RequestAnswer = Answer<typeof requestAnswer>;
export type PauseAnswer = Answer<typeof pauseAnswer>;
export type CampaignsAnswer = Answer<typeof campaignsAnswer>;
export type CampaignRequestAnswer = Answer<typeof campaignRequestAnswer>;
export type FreezeAnswer = Answer<typeof freezeAnswer>;
export type FreezeChangeAnswer = Answer<typeof freezeChangeAnswer>;
export type FreezePlanAnswer = Answer<typeof freezePlanAnswer>;
export type Me = Answer<typeof meAnswer>;
export type ProblemDocument = Answer<typeof problemAnswer>;
