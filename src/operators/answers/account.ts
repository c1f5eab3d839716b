// The shapes of an account's status: in the list of the fleet, by itself, and as a consumer sees it that acknowledges.
// It must not read anything.
import * as z from 'zod';
import { type Answer, count, instant } from '../../base/answer.ts';
import { ACCOUNT_PHASES } from '../../rotation/reasons.ts';
import { lastCheck } from './check.ts';
import { fingerprint, slot } from './fields.ts';
import { holders } from './holders.ts';
import { requestStatus } from './requests.ts';

export const accountSummary = z.strictObject({
  account: z.string(),
  resourceId: z.string().describe('Lower-cased ARM id.'),
  kind: z.string().exactOptional().describe('As Azure names it; absent until a pass or a search has read it.'),
  location: z.string().exactOptional().describe('Region; absent until a pass or a search has read it.'),
  owner: z.string().exactOptional().describe('Value of the owner tag; absent unless a search has found one.'),
  subscriptionName: z.string().exactOptional().describe('Absent unless the subscription is searched.'),
  policy: z.string(),
  rotationIntervalSeconds: count,
  verification: z
    .literal('listing')
    .exactOptional()
    .describe('If no call proves a key of its kind, it is rotated on the word of Azure Resource Manager.'),
  phase: z.enum(ACCOUNT_PHASES).describe('retiring includes the time in which the death of the key is proven.'),
  phaseSince: instant
    .exactOptional()
    .describe('When the account entered the phase. At rest the interval counts from here.'),
  publishedSlot: slot.exactOptional(),
  keyRegeneratedAt: instant
    .exactOptional()
    .describe('When this service last regenerated the published key; absent if that is not known.'),
  rotationId: count.exactOptional(),
  reason: z
    .string()
    .exactOptional()
    .describe('Why the last pass ended; a blocked reason has a heading in the runbook.'),
  isBlocked: z.boolean(),
  interruptedBlock: z
    .string()
    .exactOptional()
    .describe('The block seen before passes began to fail. Unknown whether it still holds.'),
  failures: count.describe('Passes in a row that ended with an error.'),
  lastPassAt: instant.exactOptional(),
  nextObservationAt: instant.exactOptional(),
  nextRotationAt: instant.exactOptional(),
  isOverdue: z.boolean(),
  last: z
    .strictObject({
      rotationId: count,
      outcome: z.enum(['completed', 'rolledBack']),
      provenAt: instant.exactOptional(),
    })
    .exactOptional()
    .describe('How the last rotation ended, while the account is at rest.'),
});

const overlap = z.strictObject({
  since: instant,
  endsAt: instant,
  minimumEndsAt: instant,
  maximumEndsAt: instant,
  missingConsumers: z.array(z.string()),
  consumers: z
    .array(z.strictObject({ consumer: z.string(), acknowledgedAt: instant.exactOptional() }))
    .describe('Every required consumer, with the time of its acknowledgement once that counts.'),
});

const movesFrom = z.strictObject({
  secretName: z.string(),
  vaultUrl: z.string(),
  until: instant
    .exactOptional()
    .describe('The move ends no earlier, and at rest. Absent until the new place is announced.'),
});

const slotStatus = z.strictObject({
  slot,
  role: z.enum(['published', 'standby', 'superseded']),
  fingerprint: fingerprint.exactOptional(),
  seenAt: instant
    .exactOptional()
    .describe('Of a standby: when a check read the fingerprint. A rotation does not keep it.'),
});

export const accountStatus = z.strictObject({
  ...accountSummary.shape,
  keys: z.array(slotStatus),
  publishedVersion: z.string().exactOptional(),
  consumers: z.array(z.string()).describe('The consumers that the policy requires to acknowledge.'),
  overlap: overlap.exactOptional(),
  movesFrom: movesFrom
    .exactOptional()
    .describe('The secret that the account leaves, while it is kept in line with the published key.'),
  openRequests: z.array(requestStatus),
  pause: z.strictObject({ by: z.string(), reason: z.string(), at: instant }).exactOptional(),
  window: z
    .strictObject({ isOpen: z.boolean(), opensAt: instant.exactOptional() })
    .exactOptional()
    .describe('Absent when the policy names neither windows nor blackouts.'),
  holders: holders
    .exactOptional()
    .describe('Resources that hold a key of the account, or point at its secret. Absent unless kinds are searched.'),
  lastCheck: lastCheck.exactOptional().describe('The last connectivity check, by any caller.'),
  detail: z
    .string()
    .exactOptional()
    .describe('What the last pass found, if the reason alone does not say it; or why the record cannot be understood.'),
});

export const acknowledgementStatus = z.strictObject({
  account: z.string(),
  consumer: z.string(),
  version: z.string(),
  isCounted: z.boolean().describe('Whether the overlap under way counts it.'),
  phase: accountSummary.shape.phase,
  publishedVersion: z.string().exactOptional(),
  missingConsumers: z
    .array(z.string())
    .describe('Consumers that have not acknowledged in the overlap under way; empty without an overlap.'),
  overlap: overlap.exactOptional(),
});

export type AccountSummary = Answer<typeof accountSummary>;
export type OverlapStatus = Answer<typeof overlap>;
export type SlotStatus = Answer<typeof slotStatus>;
export type AccountStatus = Answer<typeof accountStatus>;
export type AcknowledgementStatus = Answer<typeof acknowledgementStatus>;
