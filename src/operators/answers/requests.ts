// The shapes of operators' requests: how far one got, and what would follow it (the dry run).
// It must not carry out or rehearse anything.
import * as z from 'zod';
import { type Answer, count, instant } from '../../base/answer.ts';
import type { ActingStep } from '../../rotation/decide/step.ts';
import {
  BLOCKED_REASONS,
  PUBLISH_REASONS,
  REQUEST_KINDS,
  REQUEST_OUTCOMES,
  RISKS,
  WAIT_REASONS,
} from '../../rotation/reasons.ts';
import { fingerprint, slot } from './fields.ts';
import { holders } from './holders.ts';

export const requestStatus = z.strictObject({
  id: z.string(),
  kind: z.enum(REQUEST_KINDS),
  state: z
    .enum(['open', 'replaced', 'closed'])
    .describe('replaced: the leaked value is no longer a key; the proof of its death is under way.'),
  reason: z.string(),
  by: z.string(),
  at: instant,
  fingerprint: fingerprint.exactOptional(),
  accepts: z
    .enum(RISKS)
    .exactOptional()
    .describe('The risk that the operator accepted so that a leaked key is replaced sooner.'),
  replacedAt: instant
    .exactOptional()
    .describe('When it was seen that the leaked value is no longer a key of the account.'),
  provenAt: instant.exactOptional().describe('When it was proven that the data plane rejects the leaked value.'),
  waitsFor: z
    .string()
    .exactOptional()
    .describe('Of an open request: a reason of the runbook, an error code, or NextPass.'),
  waitsUntil: instant
    .exactOptional()
    .describe('When that wait is over; absent if it is not known, or a person must act first.'),
  expiresAt: instant
    .exactOptional()
    .describe('When an open request ends by its age; a request about a leaked key never does.'),
  summary: z
    .string()
    .exactOptional()
    .describe('For a leaked key: what has happened, what has not, and what the request waits for.'),
  outcome: z.enum(REQUEST_OUTCOMES).exactOptional(),
  closedAt: instant.exactOptional(),
  rotationId: count.exactOptional(),
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
} as const satisfies { readonly [Kind in ActingStep['kind']]: Kind };

const consumerRisk = z.strictObject({
  consumer: z.string(),
  risk: z
    .enum(['none', 'cutOffUnlessRefreshed', 'cutOff'])
    .describe('cutOffUnlessRefreshed: cut off unless it takes the new key within the overlap.'),
  detail: z.string(),
});

export const dryRun = z.strictObject({
  account: z.string(),
  steps: z.array(
    z.strictObject({
      at: instant,
      step: z.enum(STEPS).describe('sacrifice: a leaked key is regenerated although it may be published.'),
      slot: slot.exactOptional(),
      reason: z.enum(PUBLISH_REASONS).exactOptional(),
      calls: z.array(z.string()).describe('The calls that are sent, in order.'),
    }),
  ),
  waits: z.array(z.strictObject({ from: instant, until: instant, reason: z.enum(WAIT_REASONS) })),
  end: z
    .strictObject({
      at: instant,
      reason: z.enum([...WAIT_REASONS, ...BLOCKED_REASONS]),
      isBlocked: z.boolean(),
      detail: z.string().exactOptional(),
    })
    .exactOptional()
    .describe('Where the account comes to rest or is held; absent if it is still under way when the rehearsal ends.'),
  consumers: z.array(consumerRisk),
  others: z.string().describe('About applications that no policy names.'),
  holders: holders.exactOptional().describe('As in the status of the account.'),
  outcome: z
    .enum(REQUEST_OUTCOMES)
    .exactOptional()
    .describe('How the request would be closed; absent if it would stay open. A refusal begins with Refused.'),
});

export type RequestStatus = Answer<typeof requestStatus>;
export type ConsumerRisk = Answer<typeof consumerRisk>;
export type DryRun = Answer<typeof dryRun>;
