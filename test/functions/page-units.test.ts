// What the page makes of what it is told, without a browser: order, ages, rotations out of a history, polling.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { publicationsOf, regeneratedAt, rotationsOf } from '../../src/page/account/rotations.ts';
import { Api } from '../../src/page/api.ts';
import { linesOf } from '../../src/page/fleet/arrange.ts';
import { askFleet } from '../../src/page/fleet/ask-fleet.ts';
import { countsOf, intervalOf, matchingOf, NO_FILTER, standingOf } from '../../src/page/fleet/fleet.ts';
import { startPoll } from '../../src/page/poll.ts';
import { milliseconds, relativeText, shareText, spanText, utcText } from '../../src/page/time.ts';
import type { AccountSummary, HistoryLine } from '../../src/page/types.ts';
import type { Slot } from '../../src/rotation/model.ts';

const NOW = Date.parse('2031-05-31T12:00:00Z');
const adopted: AccountSummary = {
  account: 'shop',
  resourceId: '/subscriptions/s-1/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/shop',
  policy: 'default',
  rotationIntervalSeconds: 2_592_000,
  phase: 'idle',
  phaseSince: '2031-05-19T12:00:00Z',
  nextRotationAt: '2031-06-18T12:00:00Z',
  isBlocked: false,
  failures: 0,
  isOverdue: false,
};
const usual: AccountSummary = { ...adopted, last: { rotationId: 4, outcome: 'completed' } };

describe('the list', () => {
  const accounts: AccountSummary[] = [
    { ...usual, account: 'idle' },
    { ...usual, account: 'rotating', phase: 'retiring' },
    { ...usual, account: 'overdue', isOverdue: true },
    { ...usual, account: 'failing', failures: 2, policy: 'strict' },
    { ...usual, account: 'paused', reason: 'Paused' },
    { ...usual, account: 'blocked', isBlocked: true, isOverdue: true },
    { ...usual, account: 'broken', phase: 'unreadable', isBlocked: true },
  ];
  const names = (filter: object) =>
    linesOf(matchingOf(accounts, { ...NO_FILTER, ...filter }), 'need', 'none').map((line) =>
      line.kind === 'account' ? line.account.account : line.name,
    );
  it('begins with what needs somebody', () => {
    expect(names({})).toEqual(['blocked', 'broken', 'overdue', 'failing', 'rotating', 'paused', 'idle']);
  });
  it('is filtered by each thing and by all together', () => {
    expect(names({ policy: 'strict' })).toEqual(['failing']);
    expect(names({ phase: 'retiring' })).toEqual(['rotating']);
    expect(names({ subscription: 's-2' })).toEqual([]);
    expect(names({ search: ' BLOCK ' })).toEqual(['blocked']);
    expect(names({ standing: 'failing', search: 'blocked' })).toEqual([]);
    expect(names({ standing: 'overdue' })).toEqual(['blocked', 'overdue']);
  });
  it('calls a paused account held, unless it is blocked', () => {
    expect(standingOf({ ...usual, reason: 'Paused' })).toBe('held');
    expect(standingOf({ ...usual, reason: 'Paused', isBlocked: true })).toBe('blocked');
  });
});

describe('the time since the last rotation', () => {
  it.each([
    ['2031-05-19T12:00:00Z', '2031-06-18T12:00:00Z', { share: 0.4, tone: 'good', word: '' }],
    ['2031-05-06T12:00:00Z', '2031-06-05T12:00:00Z', { share: 25 / 30, tone: 'warn', word: 'due soon' }],
    ['2031-05-01T12:00:00Z', '2031-05-31T12:00:00Z', { share: 1, tone: 'warn', word: 'due' }],
    // Older than the interval, but the spread of due dates has moved the next rotation to the day after.
    ['2031-05-01T12:00:00Z', '2031-06-01T12:00:00Z', { share: 30 / 31, tone: 'warn', word: 'due soon' }],
  ])('since %s, next %s', (phaseSince, nextRotationAt, expected) => {
    expect(intervalOf({ ...usual, phaseSince, nextRotationAt }, NOW)).toMatchObject(expected);
  });
  it('is bad when overdue, and not told while the account rotates', () => {
    expect(intervalOf({ ...usual, isOverdue: true }, NOW)).toMatchObject({ tone: 'bad', word: 'overdue' });
    expect(intervalOf({ ...usual, phase: 'preparing' }, NOW)).toBeUndefined();
  });
  it('is not known of a key that this service has not renewed', () => {
    expect(intervalOf(adopted, NOW)).toEqual({ isKnown: false, why: 'never renewed by this service' });
    const rolledBack = { ...usual, last: { rotationId: 1, outcome: 'rolledBack' as const } };
    expect(intervalOf(rolledBack, NOW)).toEqual({ isKnown: false, why: 'the last rotation was rolled back' });
  });
});

