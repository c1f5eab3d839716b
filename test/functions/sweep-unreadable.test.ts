import { expect, it } from 'vitest';
import { sweep } from '../../src/fleet/sweep.ts';

it('a record that cannot be understood stays', async () => {
  const DAY = 86_400_000;
  const now = 1000 * DAY;
  const forgotten: string[] = [];
  const row = {
    accountId: 'a',
    record: { state: 'unreadable', detail: 'x' },
    nextObservationAt: 0,
    lastPass: { at: 0, since: 0, reason: 'NotConfigured', isBlocked: false, failures: 0 },
  };
  const parts = {
    ports: {
      records: {
        listStatus: async () => [row],
        forgetAccount: async (id: string) => (forgotten.push(id), 1),
        forgetOld: async () => 0,
      },
    },
    campaigns: { forget: async () => 0 },
    checks: { forgetSearches: async () => 0 },
    clock: { now: () => now },
  } as never;
  await sweep(parts, { accounts: [] } as never, { begunAt: now - 8 * DAY }, () => undefined);
  expect(forgotten).toEqual([]);
});
