// Campaigns and their members in the table of the records: each write is one transaction, each read one query.
// It must not decide or interpret.
import { randomUUID } from 'node:crypto';
import type { TransactionAction } from '@azure/data-tables';
import type { Campaign, CampaignId, MemberMove } from '../campaign/model.ts';
import type { CampaignsPort, StoredCampaign } from '../campaign/ports.ts';
import { RotationError } from '../rotation/errors.ts';
import type { ETag } from '../rotation/model.ts';
import { deadlineIn, FLEET_DEADLINE_MS } from './client-options.ts';
import {
  CAMPAIGNS_PREFIX,
  campaignDueRowOf,
  campaignKey,
  campaignRowOf,
  memberKey,
  memberPrefix,
  memberRowOf,
  readCampaignRow,
  readMemberRow,
} from './table-campaign-rows.ts';
import { createTable, type Table, type TableConnection } from './table-client.ts';
import { PARTITION, rowsUnder } from './table-keys.ts';
import type { Row } from './table-rows.ts';

export interface TableCampaignsDependencies {
  readonly connection: TableConnection;
  readonly tableName: string;
}

export function createTableCampaigns({ connection, tableName }: TableCampaignsDependencies): CampaignsPort {
  const table = createTable(connection, tableName);
  const deadline = () => deadlineIn(FLEET_DEADLINE_MS);
  return {
    async list() {
      const rows = await table.query('listCampaigns', rowsUnder(CAMPAIGNS_PREFIX), deadline());
      const stored = rows.map(storedOf).filter((entry): entry is StoredCampaign => entry !== undefined);
      return stored.sort((a, b) => b.campaign.at - a.campaign.at);
    },
    async read(id) {
      const row = await table.find('readCampaign', campaignKey(id), deadline());
      return row === undefined ? undefined : (storedOf(row) ?? unreadable('readCampaign'));
    },
    async insert(campaign) {
      const actions: TransactionAction[] = [
        ['create', campaignRowOf(campaign)],
        ['upsert', campaignDueRowOf(campaign), 'Replace'],
      ];
      try {
        await table.transact('insertCampaign', actions, deadline());
        return true;
      } catch (error) {
        if (error instanceof RotationError && error.providerCode === 'EntityAlreadyExists') return false;
        throw error;
      }
    },
    async write(campaign, expected, moves) {
      // Whose write it was, where the answer does not tell the ETag.
      const written = { ...campaignRowOf(campaign), writer: randomUUID() };
      const actions: TransactionAction[] = [
        ['update', written, 'Replace', { etag: expected }],
        dueAction(campaign),
        ...moves.flatMap((move) => memberActions(campaign.id, move)),
      ];
      const etag = await table.transact('write', actions, deadline());
      return etag ?? (await ownETag(table, campaign.id, written.writer));
    },
    async listMembers(id, { limit, ...query }) {
      const options = limit === undefined ? {} : { limit };
      const rows = await table.query('listMembers', rowsUnder(memberPrefix(id, query)), deadline(), options);
      return rows.map((row) => readMemberRow(row) ?? unreadable('listMembers'));
    },
  };
}

/** A campaign that is over is not written again. */
function dueAction(campaign: Campaign): TransactionAction {
  const row = campaignDueRowOf(campaign);
  const isOver = campaign.state === 'completed' || campaign.state === 'aborted';
  return isOver ? ['delete', { partitionKey: PARTITION, rowKey: row.rowKey }] : ['upsert', row, 'Replace'];
}

function storedOf(row: Row): StoredCampaign | undefined {
  const campaign = readCampaignRow(row);
  return campaign === undefined ? undefined : { campaign, etag: row['etag'] as ETag };
}

/** Taking out a row that is not there fails the transaction, and so does adding one that is. */
function memberActions(id: CampaignId, { was, now }: MemberMove): TransactionAction[] {
  const from = was === undefined ? undefined : memberKey(id, was);
  if (now !== undefined && from === memberKey(id, now)) return [['update', memberRowOf(id, now), 'Replace']];
  const removal: TransactionAction[] =
    from === undefined ? [] : [['delete', { partitionKey: PARTITION, rowKey: from }]];
  return now === undefined ? removal : [...removal, ['create', memberRowOf(id, now)]];
}

/** For services whose answer to a transaction lacks the ETag. */
async function ownETag(table: Table, id: CampaignId, writer: string): Promise<ETag> {
  const row = await table.find('write', campaignKey(id), deadlineIn(FLEET_DEADLINE_MS));
  if (row?.['writer'] === writer) return row['etag'] as ETag;
  throw new RotationError({
    code: 'LostRace',
    service: 'table',
    operation: 'write',
    message: 'The campaign was written by somebody else right after this write.',
  });
}

function unreadable(operation: string): never {
  throw new RotationError({
    code: 'RecordUnreadable',
    service: 'table',
    operation,
    message: 'The stored campaign cannot be understood by this version; look at its rows in the table.',
  });
}