describe('the counts', () => {
  it('are facts: an account that is blocked and overdue counts as both, as in the health of the service', () => {
    const both = { ...usual, isBlocked: true, isOverdue: true };
    const failing = { ...usual, failures: 3, interruptedBlock: 'SecretNotRecognised' };
    expect(Object.fromEntries(countsOf([usual, both, failing]))).toEqual({
      idle: 1,
      blocked: 2,
      overdue: 1,
      failing: 1,
    });
  });
});

describe('spans and instants', () => {
  it.each([
    [45_000, '45 secs'],
    [119_000, '119 secs'],
    [120_000, '2 mins'],
    [47 * 3_600_000, '47 hrs'],
    [12 * 86_400_000, '12 days'],
  ])('%d ms is %s', (ms, text) => expect(spanText(ms, 'en-GB')).toBe(text));
  it('are shares in the unit of the whole', () => {
    expect(shareText(12.9 * 86_400_000, 30 * 86_400_000, 'en')).toBe('12 of 30 days');
    expect(shareText(5 * 3_600_000, 7 * 86_400_000 - 1, 'en')).toBe('0.2 of 7 days');
    expect(shareText(5 * 3_600_000, 7 * 86_400_000, 'de')).toBe('0,2 of 7 Tage');
  });
  it('are told from now', () => {
    expect(relativeText(NOW + 3 * 86_400_000, NOW, 'en')).toBe('in 3 days');
    expect(relativeText(NOW - 300_000, NOW, 'en')).toBe('5 min. ago');
    expect(milliseconds(1_234, 'de')).toBe('1.234 ms');
    expect(utcText(NOW)).toBe('2031-05-31 12:00:00 UTC');
  });
});

describe('the history', () => {
  const line = (day: string, kind: HistoryLine['kind'], rotationId: number, slot?: Slot) => ({
    at: `2031-05-${day}T00:00:00Z`,
    kind,
    rotationId,
    ...(slot === undefined ? {} : { slot }),
  });
  const history = [
    line('09', 'RotationStarted', 2, 'key1'),
    line('08', 'Paused', 1),
    line('07', 'RotationCompleted', 1, 'key1'),
    line('06', 'RetireStarted', 1, 'key1'),
    line('04', 'Published', 1, 'key2'),
    line('03', 'RotationStarted', 1, 'key2'),
    line('02', 'Repaired', 0, 'key1'),
    line('01', 'Adopted', 0, 'key1'),
  ];
  it('holds rotations with the beginning of each phase', () => {
    expect(rotationsOf(history)).toEqual([
      { id: 2, isEmergency: false, startedAt: Date.parse('2031-05-09') },
      {
        id: 1,
        isEmergency: false,
        isProven: false,
        startedAt: Date.parse('2031-05-03'),
        publishedAt: Date.parse('2031-05-04'),
        retiringAt: Date.parse('2031-05-06'),
        completedAt: Date.parse('2031-05-07'),
      },
    ]);
  });
  it('tells when each slot got its value, and which was published when', () => {
    expect(regeneratedAt(history, 'key1')).toBe(Date.parse('2031-05-09'));
    expect(regeneratedAt(history, 'key2')).toBe(Date.parse('2031-05-03'));
    expect(regeneratedAt(history.slice(6), 'key1')).toBeUndefined();
    expect(regeneratedAt([line('10', 'KeySacrificed', 2, 'key2'), ...history], 'key2')).toBe(Date.parse('2031-05-10'));
    expect(publicationsOf(history)).toEqual([
      { at: Date.parse('2031-05-01'), slot: 'key1' },
      { at: Date.parse('2031-05-04'), slot: 'key2' },
    ]);
  });
});

