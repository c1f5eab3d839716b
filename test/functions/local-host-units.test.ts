// The parts of the local host that need no process: routes, schedules, timers, settings.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InvocationOutcome } from '../../local/host/app/invoke.ts';
import { isSubMinute, parseSchedule } from '../../local/host/listeners/ncrontab.ts';
import { compileRoute } from '../../local/host/listeners/route.ts';
import { type ScheduleStatus, TimerListener, type TimerOptions } from '../../local/host/listeners/timer.ts';
import { expandSettings } from '../../local/host/settings.ts';
import { parseTimeSpan } from '../../local/host/time-span.ts';

describe('a route', () => {
  it('takes parameters from the path and decodes them', () => {
    const route = compileRoute('api', 'accounts/{account}/rotate');
    expect(route('/api/accounts/my%20account/rotate')).toEqual({ account: 'my account' });
    expect(route('/api/accounts/a/rotate/')).toEqual({ account: 'a' });
  });

  it('matches literals without regard to case, but keeps the case of values', () => {
    expect(compileRoute('api', 'accounts/{account}')('/API/Accounts/Speech')).toEqual({ account: 'Speech' });
  });

  it('does not match a path that is longer, shorter or elsewhere', () => {
    const route = compileRoute('api', 'accounts/{account}');
    expect(route('/api/accounts')).toBeUndefined();
    expect(route('/api/accounts/a/b')).toBeUndefined();
    expect(route('/accounts/a')).toBeUndefined();
    expect(route('/api//accounts/a')).toBeUndefined();
    expect(route('/api/accounts/')).toBeUndefined();
  });

  it('lets an optional parameter be missing and gives a default for one that has it', () => {
    const optional = compileRoute('api', 'accounts/{account?}');
    expect(optional('/api/accounts')).toEqual({});
    expect(optional('/api/accounts/a')).toEqual({ account: 'a' });
    expect(compileRoute('api', 'pages/{page=first}')('/api/pages')).toEqual({ page: 'first' });
  });

  it('holds a value to the constraints it knows and tolerates the others', () => {
    const typed = compileRoute('api', 'items/{id:int}');
    expect(typed('/api/items/12')).toEqual({ id: '12' });
    expect(typed('/api/items/twelve')).toBeUndefined();
    expect(compileRoute('api', 'items/{id:int?}')('/api/items')).toEqual({});
    expect(compileRoute('api', 'items/{id:minlength(9)}')('/api/items/x')).toEqual({ id: 'x' });
  });

  it('gives a catch-all the rest of the path', () => {
    expect(compileRoute('api', 'files/{*path}')('/api/files/a/b%20c')).toEqual({ path: 'a/b c' });
    expect(compileRoute('', '{**path}')('/')).toEqual({});
  });

  it('refuses a segment that it would misread', () => {
    expect(() => compileRoute('api', 'accounts/{account}.json')).toThrow(/mixes text and parameter/);
    expect(() => compileRoute('api', 'accounts/{}')).toThrow(/names no parameter/);
  });
});

const at = (text: string) => Date.parse(text);
const NOW = at('2026-11-24T10:00:00Z');

/** The next `count` occurrences after NOW as ISO texts. */
function occurrences(expression: string, count: number): string[] {
  const schedule = parseSchedule(expression);
  const found: string[] = [];
  for (let from = NOW; found.length < count; ) {
    const next = schedule?.next(from);
    if (next === undefined) break;
    found.push(new Date(next).toISOString());
    from = next;
  }
  return found;
}

