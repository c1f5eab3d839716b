// Where rows stand: whatever a request, a consumer or a campaign is called, no row takes the place of another.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { campaignDueRowOf, campaignKey, memberKey, memberPrefix } from '../../src/azure/table/rows/campaign-rows.ts';
import {
  acknowledgementKey,
  checkKey,
  DISCOVERY_KEY,
  deadNotificationKey,
  discoveredKey,
  entityKey,
  FAILURES_KEY,
  hashOf,
  historyKey,
  isEntityKey,
  notificationKey,
  openRequestKey,
  pauseKey,
  requestKey,
  rowPrefix,
  rowsUnder,
  searchKey,
  TICKS_KEY,
} from '../../src/azure/table/rows/keys.ts';
import { openRequestRowOf } from '../../src/azure/table/rows/request-rows.ts';
import { acknowledgementRowOf, entityRowOf, pauseRowOf, readAccountRows } from '../../src/azure/table/rows/rows.ts';
import { type CampaignId, type Member, requestIdOf } from '../../src/fleet/campaign/rules/model.ts';
import { idempotencyKey } from '../../src/http/contract/schemas.ts';
import type { AccountAlias, RequestId } from '../../src/rotation/model.ts';
import { buildAccount } from '../support/account.ts';
import { buildCampaign } from './suites/campaigns.ts';
import { COMPROMISED, entity } from './suites/stored.ts';

const ACCOUNTS = [buildAccount('one'), buildAccount('two')] as const;
const [ONE] = ACCOUNTS;
/** The hash of the first account's id: every caller can compute it. */
const HASH = 'f357a2a4f7cde8096aeb2bccca1674a4';

const AT = 1_900_000_000_000;

/** Names that look like other keys, names of odd characters, and long names that differ at their ends. */
const name = fc.oneof(
  fc.constantFrom(
    ...['', '0', '|0', 'a|b', 'req|x', 'ack|0', 'pause', '~', '~~', '~0041', 'A', 'x|998', `a|${HASH}|0`, '1|999'],
    ...['ticks', 'run', 'campaign', 'a/b', '\\', '#', '?', "'", '\u0000', '\u0085', '\ud800', '\udfff', '\u{1f511}'],
  ),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('|', '0', '~', 'a', '9') }),
  fc.nat(9).map((last) => `${'n'.repeat(300)}${last}`),
  fc.nat(9).map((last) => `${'|'.repeat(300)}${last}`),
);
/** A URL holds no half of a character: in a hash each half would be the same. */
const url = name.map((text) => text.replaceAll(/\p{Surrogate}/gu, '?'));
const account = fc.constantFrom(...ACCOUNTS);
const at = fc.constantFrom(0, AT, AT + 1);
const index = fc.constantFrom(0, 1, 99);
const write = fc.oneof(
  name.map((unique) => ({ unique })),
  fc.constantFrom(0, 1, 9_999_999_999).map((revision) => ({ revision })),
);

const memberOf = (subscription: string): Member => ({
  accountId: ONE.id,
  alias: 'one' as AccountAlias,
  subscription,
  ring: 0,
  state: 'open',
});

/** Whether the table's query for `prefix` returns the row. */
function isUnder(prefix: `${string}|`, key: string): boolean {
  const [, from = '', to = ''] = /RowKey ge '(.*)' and RowKey lt '(.*)'$/.exec(rowsUnder(prefix)) ?? [];
  return from !== '' && key >= from && key < to;
}

interface Place {
  /** What the row is of; two places are one row exactly if these are equal. */
  readonly of: readonly unknown[];
  readonly key: string;
}

const place: fc.Arbitrary<Place> = fc.oneof(
  fc.constantFrom(TICKS_KEY, DISCOVERY_KEY, FAILURES_KEY).map((key) => ({ of: [key], key })),
  account.map((of) => ({ of: ['entity', of.id], key: entityKey(of) })),
  account.map((of) => ({ of: ['pause', of.id], key: pauseKey(of) })),
  account.map((of) => ({ of: ['check', of.id], key: checkKey(of) })),
  url.map((vaultUrl) => ({ of: ['search', vaultUrl.toLowerCase().replace(/\/+$/, '')], key: searchKey(vaultUrl) })),
  account.map((of) => ({ of: ['discovered', of.id], key: discoveredKey(of.id) })),
  fc.tuple(account, name).map(([of, id]) => ({ of: ['open', of.id, id], key: openRequestKey(of, id as RequestId) })),
  fc.tuple(account, name).map(([of, id]) => ({ of: ['request', of.id, id], key: requestKey(of, id as RequestId) })),
  fc.tuple(account, name).map(([of, id]) => ({ of: ['consumer', of.id, id], key: acknowledgementKey(of, id) })),
  fc
    .tuple(account, at, write, index)
    .map(([of, ...rest]) => ({ of: ['line', of.id, ...rest], key: historyKey(of, ...rest) })),
  fc
    .tuple(account, at, write, index)
    .map(([of, ...rest]) => ({ of: ['told', of.id, ...rest], key: notificationKey(of, ...rest) })),
  fc
    .tuple(account, at, write, index)
    .map(([of, ...rest]) => ({ of: ['dead', of.id, ...rest], key: deadNotificationKey(notificationKey(of, ...rest)) })),
  name.map((id) => ({ of: ['campaign', id], key: campaignKey(id as CampaignId) })),
  name.map((id) => ({ of: ['run', id], key: campaignDueRowOf(buildCampaign(id)).rowKey })),
  fc.tuple(name, name).map(([id, subscription]) => ({
    of: ['member', id, subscription],
    key: memberKey(id as CampaignId, memberOf(subscription)),
  })),
);