describe('polling', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  it('backs off while there is no answer, and is quick again after one', async () => {
    let isGood = false;
    const at: number[] = [];
    const began = Date.now();
    const poll = startPoll({
      ask: () => {
        at.push((Date.now() - began) / 1_000);
        return Promise.resolve(isGood);
      },
      onAnswer: () => undefined,
      isGood: (good) => good,
      pauseMs: () => 3_000,
      isHidden: () => false,
    });
    await vi.advanceTimersByTimeAsync(100_000);
    expect(at).toEqual([0, 1, 3, 7, 15, 31, 61, 91]);
    isGood = true;
    await vi.advanceTimersByTimeAsync(28_000);
    expect(at.slice(8)).toEqual([121, 124, 127]);
    poll.stop();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(at).toHaveLength(11);
  });
  it('is slow while hidden, and asks again at once when asked to, also behind a question on its way', async () => {
    let asked = 0;
    const ask = async () => {
      asked++;
      await new Promise((resolve) => setTimeout(resolve, 500));
    };
    const rest = { onAnswer: () => undefined, isGood: () => true, pauseMs: () => 1_000, isHidden: () => true };
    const poll = startPoll({ ask, ...rest });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(asked).toBe(1);
    poll.now();
    poll.now();
    await vi.advanceTimersByTimeAsync(1_100);
    expect(asked).toBe(3);
    poll.stop();
  });
});

describe('the API', () => {
  const answering = (...answers: readonly Response[]) => {
    const left = [...answers];
    const asked: { url: string; headers: Headers }[] = [];
    const api = new Api('./', (url, init) => {
      asked.push({ url: url as string, headers: new Headers(init?.headers) });
      const answer = left.shift();
      return answer === undefined ? Promise.reject(new TypeError('network')) : Promise.resolve(answer);
    });
    return { api, asked };
  };
  const json = (body: unknown, status = 200, type = 'application/json') =>
    new Response(JSON.stringify(body), { status, headers: { 'Content-Type': type } });

  it('keeps a key to a header', async () => {
    const { api, asked } = answering(json({}));
    api.useKey('k-1');
    await api.get('accounts');
    expect(asked[0]?.url).toBe('./accounts');
    expect([...(asked[0]?.headers ?? [])]).toEqual([
      ['x-functions-key', 'k-1'],
      ['x-requested-with', 'status-page'],
    ]);
  });
  it('tells problems, strangers and silence apart', async () => {
    const problem = { title: 'T', detail: 'D', remedy: 'R', status: 409 };
    const { api } = answering(
      json(problem, 409, 'application/problem+json'),
      new Response(null, { status: 401 }),
      new Response('gateway', { status: 502 }),
      new Response('{"cut', { status: 200 }),
    );
    const kinds = [await api.get('a'), await api.get('a'), await api.get('a'), await api.get('a'), await api.get('a')];
    expect(kinds).toEqual([
      { ok: false, failure: { kind: 'problem', problem } },
      { ok: false, failure: { kind: 'signIn' } },
      { ok: false, failure: { kind: 'unreachable' } },
      { ok: false, failure: { kind: 'unreachable' } },
      { ok: false, failure: { kind: 'unreachable' } },
    ]);
  });
  it('gathers all pages of the fleet, and does without campaigns', async () => {
    const page = (account: string, next?: string) =>
      json({
        accounts: [{ account }],
        total: 2,
        isFrozen: false,
        problems: [],
        ...(next === undefined ? {} : { next }),
      });
    const { api, asked } = answering(json({ title: 'no' }, 404), page('a', 'YQ'), page('b'));
    expect(await askFleet(api)).toMatchObject({
      ok: true,
      value: { accounts: [{ account: 'a' }, { account: 'b' }], campaigns: [] },
    });
    expect(asked.map(({ url }) => url)).toEqual([
      './campaigns?limit=5',
      './accounts?limit=1000',
      './accounts?limit=1000&after=YQ',
    ]);
  });
});