describe('an NCRONTAB schedule', () => {
  it('reads six fields, seconds first, in UTC', () => {
    expect(occurrences('0 */5 * * * *', 2)).toEqual(['2026-11-24T10:05:00.000Z', '2026-11-24T10:10:00.000Z']);
    expect(occurrences('30 15 3 * * *', 1)).toEqual(['2026-11-25T03:15:30.000Z']);
  });

  it('wants day of month and day of week both, not one of them', () => {
    expect(occurrences('0 0 0 13 * 5', 2)).toEqual(['2027-08-13T00:00:00.000Z', '2028-10-13T00:00:00.000Z']);
  });

  it('reads names, short or long, lists, ranges and steps', () => {
    expect(occurrences('0 0 9 * * Mon-Fri', 4)).toEqual([
      '2026-11-25T09:00:00.000Z',
      '2026-11-26T09:00:00.000Z',
      '2026-11-27T09:00:00.000Z',
      '2026-11-30T09:00:00.000Z',
    ]);
    expect(occurrences('0 0 0 1 January,jul *', 2)).toEqual(['2027-01-01T00:00:00.000Z', '2027-07-01T00:00:00.000Z']);
    expect(occurrences('0 50/5 10 * * *', 3)).toEqual([
      '2026-11-24T10:50:00.000Z',
      '2026-11-24T10:55:00.000Z',
      '2026-11-25T10:50:00.000Z',
    ]);
  });

  it.each([
    '*/5 * * * *',
    '0 0 0 * * * 2027',
    '@daily',
    '0 0 0 L * *',
    '0 0 0 * * 5#2',
    '0 0 0 * * 7',
    '60 * * * * *',
    '0 */0 * * * *',
    '0 0 22-2 * * *',
    '',
    'soon',
  ])('refuses what NCRONTAB does not know: %j', (expression) => {
    expect(parseSchedule(expression)).toBeUndefined();
  });

  it('finds no occurrence of a day that does not exist', () => {
    expect(occurrences('0 0 0 31 2 *', 1)).toEqual([]);
  });

  it('reads a time span as a period', () => {
    expect(occurrences('00:00:30', 2)).toEqual(['2026-11-24T10:00:30.000Z', '2026-11-24T10:01:00.000Z']);
  });

  it('knows schedules below one minute', () => {
    const isShort = (text: string) => isSubMinute(parseSchedule(text) ?? expect.fail(text), NOW);
    expect(isShort('*/30 * * * * *')).toBe(true);
    expect(isShort('00:00:59')).toBe(true);
    expect(isShort('0 * * * * *')).toBe(false);
    expect(isShort('00:01:00')).toBe(false);
  });
});

describe('a time span', () => {
  it.each([
    ['00:10:00', 600_000],
    ['1.02:00:00', 93_600_000],
    ['00:00:00.5', 500],
    ['05:30', 19_800_000],
    ['2', 172_800_000],
    // .NET reads hours above 23 as days.
    ['24:00:00', 2_073_600_000],
    ['00:60:00', undefined],
    ['1:2:3:4', undefined],
    ['PT5M', undefined],
  ])('%s is %s ms', (text, expected) => {
    expect(parseTimeSpan(text)).toBe(expected);
  });
});

describe('settings in a text', () => {
  it('are put in, and the first that has no value is named', () => {
    expect(expandSettings('%A% and %B%', { A: '1', B: '2' })).toEqual({ isResolved: true, text: '1 and 2' });
    expect(expandSettings('%A% %B%', { A: '1' })).toEqual({ isResolved: false, missing: 'B' });
    expect(expandSettings('%A%', { A: '' })).toEqual({ isResolved: false, missing: 'A' });
    expect(expandSettings('0 * * * * *', {})).toEqual({ isResolved: true, text: '0 * * * * *' });
  });
});

interface SeenRun {
  readonly at: string;
  readonly isPastDue: boolean;
  readonly status: unknown;
}

