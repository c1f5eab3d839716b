// The shapes of a connectivity check: its findings, its report, the last one as stored, and its plan.
// It must not check anything.
import * as z from 'zod';
import { type Answer, count, instant } from '../../base/answer.ts';
import { SERVICE_NAMES } from '../../rotation/errors.ts';
import { fingerprint } from './fields.ts';

/** The stable names of the things that are checked; docs/http-api.md has a row for each. */
export const CHECK_NAMES = [
  'keysListed',
  'key1Accepted',
  'key2Accepted',
  'publishedIsLive',
  'announcedIsInLine',
  'recordFollows',
  'accountReadable',
  'keyProof',
  'provisioningState',
  'keyAuthentication',
  'customSubdomain',
  'armPermissions',
  'networkRules',
  'keyless',
  'tokenExchange',
  'otherSecrets',
  'holders',
] as const;

/** A service that does not answer is a finding of its own. */
const checkName = z.enum([...CHECK_NAMES, ...SERVICE_NAMES.map((name) => `${name}Reachable` as const)]);

const finding = z.strictObject({
  check: checkName,
  result: z
    .enum(['pass', 'unknown', 'warning', 'fail'])
    .describe(
      'fail: rotations or applications cannot succeed until an operator acts. warning: worth knowing, rotations go on. unknown: cannot be known from here, and hinders nothing.',
    ),
  detail: z.string(),
  remedy: z.string().exactOptional(),
  latencyMs: count.exactOptional(),
});

const shape = {
  isHealthy: z.boolean().describe('True when no finding fails.'),
  isReadyForKeyless: z
    .union([z.boolean(), z.literal('unknown')])
    .describe('Whether applications could do without keys; `unknown` when this identity cannot find out.'),
  endpoint: z
    .string()
    .exactOptional()
    .describe('Base URL of the data plane. Absent when the account could not be read, as `location` is.'),
  location: z.string().exactOptional().describe('Region of the account, or `global`.'),
  keys: z
    .strictObject({ key1: fingerprint, key2: fingerprint })
    .exactOptional()
    .describe('What both slots held; absent when they could not be read.'),
  findings: z.array(finding),
};

export const checkReport = z.strictObject({ account: z.string(), ...shape });

export const lastCheck = z.strictObject({
  ...shape,
  findings: z.array(
    finding.extend({ check: z.string().describe('A check stored by an earlier version may have other names.') }),
  ),
  at: instant.describe('When it began. The keys were read later than this.'),
  by: z.string(),
  reason: z.string().exactOptional(),
  isVaultSearched: z.boolean(),
});

export const checkPlan = z.strictObject({
  account: z.string(),
  calls: z.array(z.strictObject({ call: z.string(), count: count.describe('At most.') })).describe('In this order.'),
  total: count.describe('How many calls at most.'),
  others: z.string().describe('What the check means for applications.'),
});

export type CheckName = Answer<typeof checkName>;
export type Finding = Answer<typeof finding>;
export type CheckReport = Answer<typeof checkReport>;
export type LastCheck = Answer<typeof lastCheck>;
export type CheckPlan = Answer<typeof checkPlan>;
