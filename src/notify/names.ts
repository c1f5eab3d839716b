// The lines of the history of which people are notified, and the names of their events. The record's transaction writes
// a row for exactly these lines: nothing else waits in the outbox. It must not know how an event looks or travels.

import type { HistoryDraft } from '../rotation/history.ts';
import type { AccountId } from '../rotation/model.ts';
import type { HistoryEntry } from '../rotation/ports.ts';

/** Names of events; docs/notifications.md has a row for each. All but one are kinds of lines of the history. */
export const EVENT_NAMES = [
  'RotationStarted',
  'RotationCompleted',
  'Blocked',
  'Unblocked',
  'Repaired',
  'RolledBack',
  'Requested',
  'CompromisedRequested',
  'KeyReplaced',
  'KeySacrificed',
  'RequestClosed',
] as const;

export type EventName = (typeof EVENT_NAMES)[number];

/** The kinds of lines that become notifications; the other lines stay in the history only. */
export const NOTIFIED: ReadonlySet<HistoryDraft['kind']> = new Set(
  EVENT_NAMES.filter((name) => name !== 'CompromisedRequested'),
);

export const TYPE_PREFIX = 'AiServicesKeyRotation.';

/** How the history begins the reason of a request that names a leaked value. */
const COMPROMISED = 'compromised:';

/** The name of the event for a line of the history; undefined if such lines do not become notifications. */
export function eventNameOf({ kind, reason }: Pick<HistoryDraft, 'kind' | 'reason'>): EventName | undefined {
  // A leaked key must be recognisable by the type alone: receivers route and page on it.
  if (kind === 'Requested' && reason?.startsWith(COMPROMISED) === true) return 'CompromisedRequested';
  return EVENT_NAMES.find((name) => name === kind);
}

/** A line of an account's history of which people are notified. */
export interface NotedLine {
  readonly accountId: AccountId;
  readonly entry: HistoryEntry;
}
