// Campaigns and their members in the table of the records: each write is one transaction, each read one query.
// It must not decide or interpret.
import { randomUUID } from 'node:crypto';
import type { TransactionAction } from '@azure/data-tables';
import type { CampaignList, CampaignsPort, StoredCampaign } from '../../fleet/campaign/ports.ts';
import type { Campaign, CampaignId, MemberMove } from '../../fleet/campaign/rules/model.ts';
import { RotationError } from '../../rotation/errors.ts';
import type { ETag } from '../../rotation/model.ts';
import { deadlineIn, FLEET_DEADLINE_MS } from '../client/client-options.ts';
import type { Table } from './client.ts';
import { ROWS_OF_A_TRANSACTION } from './limits.ts';
import { removalOf, removeRows } from './removal.ts';
import {
  CAMPAIGNS_PREFIX,
  campaignDueRowOf,
  campaignKey,
  campaignRowOf,
  memberKey,
  memberPrefix,
  memberRowOf,
  membersPrefix,
  readCampaignRow,
  readMemberRow,
} from './rows/campaign-rows.ts';
import type { Row } from './rows/columns.ts';
import { rowsUnder } from './rows/keys.ts';

/** The most that one `forget` sends, so that its caller does not wait long. */
const TRANSACTIONS_TO_FORGET = 50;

export function createTableCampaigns({ table }: { readonly table: Table }): CampaignsPort {
  const deadline = () => deadlineIn(FLEET_DEADLINE_MS);
  const listAll = async (): Promise<CampaignList> => {
    const rows = await table.query('listCampaigns', rowsUnder(CAMPAIGNS_PREFIX), deadline());
    const stored = rows.map(storedOf).filter((entry): entry is StoredCampaign => entry !== undefined);
    const isUnreadable = (row: Row): boolean => storedOf(row) === undefined;
    return {
      stored: stored.sort((a, b) => b.campaign.at - a.campaign.at || (a.campaign.id < b.campaign.id ? -1 : 1)),
      unreadable: rows.filter(isUnreadable).map(({ rowKey }) => rowKey.slice(CAMPAIGNS_PREFIX.length)),
    };
  };
  return {
    listAll,
    list: async () => (await listAll()).stored,
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
      // Identifies our write if the answer lacks the ETag.
      const written = { ...campaignRowOf(campaign), writer: randomUUID() };
      const actions: TransactionAction[] = [
        ['update', written, 'Replace', { etag: expected }],
        dueAction(campaign),
        ...moves.flatMap((move) => memberActions(campaign.id, move)),
      ];
      const etag = await table.transact('write', actions, deadline());
      return etag ?? (await ownETag(table, campaign.id, written.writer));
    },
    async forget(before) {
      const old = (await listAll()).stored.filter(({ campaign }) => isOver(campaign) && campaign.changed.at < before);
      let transactions = TRANSACTIONS_TO_FORGET;
      for (const [index, { campaign }] of old.entries()) {
        const options = { select: ['rowKey'], limit: transactions * ROWS_OF_A_TRANSACTION };
        const rows = await table.query('listMembers', rowsUnder(membersPrefix(campaign.id)), deadline(), options);
        const keys = rows.map(({ rowKey }) => rowKey);
        // The campaign's own row goes last: while it is there, the next call finds the remaining rows.
        if (keys.length < options.limit) keys.push(campaignKey(campaign.id));
        await removeRows(table, 'forgetCampaign', keys, deadline);
        transactions -= Math.ceil(keys.length / ROWS_OF_A_TRANSACTION);
        if (transactions <= 0) return keys.at(-1) === campaignKey(campaign.id) ? index + 1 : index;
      }
      return old.length;
    },
    async listMembers(id, { limit, ...query }) {
      const options = limit === undefined ? {} : { limit };
      const rows = await table.query('listMembers', rowsUnder(memberPrefix(id, query)), deadline(), options);
      return rows.map((row) => readMemberRow(row) ?? unreadable('listMembers'));
    },
  };
}

/** Removes the due row of a campaign that is over. This happens once: such a campaign is not written again. */
function dueAction(campaign: Campaign): TransactionAction {
  const row = campaignDueRowOf(campaign);
  return isOver(campaign) ? removalOf(row.rowKey) : ['upsert', row, 'Replace'];
}

function isOver({ state }: Campaign): boolean {
  return state === 'completed' || state === 'aborted';
}

function storedOf(row: Row): StoredCampaign | undefined {
  const campaign = readCampaignRow(row);
  return campaign === undefined ? undefined : { campaign, etag: row['etag'] as ETag };
}

/** The transaction fails if it removes a missing row or adds an existing one. */
function memberActions(id: CampaignId, { was, now }: MemberMove): TransactionAction[] {
  const from = was === undefined ? undefined : memberKey(id, was);
  if (now !== undefined && from === memberKey(id, now)) return [['update', memberRowOf(id, now), 'Replace']];
  const removal = from === undefined ? [] : [removalOf(from)];
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
    message: 'Another writer changed the campaign right after this write.',
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
