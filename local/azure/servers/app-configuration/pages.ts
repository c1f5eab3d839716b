// The pages of every list: order, continuation, ETag of a page, `304` for an unchanged one.
import { createHash } from 'node:crypto';
import type { KeyValueState } from '../../world/key-value.ts';
import type { Answer, WireCall } from '../http.ts';
import { configurationAnswer, keyValueBody, problem, type SyncTokens } from './answers.ts';
import { conditionOf, invalid, type Refusal, selectOf } from './query.ts';

const PAGE_SIZE = 100;

/** The place of an item in its list, which is in this order. */
type Place = readonly [name: string, label: string, number: number];

export interface Item {
  readonly place: Place;
  readonly etag: string;
  body(select: readonly string[] | undefined): object;
}

/** `number` orders the revisions of one key-value. */
export function itemOf(entry: KeyValueState, number: number): Item {
  const { key, label, etag } = entry;
  return { place: [key, label ?? '', number], etag, body: (select) => keyValueBody(entry, select) };
}

export function pageOf(call: WireCall, items: readonly Item[], contentType: string, syncTokens: SyncTokens): Answer {
  const after = afterOf(call);
  if ('refusal' in after) return problem(after.refusal);
  const matching = items.filter(after.isBehind).sort((a, b) => comparePlaces(a.place, b.place));
  const page = matching.slice(0, PAGE_SIZE);
  const last = page.at(-1);
  const next = last !== undefined && matching.length > page.length ? nextLink(call, last.place) : undefined;
  const digest = createHash('sha256').update(page.map((item) => item.etag).join('\n'));
  const etag = digest.digest('base64url');
  const headers = { etag: `"${etag}"`, ...(next === undefined ? {} : { link: `<${next}>; rel="next"` }) };
  const { ifNoneMatch, ifMatch } = conditionOf(call);
  if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== etag) return { status: 412, headers: {} };
  const select = selectOf(call);
  const body = {
    items: page.map((item) => item.body(select)),
    etag,
    ...(next === undefined ? {} : { '@nextLink': next }),
  };
  return configurationAnswer(syncTokens, ifNoneMatch === etag ? 304 : 200, body, contentType, headers);
}

/** `after` comes last, because the SDK cannot read it at the front of a query. */
function nextLink(call: WireCall, last: Place): string {
  const query = new URLSearchParams({ 'api-version': call.query.get('api-version') ?? '' });
  for (const name of ['key', 'label', 'name', '$Select', 'tags']) {
    for (const value of call.query.all(name)) query.append(name, value);
  }
  query.append('after', Buffer.from(JSON.stringify(last)).toString('base64url'));
  return `${call.path}?${query.toString()}`;
}

function comparePlaces(a: Place, b: Place): number {
  for (const index of [0, 1, 2] as const) {
    if (a[index] !== b[index]) return a[index] < b[index] ? -1 : 1;
  }
  return 0;
}

function placeOf(token: string): Place | undefined {
  try {
    const place: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (!Array.isArray(place)) return undefined;
    const [name, label, number] = place as unknown[];
    const isPlace = typeof name === 'string' && typeof label === 'string' && typeof number === 'number';
    return isPlace ? [name, label, number] : undefined;
  } catch {
    return undefined;
  }
}

/** A predicate for the items after the last page's end. */
function afterOf(call: WireCall): { readonly isBehind: (item: { readonly place: Place }) => boolean } | Refusal {
  const token = call.query.get('after');
  if (token === undefined) return { isBehind: () => true };
  const end = placeOf(token);
  if (end === undefined) return { refusal: invalid('after', 'The continuation token is invalid.') };
  return { isBehind: ({ place }) => comparePlaces(place, end) > 0 };
}