describe('a timer', () => {
  let runs: SeenRun[];
  let store: Map<string, ScheduleStatus>;
  let durationMs: number;

  beforeEach(() => {
    vi.useFakeTimers({ now: NOW });
    runs = [];
    store = new Map();
    durationMs = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  async function run(json: string): Promise<InvocationOutcome> {
    const payload = JSON.parse(json) as { IsPastDue: boolean; ScheduleStatus: unknown };
    runs.push({
      at: new Date().toISOString().slice(11, 19),
      isPastDue: payload.IsPastDue,
      status: payload.ScheduleStatus,
    });
    await new Promise((resolve) => setTimeout(resolve, durationMs));
    return { status: 'failed', error: new Error('ignored') };
  }

  async function start(expression: string, more: Partial<TimerOptions> = {}): Promise<TimerListener> {
    const timer = new TimerListener({
      name: 'reconcile',
      schedule: parseSchedule(expression) ?? expect.fail(expression),
      useMonitor: true,
      runOnStartup: false,
      store,
      run: (payload) => run(payload.json ?? ''),
      ...more,
    });
    await timer.start();
    return timer;
  }

  const times = () => runs.map((seen) => seen.at);

  it('fires at each occurrence, also when the function fails', async () => {
    await start('*/2 * * * * *');
    await vi.advanceTimersByTimeAsync(6_500);
    expect(times()).toEqual(['10:00:02', '10:00:04', '10:00:06']);
  });

  it('runs one invocation at a time and makes up for missed occurrences by one', async () => {
    durationMs = 4_500;
    await start('*/2 * * * * *');
    await vi.advanceTimersByTimeAsync(12_000);
    // Due at 2, over at 6.5: what was missed at 4 and 6 is one run, at once.
    expect(times()).toEqual(['10:00:02', '10:00:06', '10:00:11']);
    expect(runs.some((seen) => seen.isPastDue)).toBe(false);
  });

  it('hands over its status, with .NET words for never', async () => {
    await start('0 */5 * * * *');
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(runs.map((seen) => seen.status)).toEqual([
      { Last: '0001-01-01T00:00:00', Next: '2026-11-24T10:05:00.000+00:00', LastUpdated: '0001-01-01T00:00:00' },
      {
        Last: '2026-11-24T10:05:00.000+00:00',
        Next: '2026-11-24T10:10:00.000+00:00',
        LastUpdated: '2026-11-24T10:05:00.000+00:00',
      },
    ]);
  });

  it('hands over no status when it is due more often than once a minute', async () => {
    await start('*/30 * * * * *');
    await vi.advanceTimersByTimeAsync(30_000);
    expect(runs).toEqual([{ at: '10:00:30', isPastDue: false, status: null }]);
    expect(store.size).toBe(0);
  });

  it('runs once at start, as past due, when an occurrence was missed while nobody ran', async () => {
    store.set('reconcile', {
      last: at('2026-11-24T09:00:00Z'),
      next: at('2026-11-24T09:05:00Z'),
      lastUpdated: at('2026-11-24T09:00:00Z'),
    });
    await start('0 */5 * * * *', { runOnStartup: true });
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    expect(runs.map(({ at: time, isPastDue }) => [time, isPastDue])).toEqual([
      ['10:00:00', true],
      ['10:05:00', false],
    ]);
  });

  it('runs at start when told to', async () => {
    await start('0 0 3 * * *', { runOnStartup: true });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(times()).toEqual(['10:00:00']);
  });

  it('waits longer than one timer of Node can', async () => {
    await start('0 0 0 1 1 *');
    await vi.advanceTimersByTimeAsync(at('2026-12-31T23:59:59Z') - NOW);
    expect(times()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(times()).toEqual(['00:00:00']);
  });

  it('begins nothing after a stop, which waits for the run under way', async () => {
    durationMs = 5_000;
    const timer = await start('*/2 * * * * *');
    await vi.advanceTimersByTimeAsync(3_000);
    let isStopped = false;
    const stopping = timer.stop().then(() => {
      isStopped = true;
    });
    await vi.advanceTimersByTimeAsync(3_900);
    expect(isStopped).toBe(false);
    await vi.advanceTimersByTimeAsync(60_000);
    await stopping;
    expect(times()).toEqual(['10:00:02']);
  });
});
