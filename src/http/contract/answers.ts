// The shapes of all answers, for the OpenAPI document. Tests check real answers with them. Instants are ISO 8601, UTC.
// It must not shape an answer: the services do, and the compiler keeps both in step.
import * as z from 'zod';
import { AUTHORIZATIONS } from '../../config/authorization.ts';
import type { Problem } from '../../config/problem.ts';
import type { CheckReport } from '../../operators/check/check.ts';
import type { CheckPlan } from '../../operators/check/plan.ts';
import type { AcknowledgementStatus } from '../../operators/requests/acknowledgements.ts';
import type { DryRun, PlannedStep } from '../../operators/requests/dry-run.ts';
import type { RequestStatus } from '../../operators/requests/request-status.ts';
import type { AccountStatus, AccountSummary, LastCheck, OverlapStatus } from '../../operators/status/account-status.ts';
import type { HealthReport } from '../../operators/status/health.ts';
import type { Me } from '../me.ts';

const instant = z.iso.datetime();
const text = z.string();
const count = z.int().min(0);
const slot = z.enum(['key1', 'key2']);
const fingerprint = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .describe('First 16 hex digits of the SHA-256 of a key.');

const summaryShape = {
  account: text,
  resourceId: text.describe('Lower-cased ARM id.'),
  policy: text,
  rotationIntervalSeconds: count,
  phase: z.string().describe('notAdopted, idle, preparing, propagating, retiring or unreadable.'),
  phaseSince: instant.exactOptional().describe('When it came into the phase; at rest the interval counts from here.'),
  publishedSlot: text.exactOptional(),
  rotationId: count.exactOptional(),
  reason: text.exactOptional().describe('Why the last pass ended; a blocked reason has a heading in the runbook.'),
  isBlocked: z.boolean(),
  interruptedBlock: text
    .exactOptional()
    .describe('The block that was found before passes began to fail: whether it has ended is not known.'),
  failures: count.describe('Passes in a row that ended with an error.'),
  lastPassAt: instant.exactOptional(),
  nextObservationAt: instant.exactOptional(),
  nextRotationAt: instant.exactOptional(),
  isOverdue: z.boolean(),
  last: z.strictObject({ rotationId: count, outcome: text, provenAt: instant.exactOptional() }).exactOptional(),
};
const accountSummary = z.strictObject(summaryShape) satisfies z.ZodType<AccountSummary>;

const overlap = z.strictObject({
  since: instant,
  endsAt: instant,
  minimumEndsAt: instant,
  maximumEndsAt: instant,
  missingConsumers: z.array(text),
  consumers: z.array(z.strictObject({ consumer: text, acknowledgedAt: instant.exactOptional() })),
}) satisfies z.ZodType<OverlapStatus>;

export const requestStatus = z.strictObject({
  id: text,
  kind: z.string().describe('rotate, compromised, rollBack or approve.'),
  state: z
    .enum(['open', 'replaced', 'closed'])
    .describe('replaced: the leaked value is a key no longer; the proof of its death is under way.'),
  reason: text,
  by: text,
  at: instant,
  fingerprint: fingerprint.exactOptional(),
  accepts: text.exactOptional().describe('What the operator accepted: unverifiedKey or outage.'),
  replacedAt: instant.exactOptional().describe('When the leaked value was seen to be a key of the account no longer.'),
  provenAt: instant.exactOptional().describe('When its rejection by the data plane was proven.'),
  summary: text.exactOptional().describe('Of a leaked key: what has happened, what has not, what it waits for.'),
  outcome: text.exactOptional(),
  closedAt: instant.exactOptional(),
  rotationId: count.exactOptional(),
}) satisfies z.ZodType<RequestStatus>;

const checkShape = {
  isHealthy: z.boolean().describe('True when no finding fails.'),
  isReadyForKeyless: z.boolean().exactOptional().describe('Absent when that is not known.'),
  keys: z
    .strictObject({ key1: fingerprint, key2: fingerprint })
    .exactOptional()
    .describe('What both slots held; absent when they could not be read.'),
  findings: z.array(
    z.strictObject({
      check: text,
      result: z.enum(['pass', 'warning', 'fail']),
      detail: text,
      remedy: text.exactOptional(),
      latencyMs: count.exactOptional(),
    }),
  ),
};

const lastCheck = z.strictObject({
  ...checkShape,
  at: instant,
  by: text,
  reason: text.exactOptional(),
  isVaultSearched: z.boolean(),
}) satisfies z.ZodType<LastCheck>;

export const accountStatus = z.strictObject({
  ...summaryShape,
  keys: z.array(
    z.strictObject({
      slot: text,
      role: z.enum(['published', 'standby', 'superseded']),
      fingerprint: fingerprint.exactOptional(),
      seenAt: instant.exactOptional().describe('Of a standby: when a check has read this fingerprint.'),
    }),
  ),
  publishedVersion: text.exactOptional(),
  consumers: z.array(text),
  overlap: overlap.exactOptional(),
  openRequests: z.array(requestStatus),
  pause: z.strictObject({ by: text, reason: text, at: instant }).exactOptional(),
  window: z
    .strictObject({ isOpen: z.boolean(), opensAt: instant.exactOptional() })
    .exactOptional()
    .describe('Absent when the policy names neither windows nor blackouts.'),
  lastCheck: lastCheck.exactOptional().describe('The last connectivity check, by any caller.'),
  detail: text.exactOptional(),
}) satisfies z.ZodType<AccountStatus>;

