// Each bound of the HTTP API is reached: what is at the bound is taken, and what is beyond it is not.
import { readFileSync } from 'node:fs';
import { HttpRequest } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { newestEmergencies } from '../../../src/azure/table/rows/request-rows.ts';
import { BOUNDS } from '../../../src/base/bounds.ts';
import { campaignViewOf, planViewOf } from '../../../src/fleet/campaign/view.ts';
import { authorize } from '../../../src/http/authorize.ts';
import { validationBody } from '../../../src/http/contract/bulk-schemas.ts';
import { campaignBody } from '../../../src/http/contract/campaign-schemas.ts';
import {
  acknowledgementBody,
  fleetQuery,
  idempotencyKey,
  operationBody,
  pageQuery,
} from '../../../src/http/contract/schemas.ts';
import { readBody } from '../../../src/http/guard.ts';
import { approveMany } from '../../../src/operators/bulk/approve.ts';
import { planCheck } from '../../../src/operators/check/plan.ts';
import { ask } from '../../../src/operators/requests/ask.ts';
import { healthOf } from '../../../src/operators/status/health.ts';
import { buildCampaign } from '../../contract/suites/campaigns.ts';
import { buildAccount } from '../../support/account.ts';
import { MemoryStage } from '../memory-stage.ts';
import { principal } from './principal.ts';

const letters = (count: number) => `${'x '.repeat(count).slice(0, count - 1)}y`;
const numbered = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));

/** Taken with `most`, refused with one more. */
function taken(schema: z.ZodType, most: number, valueOf: (count: number) => unknown): void {
  expect(schema.safeParse(valueOf(most)).success).toBe(true);
  expect(schema.safeParse(valueOf(most + 1)).success).toBe(false);
}

const bodyOf = (characters: number) => {
  const string = '{"reason":"r"}'.padEnd(characters);
  return readBody(new HttpRequest({ url: 'https://x.example/', method: 'POST', body: { string } }), operationBody);
};
const ringsOf = (count: number) => ({
  reason: 'r',
  filter: {},
  rings: numbered(count, (index) => (index === count - 1 ? { percent: 100 } : { count: 1 })),
});
const members = numbered(150, (index) => ({ alias: `a-${index}`, ring: 0, reason: 'Overdue', endedAt: 1 }));

