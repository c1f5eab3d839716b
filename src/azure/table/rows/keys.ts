// The keys of an account's rows in the table. One partition, so that one transaction can hold all of an account's rows.
// It must not know their content.
//
//   a|H|0            the entity: record, lease, when to look again    r|H|<id>                 a request, open or closed
//   a|H|req|<id>     an open request                                  h|H|<newest first>       history
//   a|H|ack|<name>   a consumer's acknowledgement                     o|H|<oldest first>       notifications to send
//   a|H|pause        the pause, if any                                x|H|<oldest first>       notifications given up
//   a|H|holders      resources that hold a key of the account
//   d|H              an account found by its tag                      a|discovery              changes with the d| rows
//   d|names          names of subscriptions                           d|failures               subscriptions not searched
//   a|ticks          the timer's notes                                k|H                      last connectivity check
//   n|N|H            an account of this ARM name                      s|<hash>                 last search of a vault
//
// H is a hash of the account's id, and N one of its ARM name. An <id> or a <name> comes from outside. `rowKey` makes every key and escapes every
// part of it, so no name becomes the key of another row.
// One query over `a|H|` reads everything that a pass needs. One query over `a|` finds the due rows of the whole fleet,
// and the row of the timer, which is always due.
import { hash } from 'node:crypto';
import type { Account, AccountId, RequestId } from '../../../rotation/model.ts';

export const PARTITION = 'rotation';

/** A row key holds at most 512 characters; a name gets this many. */
const NAME_MAXIMUM = 256;

/** The only maker of row keys. Fixed words, hashes and numbers of fixed length stay as they are. */
export function rowKey(...parts: readonly string[]): string {
  return parts.map(escaped).join('|');
}

/** The beginning of all keys whose first parts these are, for `rowsUnder`. */
export function rowPrefix(...parts: readonly string[]): `${string}|` {
  return `${rowKey(...parts)}|`;
}

/**
 * A name from outside as a part of a key. Names of letters, digits, dots, hyphens and underscores, as the HTTP API
 * takes them, stay as they are. Any other character becomes `~` and its four hex digits. A very long name becomes `~~`
 * and its hash.
 */
function escaped(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9._-]/gu, hexOf);
  return safe.length <= NAME_MAXIMUM ? safe : `~~${hash('sha256', safe, 'hex')}`;
}

/** Two code units if the character has two. */
function hexOf(character: string): string {
  return [...Array(character.length).keys()]
    .map((unit) => `~${character.charCodeAt(unit).toString(16).padStart(4, '0')}`)
    .join('');
}

/** An ARM id holds characters that a row key may not hold, so keys use its hash. The entity holds the full id. */
export function hashOf(accountId: AccountId): string {
  return hash('sha256', accountId, 'hex').slice(0, 32);
}

export function entityKey({ id }: Account): string {
  return entityKeyOf(id);
}

export function entityKeyOf(id: AccountId): string {
  return rowKey('a', hashOf(id), '0');
}

/** Among the accounts' rows, so that the query for due rows sees it. No hash has these letters. */
export const TICKS_KEY = rowKey('a', 'ticks');
export const DISCOVERY_KEY = rowKey('a', 'discovery');
export const FAILURES_KEY = rowKey('d', 'failures');
export const NAMES_KEY = rowKey('d', 'names');

export function discoveredKey(id: AccountId): string {
  return rowKey('d', hashOf(id));
}

const ENTITY_KEY = /^a\|[0-9a-f]{32}\|0$/;

export function isEntityKey(key: string): boolean {
  return ENTITY_KEY.test(key);
}

export function openRequestKey({ id }: Account, request: RequestId): string {
  return rowKey('a', hashOf(id), 'req', request);
}

export function requestKey({ id }: Account, request: RequestId): string {
  return rowKey('r', hashOf(id), request);
}

export function acknowledgementKey({ id }: Account, consumer: string): string {
  return rowKey('a', hashOf(id), 'ack', consumer);
}

export function pauseKey({ id }: Account): string {
  return rowKey('a', hashOf(id), 'pause');
}

/** Among the rows of the account, so that the query for due rows finds it. */
export function holdersKey({ id }: Pick<Account, 'id'>): string {
  return rowKey('a', hashOf(id), 'holders');
}

