// The shape of the service's own health. It must not judge anything.
import * as z from 'zod';
import { type Answer, count, instant } from '../../base/answer.ts';
import { accountSummary } from './account.ts';

const notedAccounts = z.strictObject({
  count: count.describe('May exceed the number of accounts that are named.'),
  accounts: z.array(accountSummary.pick({ account: true, reason: true, failures: true, lastPassAt: true })),
});

export const healthReport = z.strictObject({
  isHealthy: z.boolean(),
  timer: z.strictObject({
    isLate: z.boolean(),
    lastTickAt: instant.exactOptional(),
    intervalSeconds: count.exactOptional().describe('The median time between the last ticks.'),
    detail: z.string(),
    remedy: z.string().exactOptional(),
  }),
  accounts: count,
  isFrozen: z.boolean(),
  overdue: notedAccounts,
  blocked: notedAccounts,
  failing: notedAccounts,
  configurationProblems: count.describe('Accounts and policies that are left out or ignored; GET accounts names them.'),
  deadNotifications: count.describe('Notifications that were given up; at most 1,000 are counted.'),
});

export type NotedAccounts = Answer<typeof notedAccounts>;
export type HealthReport = Answer<typeof healthReport>;