/** A bound without a test does not compile. */
const REACHED: Readonly<Record<keyof typeof BOUNDS, () => void | Promise<void>>> = {
  bodyCharacters: async () => {
    expect(await bodyOf(16_384)).toMatchObject({ reason: 'r' });
    await expect(bodyOf(16_385)).rejects.toMatchObject({ kind: 'body-too-large' });
  },
  reasonCharacters: () => taken(operationBody, 500, (count) => ({ reason: letters(count) })),
  idempotencyKeyCharacters: () => taken(idempotencyKey, 64, (count) => 'k'.repeat(count)),
  consumerNameCharacters: () =>
    taken(acknowledgementBody, 64, (count) => ({ consumer: 'c'.repeat(count), version: '0'.repeat(32) })),
  searchCharacters: () => {
    taken(fleetQuery, 200, (count) => ({ search: letters(count) }));
    taken(campaignBody, 200, (count) => ({ reason: 'r', filter: { search: letters(count) } }));
  },
  callerNameCharacters: () => {
    const headers = new Headers(principal({ roles: ['Rotation.Read'], name: 'n'.repeat(200) }));
    const doorway = { authorization: 'entra', environment: { WEBSITE_AUTH_ENABLED: 'True' } } as const;
    const { by } = authorize(doorway, headers, 'Rotation.Read');
    expect(by).toBe('n'.repeat(128));
  },
  pageEntries: () => taken(pageQuery, 1_000, (count) => ({ limit: String(count) })),
  openEmergencies: async () => {
    const stage = new MemoryStage();
    const account = await stage.adopt('alpha');
    const leak = (overlapMs: number) => {
      const wish = { kind: 'compromised', named: 'key2', reason: 'leaked', overlapMs } as const;
      return ask(stage.app, { account, wish, by: 'x' });
    };
    for (const index of numbered(50, (count) => count)) await leak(index);
    await expect(leak(50)).rejects.toMatchObject({ kind: 'not-now', extensions: { reason: 'TooManyOpenRequests' } });
    expect(await leak(49)).toMatchObject({ isRepeated: true });
  },
  emergenciesCompared: () => {
    const requests = numbered(25, (at) => ({ id: String(at), at }) as never);
    expect(newestEmergencies(requests)).toHaveLength(20);
  },
  campaignRings: () => taken(campaignBody, 20, ringsOf),
  ringNameCharacters: () =>
    taken(campaignBody, 40, (count) => ({
      reason: 'r',
      filter: {},
      rings: [{ name: letters(count), percent: 100 }],
    })),
  campaignFailuresShown: async () => {
    const listMembers = (_: unknown, { limit = 0 }: { limit?: number }) => Promise.resolve(members.slice(0, limit));
    const counts = { open: 0, inFlight: 0, published: 0, done: 0, failed: 150 };
    const rings = [{ name: 'all', total: 150, counts, joined: 0, forgiven: 0 }];
    const parts = { campaigns: { listMembers } } as never;
    const { failures } = await campaignViewOf(parts, { ...buildCampaign('c'), rings });
    expect(failures).toHaveLength(100);
  },
  planAccountsShown: () => {
    const planned = { members, rings: [{ name: 'all', total: 150 }], subscriptions: [], skipped: {} };
    expect(planViewOf(planned as never).rings[0]?.accounts).toHaveLength(20);
  },
  healthAccountsNamed: async () => {
    const stage = new MemoryStage();
    const accounts = numbered(120, (index) => buildAccount(`a-${index}`));
    const rows = accounts.map(({ id }) => ({
      accountId: id,
      record: { state: 'absent' },
      nextObservationAt: 0,
      lastPass: { at: 0, reason: 'SecretDisabled', isBlocked: true, since: 0, failures: 0 },
    }));
    const records = { listTicks: () => Promise.resolve([]), listStatus: () => Promise.resolve(rows) };
    const fleet = () => Promise.resolve({ accounts, problems: [], notices: [], isFrozen: false });
    const { blocked } = await healthOf({ ...stage.app, fleet, ports: { records } } as never);
    expect(blocked.count).toBe(120);
    expect(blocked.accounts).toHaveLength(100);
  },
  documentsValidated: () =>
    taken(validationBody, 50, (count) => ({ documents: numbered(count, () => ({ alias: 'a', document: {} })) })),
  approvalsAtOnce: async () => {
    const stage = new MemoryStage();
    const accounts = numbered(120, (index) => buildAccount(`a-${String(index).padStart(3, '0')}`));
    const rows = accounts.map(({ id }) => ({
      accountId: id,
      record: { state: 'absent' },
      lastPass: { at: 0, reason: 'StandbyMayBeInUse', isBlocked: true, since: 0, failures: 0 },
    }));
    const fleet = () => Promise.resolve({ accounts });
    const parts = { ...stage.app, fleet, ports: { records: { listStatus: () => Promise.resolve(rows) } } } as never;
    const wish = { filter: {}, reason: 'r', by: 'x', after: undefined, isDryRun: true };
    const page = await approveMany(parts, wish, () => undefined);
    expect({ total: page.total, next: page.next, shown: page.accounts.length }).toEqual({
      total: 120,
      next: 'a-099',
      shown: 100,
    });
    expect((await approveMany(parts, { ...wish, after: 'a-099' }, () => undefined)).accounts).toHaveLength(20);
  },
  vaultSecretsSearched: () => {
    const { calls } = planCheck(buildAccount('a'), { isVaultSearched: true });
    expect(calls).toContainEqual({ call: 'Key Vault: get the newest version of each other secret', count: 500 });
  },
};

describe('the bound', () => {
  it.each(Object.entries(REACHED))('%s is reached, and not passed', async (_, reach) => {
    await reach();
  });
});

it('docs/http-api.md has a row for each bound, with its value', () => {
  const guide = readFileSync(new URL('../../../docs/http-api.md', import.meta.url), 'utf8');
  const rows = [...guide.matchAll(/^\| `(\w+)` \| ([\d,]+) \| [a-z`]/gm)].map(([, name = '', value = '']) => [
    name,
    Number(value.replaceAll(',', '')),
  ]);
  expect(Object.fromEntries(rows.filter(([name]) => name !== 'internal'))).toMatchObject(BOUNDS);
});
