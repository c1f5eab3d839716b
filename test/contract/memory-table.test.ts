// The adapters on the table keep the contract on the table in memory as well: tests over years may trust it. What it
// refuses besides is what no adapter sends.
import { describe, expect, it } from 'vitest';
import { createMemoryPorts } from '../../local/azure/memory/memory-ports.ts';
import { MemoryTable } from '../../local/azure/memory/memory-table.ts';
import { createRealNature } from '../../local/azure/world/real-nature.ts';
import { World } from '../../local/azure/world/world.ts';
import { createTableCampaigns } from '../../src/azure/table/campaigns.ts';
import { createTableNotifications } from '../../src/azure/table/notifications.ts';
import { createTableRecords } from '../../src/azure/table/records.ts';
import { entityKey, hashOf, PARTITION } from '../../src/azure/table/rows/keys.ts';
import type { AccountId } from '../../src/rotation/model.ts';
import { buildAccount } from '../support/account.ts';
import { describeCampaignsContract } from './suites/campaigns.ts';
import { describeConfiguredContract } from './suites/configured.ts';
import type { MakeHarness } from './suites/harness.ts';
import { describeHistoryContract } from './suites/history.ts';
import { describeOutboxContract } from './suites/outbox.ts';
import { describePauseContract } from './suites/pause.ts';
import { describeRecordsContract } from './suites/records.ts';
import { describeRequestsContract } from './suites/requests.ts';
import { describeRetentionContract } from './suites/retention.ts';
import { describeStoreLimitsContract } from './suites/store-limits.ts';
import { change } from './suites/stored.ts';

const DEADLINE = { abortSignal: new AbortController().signal };

const tables = new WeakMap<object, MemoryTable>();
let queues = 0;

const makeHarness: MakeHarness = () => {
  const world = new World(createRealNature());
  const table = new MemoryTable();
  const account = buildAccount('language');
  const ports = { ...createMemoryPorts(world), records: createTableRecords({ table, isNotifying: true }) };
  tables.set(ports, table);
  return Promise.resolve({
    ports,
    account,
    world,
    putReference: () => undefined,
    corruptRecord: async () => {
      const row = { partitionKey: PARTITION, rowKey: entityKey(account), record: '{"phase":"unheardOf"}' };
      await table.transact('corrupt', [['update', row, 'Merge']], DEADLINE);
    },
  });
};

describeRecordsContract('on the table in memory', makeHarness);
describeHistoryContract('on the table in memory', makeHarness);
describeRequestsContract('on the table in memory', makeHarness);
describePauseContract('on the table in memory', makeHarness);
describeRetentionContract('on the table in memory', makeHarness);
describeConfiguredContract('on the table in memory', makeHarness);
describeStoreLimitsContract('on the table in memory', makeHarness);
const table = new MemoryTable();
const records = createTableRecords({ table, isNotifying: true });
describeCampaignsContract('on the table in memory', () => ({
  campaigns: createTableCampaigns({ table }),
  listDue: async (now) => (await records.listDue(now)).campaigns,
}));

describeOutboxContract('on the table in memory', async () => {
  const { ports, account } = await makeHarness();
  const outbox = createTableNotifications({ table: tables.get(ports) ?? new MemoryTable() });
  return {
    outbox,
    put: async (history) => {
      const own = { ...account, id: `${account.id}-${++queues}` as AccountId };
      await ports.records.write(own, undefined, change({ history }));
      return hashOf(own.id);
    },
  };
});

describe('the table in memory refuses', () => {
  const put = (value: unknown) =>
    new MemoryTable().upsert('put', { partitionKey: PARTITION, rowKey: 'x', value }, DEADLINE);

  it.each([
    ['an instant that is a plain number', 1_800_000_000_000],
    ['a number that JSON does not have', Number.NaN],
    ['an object', { at: 1 }],
    ['a Map', new Map([['a', 1]])],
  ])('%s as a column', async (_, value) => {
    await expect(put(value)).rejects.toMatchObject({ code: 'Misconfigured', status: 400 });
  });

  it('a filter that it does not understand, instead of finding nothing', async () => {
    await expect(new MemoryTable().query('find', "startswith(RowKey, 'a')", DEADLINE)).rejects.toMatchObject({
      code: 'Misconfigured',
    });
  });
});
