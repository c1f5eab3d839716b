// The limits of Azure Tables, applied in memory as well. Operations are counted at each write. Rows are made and
// measured only where they could be too large, because a simulation writes millions of small ones.
import { insertRequestActions, pauseActions, writeActions } from '../../../src/azure/table/actions.ts';
import {
  charactersAtMost,
  operationsOfHistory,
  operationsOfWrite,
  requireFitting,
  requireFittingRow,
  requireOperations,
  TEXT_MAXIMUM,
} from '../../../src/azure/table/limits.ts';
import { campaignRowOf, operationsOfMoves } from '../../../src/azure/table/rows/campaign-rows.ts';
import { acknowledgementRowOf } from '../../../src/azure/table/rows/rows.ts';
import type { Campaign, MemberMove } from '../../../src/fleet/campaign/rules/model.ts';
import { NOTIFIED } from '../../../src/notify/names.ts';
import type { PauseChange } from '../../../src/operators/ports.ts';
import type { Account, Acknowledgement, ETag, Pause, Request } from '../../../src/rotation/model.ts';
import type { HistoryEntry, RecordWrite } from '../../../src/rotation/ports.ts';

/** True when all parts together fit into one column; then each part fits. */
function isSmall(...parts: readonly unknown[]): boolean {
  return parts.reduce<number>((sum, part) => sum + charactersAtMost(part), 0) <= TEXT_MAXIMUM;
}

export function requireWriteFits(account: Account, expected: ETag | undefined, change: RecordWrite): void {
  requireOperations('write', operationsOfWrite(change, NOTIFIED));
  const { record, lastPass } = change.entity;
  if (!isSmall(record, lastPass, change.history)) {
    requireFitting('write', writeActions(account, expected, change, NOTIFIED));
  }
}

export function requireRequestFits(account: Account, request: Request, history: readonly HistoryEntry[]): void {
  requireOperations('insertRequest', 2 + operationsOfHistory(history, NOTIFIED));
  if (isSmall(request, history)) return;
  requireFitting('insertRequest', insertRequestActions(account, request, history, NOTIFIED));
}

export function requirePauseFits(account: Account, pause: Pause | undefined, change: PauseChange): void {
  const isTouched = change.stored.etag !== undefined && !change.isEntityKept;
  requireOperations('setPause', (isTouched ? 2 : 1) + operationsOfHistory(change.history, NOTIFIED));
  if (isSmall(pause, change.history)) return;
  requireFitting('setPause', pauseActions(account, pause, change, { notified: NOTIFIED, unique: 'measured' }));
}

export function requireAcknowledgementFits(account: Account, acknowledgement: Acknowledgement): void {
  if (!isSmall(acknowledgement)) requireFittingRow('acknowledge', acknowledgementRowOf(account, acknowledgement));
}

export function requireCampaignFits(operation: string, campaign: Campaign, moves: readonly MemberMove[]): void {
  requireOperations(operation, 2 + operationsOfMoves(moves));
  if (!isSmall(campaign)) requireFittingRow(operation, campaignRowOf(campaign));
}
