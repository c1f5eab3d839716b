// What a look at a large campaign reads: never the whole fleet.
import { expect, it } from 'vitest';
import { MemoryCampaigns } from '../../local/azure/memory/memory-campaigns.ts';
import { MemoryRecords } from '../../local/azure/memory/memory-records.ts';
import { advance } from '../../src/fleet/campaign/advance.ts';
import { enrol, storeCampaign } from '../../src/fleet/campaign/create.ts';
import type { CampaignId } from '../../src/fleet/campaign/rules/model.ts';
import { type CampaignWork, Turn } from '../../src/fleet/campaign/turn.ts';
import type { Account, AccountAlias, AccountId, ETag, IdleRecord } from '../../src/rotation/model.ts';
import { buildCampaign } from '../contract/suites/campaigns.ts';
import { buildAccount } from '../support/account.ts';

const ID = 'large' as CampaignId;
const idle = { phase: 'idle', rotationId: 1, rotatedAt: 0, jitterMs: 0 } as unknown as IdleRecord;

it('reads those in flight and those that may start, of ten thousand in ten subscriptions', async () => {
  let etags = 0;
  const records = new MemoryRecords(() => String(++etags));
  const store = new MemoryCampaigns();
  const accounts = Array.from({ length: 10_000 }, (_, index): Account => {
    const subscriptionId = `subscription-${index % 10}`;
    const id = `/subscriptions/${subscriptionId}/${index}` as AccountId;
    const account = buildAccount(`a-${index}`, { id, subscriptionId, alias: `a-${index}` as AccountAlias });
    Object.assign(records.rowsOf(id), { etag: '"1"' as ETag, entity: { ...records.rowsOf(id).entity, record: idle } });
    return account;
  });
  const read = { members: 0, queries: 0, accounts: 0, writes: 0 };
  const work: CampaignWork = {
    accounts: () => Promise.resolve(accounts),
    campaigns: {
      list: () => store.list(),
      listAll: () => store.listAll(),
      forget: (before) => store.forget(before),
      read: (id) => store.read(id),
      insert: (campaign) => store.insert(campaign),
      write: (...args) => {
        read.writes++;
        return store.write(...args);
      },
      listMembers: async (...args) => {
        const members = await store.listMembers(...args);
        read.queries++;
        read.members += members.length;
        return members;
      },
    },
    records: {
      read: (account) => {
        read.accounts++;
        return records.read(account);
      },
      listStatus: () => records.listStatus(),
      insertRequest: (...args) => records.insertRequest(...args),
    },
    clock: { now: () => 0 },
    concurrency: 8,
    log: () => undefined,
    pass: () => Promise.resolve(),
    startsAllowed: () => Number.POSITIVE_INFINITY,
    sleep: () => Promise.resolve(),
  };
  const { wish } = buildCampaign('x');
  const everybody = { ...wish, filter: {}, rings: [{ percent: 100 }], perVault: 1_000 };
  await storeCampaign(work, { id: ID, wish: everybody, by: 'me' });
  const stored = await store.read(ID);
  if (stored === undefined) throw new Error('The campaign was not stored.');
  const whole = await enrol(work, stored, accounts);
  // 103 transactions of 98 additions, and the one that lets it run.
  expect(read.writes).toBe(104);

  Object.assign(read, { members: 0, queries: 0, accounts: 0, writes: 0 });
  const turn = new Turn(work, whole, accounts);
  await advance(turn, 1);
  expect(turn.campaign.rings[0]?.counts).toEqual({ open: 9_920, inFlight: 80, published: 0, done: 0, failed: 0 });
  // Eighty may start; each is read before it is noted and before it is asked, and once more in the round after.
  expect(read).toEqual({ members: 160, queries: 12, accounts: 240, writes: 2 });

  Object.assign(read, { members: 0, queries: 0, accounts: 0, writes: 0 });
  await advance(turn, 1);
  expect(read).toEqual({ members: 80, queries: 1, accounts: 80, writes: 0 });
});