/** One query under the prefix finds every account of the name, in all subscriptions and resource groups. */
export function nameKey({ id }: Pick<Account, 'id'>): string {
  return `${namePrefix({ name: id.slice(id.lastIndexOf('/') + 1) })}${hashOf(id)}`;
}

/** Azure Resource Manager compares names without regard to case. */
export function namePrefix({ name }: Pick<Account, 'name'>): `${string}|` {
  return rowPrefix('n', hash('sha256', name.toLowerCase(), 'hex').slice(0, 32));
}

/** Outside the rows that passes read: a check is for people, and no pass should pay for it. */
export function checkKey({ id }: Pick<Account, 'id'>): string {
  return rowKey('k', hashOf(id));
}

export const SEARCHES_PREFIX = rowPrefix('s');

/** When the secrets of a vault were last searched. */
export function searchKey(vaultUrl: string): string {
  return rowKey('s', hash('sha256', vaultUrl.toLowerCase().replace(/\/+$/, ''), 'hex').slice(0, 32));
}

/** Distinguishes the rows of one write from those of another write in the same millisecond. */
export type WriteName = { readonly revision: number } | { readonly unique: string };

const LATEST = 9_999_999_999_999;
const TIME_DIGITS = 13;
const ORDER_DIGITS = 10;
const ORDER_MAXIMUM = 9_999_999_999;

/** Sorts the newest first: later instants, later writes and later lines of one write come before earlier ones. */
export function historyKey({ id }: Account, at: number, write: WriteName, index: number): string {
  const order = 'revision' in write ? padded(ORDER_MAXIMUM - write.revision, ORDER_DIGITS) : `x${write.unique}`;
  return rowKey('h', hashOf(id), padded(LATEST - at, TIME_DIGITS), order, padded(999 - index, 3));
}

/** The part of a history row's key that the next page needs: everything after the account. */
export function historyPosition({ id }: Account, key: string): string {
  return key.slice(rowPrefix('h', hashOf(id)).length);
}

/** OData condition for the account's history, older than the line at `position`. */
export function historyAfter({ id }: Account, position: string | undefined): string {
  const prefix = rowPrefix('h', hashOf(id));
  if (position === undefined) return rowsUnder(prefix);
  const quoted = `${prefix}${position}`.replaceAll("'", "''");
  return `${rowsUnder(prefix)} and RowKey gt '${quoted}'`;
}

/** OData condition for the account's history from before `before`. */
export function historyBefore(id: AccountId, before: number): string {
  const prefix = rowPrefix('h', hashOf(id));
  // In ASCII `}` follows `|`, and so do all lines of earlier instants.
  return `${rowsUnder(prefix)} and RowKey gt '${prefix}${padded(LATEST - before, TIME_DIGITS)}}'`;
}

/** Sorts the oldest first. */
export function notificationKey({ id }: Account, at: number, write: WriteName, index: number): string {
  const order = 'revision' in write ? padded(write.revision, ORDER_DIGITS) : `x${write.unique}`;
  return rowKey('o', hashOf(id), padded(at, TIME_DIGITS), order, padded(index, 3));
}

/** The notifications of one account are one queue. */
export function notificationQueue(key: string): string {
  return key.split('|')[1] ?? '';
}

/** The key of a notification that was given up. */
export function deadNotificationKey(key: string): string {
  return `x${key.slice(1)}`;
}

/** When the event of a notification happened, in milliseconds; undefined when the key does not say. */
export function notificationAt(key: string): number | undefined {
  const at = key.split('|')[2] ?? '';
  return at.length === TIME_DIGITS && /^\d+$/.test(at) ? Number(at) : undefined;
}

/** OData condition for all rows whose key begins with `prefix`, which must end with `|`. In ASCII `}` follows `|`. */
export function rowsUnder(prefix: `${string}|`): string {
  return `PartitionKey eq '${PARTITION}' and RowKey ge '${prefix}' and RowKey lt '${prefix.slice(0, -1)}}'`;
}

function padded(value: number, digits: number): string {
  return String(Math.max(0, Math.round(value))).padStart(digits, '0');
}