const configurationProblem = z.strictObject({
  setting: text,
  expected: text,
  remedy: text,
  account: text.exactOptional(),
  found: text.exactOptional(),
}) satisfies z.ZodType<Problem>;

export const fleetAnswer = z.strictObject({
  accounts: z.array(accountSummary),
  next: text.exactOptional().describe('To be given as after for the next page; absent on the last one.'),
  total: count.describe('Accounts that match, on all pages.'),
  isFrozen: z.boolean(),
  problems: z.array(configurationProblem),
});

export const historyAnswer = z.strictObject({
  entries: z
    .array(
      z.strictObject({
        at: instant,
        kind: text,
        rotationId: count,
        reason: text.exactOptional(),
        slot: slot.exactOptional(),
        fingerprint: fingerprint.exactOptional(),
        version: text.exactOptional(),
        requestId: text.exactOptional(),
        by: text.exactOptional(),
      }),
    )
    .describe('Newest first.'),
  next: text.exactOptional().describe('To be given as after for the next page; absent on the last one.'),
});

export const requestAnswer = z.strictObject({
  request: requestStatus,
  isRepeated: z.boolean().describe('True when the same request had been stored before, or an open one answers it.'),
  status: accountStatus.exactOptional().describe('Absent when it could not be read after the request was stored.'),
});

/** Does not compile unless it has every kind. */
const STEPS = {
  probe: 'probe',
  readSupersededVersion: 'readSupersededVersion',
  publish: 'publish',
  announceReference: 'announceReference',
  announceFlag: 'announceFlag',
  regenerate: 'regenerate',
  sacrifice: 'sacrifice',
  disable: 'disable',
  record: 'record',
} as const satisfies { readonly [Kind in PlannedStep['step']]: Kind };

export const dryRunAnswer = z.strictObject({
  account: text,
  steps: z.array(
    z.strictObject({
      at: instant,
      step: z.enum(STEPS).describe('sacrifice: a leaked key is regenerated although it may be published.'),
      slot: slot.exactOptional(),
      reason: text.exactOptional(),
      calls: z.array(text),
    }),
  ),
  waits: z.array(z.strictObject({ from: instant, until: instant, reason: text })),
  end: z
    .strictObject({ at: instant, reason: text, isBlocked: z.boolean(), detail: text.exactOptional() })
    .exactOptional(),
  consumers: z.array(
    z.strictObject({ consumer: text, risk: z.enum(['none', 'cutOffUnlessRefreshed', 'cutOff']), detail: text }),
  ),
  others: text,
  outcome: text.exactOptional().describe('How the request would be closed; a refusal begins with Refused.'),
}) satisfies z.ZodType<DryRun>;

export const checkAnswer = z.strictObject({ account: text, ...checkShape }) satisfies z.ZodType<CheckReport>;

export const checkPlanAnswer = z.strictObject({
  account: text,
  calls: z.array(z.strictObject({ call: text, count: count.describe('At most.') })).describe('In this order.'),
  total: count.describe('How many calls at most.'),
  others: text,
}) satisfies z.ZodType<CheckPlan>;

export const acknowledgementAnswer = z.strictObject({
  account: text,
  consumer: text,
  version: text,
  isCounted: z.boolean().describe('Whether the overlap under way counts it.'),
  phase: text,
  publishedVersion: text.exactOptional(),
  missingConsumers: z.array(text),
  overlap: overlap.exactOptional(),
}) satisfies z.ZodType<AcknowledgementStatus>;

const notedAccounts = z.strictObject({
  count: count.describe('May exceed the number of accounts that are named.'),
  accounts: z.array(
    z.strictObject({
      account: text,
      reason: text.exactOptional(),
      failures: count,
      lastPassAt: instant.exactOptional(),
    }),
  ),
});

export const healthAnswer = z.strictObject({
  isHealthy: z.boolean(),
  timer: z.strictObject({
    isLate: z.boolean(),
    lastTickAt: instant.exactOptional(),
    intervalSeconds: count.exactOptional(),
    detail: text,
    remedy: text.exactOptional(),
  }),
  accounts: count,
  isFrozen: z.boolean(),
  overdue: notedAccounts,
  blocked: notedAccounts,
  failing: notedAccounts,
  configurationProblems: count,
  deadNotifications: count.describe('Notifications that were given up; at most 1,000 are counted.'),
}) satisfies z.ZodType<HealthReport>;

export const meAnswer = z.strictObject({
  authorization: z.enum(AUTHORIZATIONS),
  isLocal: z.boolean().describe('True outside of App Service, where no key is asked for.'),
  name: text.exactOptional().describe('Absent with function keys: a key has no name.'),
  roles: z.array(text).describe('With those that they include; with function keys, what a key may do.'),
}) satisfies z.ZodType<Me>;

/** RFC 9457; further members depend on the type. */
export const problemAnswer = z.looseObject({
  type: z.string().describe('urn:ai-services-key-rotation:problem:<name>'),
  title: text,
  status: z.int(),
  detail: text,
  remedy: text,
  fields: z.array(z.strictObject({ field: text, expected: text })).exactOptional(),
});