describe('the keys of the table', () => {
  test('are those of the rows that are stored already', () => {
    expect(entityKey(ONE)).toBe('a|f357a2a4f7cde8096aeb2bccca1674a4|0');
    const request = 'Request-1-campaign-7f' as RequestId;
    expect(openRequestKey(ONE, request)).toBe('a|f357a2a4f7cde8096aeb2bccca1674a4|req|Request-1-campaign-7f');
    expect(requestKey(ONE, request)).toBe('r|f357a2a4f7cde8096aeb2bccca1674a4|Request-1-campaign-7f');
    expect(requestKey(ONE, '0' as RequestId)).toBe('r|f357a2a4f7cde8096aeb2bccca1674a4|0');
    expect(acknowledgementKey(ONE, 'Shop_2.web')).toBe('a|f357a2a4f7cde8096aeb2bccca1674a4|ack|Shop_2.web');
    expect(campaignKey('0a1b2c' as CampaignId)).toBe('c|0a1b2c');
    expect(memberPrefix('0a1b2c' as CampaignId, { state: 'open', ring: 3, subscription: '1111-22' })).toBe(
      'm|0a1b2c|open|003|1111-22|',
    );
    expect(historyKey(ONE, 1_900_000_000_000, { unique: 'request-1' }, 2)).toBe(
      'h|f357a2a4f7cde8096aeb2bccca1674a4|8099999999999|xrequest-1|997',
    );
  });

  test('no two different things have one key, whatever they are called', () => {
    fc.assert(
      fc.property(fc.array(place, { minLength: 2, maxLength: 40 }), (places) => {
        const named = new Map<string, string>();
        for (const { of, key } of places) {
          const what = JSON.stringify(of);
          expect(named.get(key) ?? what).toBe(what);
          named.set(key, what);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('a key of an entity is recognised, and no other is taken for one', () => {
    fc.assert(
      fc.property(place, ({ of, key }) => {
        expect(isEntityKey(key)).toBe(of[0] === 'entity');
      }),
      { numRuns: 2_000 },
    );
  });

  test('every key is one that the table takes', () => {
    fc.assert(
      fc.property(place, ({ key }) => {
        expect(key.length).toBeLessThanOrEqual(512);
        expect(key).toMatch(/^[A-Za-z0-9._|~-]+$/);
      }),
      { numRuns: 2_000 },
    );
  });

  test('a member lies under the prefix of its campaign, and under that of no other', () => {
    fc.assert(
      fc.property(name, name, (mine, other) => {
        const key = memberKey(mine as CampaignId, memberOf('s'));
        const prefix = memberPrefix(other as CampaignId, { state: 'open' });
        expect(key.startsWith(prefix)).toBe(mine === other);
      }),
    );
  });

  test('a row lies in the range of its own account and kind, and in no other', () => {
    fc.assert(
      fc.property(place, account, ({ of: [kind, ofAccount], key }, other) => {
        const ranges = [
          ['a', ['entity', 'pause', 'open', 'consumer']],
          ['r', ['request']],
          ['h', ['line']],
          ['o', ['told']],
          ['x', ['dead']],
        ] as const;
        for (const [letter, kinds] of ranges) {
          const isMine = ofAccount === other.id && kinds.some((own) => own === kind);
          expect(isUnder(rowPrefix(letter, hashOf(other.id)), key)).toBe(isMine);
        }
        expect(isUnder('c|', key)).toBe(kind === 'campaign');
      }),
      { numRuns: 2_000 },
    );
  });

  test('no name of a request or a consumer makes its account unreadable, and each is read as it was given', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 8 }), (given) => {
        const names = given.filter((entry) => entry !== '');
        const stored = [
          ...names.map((id) => openRequestRowOf(ONE, { ...COMPROMISED, id: id as RequestId })),
          ...names.map((consumer) => acknowledgementRowOf(ONE, { consumer, version: 'v' as never, at: AT })),
          entityRowOf(ONE, entity()),
          pauseRowOf(ONE, undefined),
        ];
        const rows = new Map(stored.map((row) => [row.rowKey, row]));
        const under = [...rows.values()].filter(({ rowKey }) => isUnder(rowPrefix('a', HASH), rowKey));
        const read = readAccountRows(ONE, under);
        expect(read.record.state).toBe('present');
        expect(read.requests.map(({ id }) => id)).toEqual(names);
        expect(read.acknowledgements.map(({ consumer }) => consumer)).toEqual(names);
      }),
      { numRuns: 500 },
    );
  });

  test('no idempotency key is the id of the request of a campaign', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]{1,40}$/), (campaign) => {
        expect(idempotencyKey.safeParse(requestIdOf(campaign as CampaignId)).success).toBe(false);
      }),
    );
  });
});
