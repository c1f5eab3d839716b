// When windows are open: over the days on which clocks change, over midnight, around blackouts, minute by minute.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCalendar } from '../../src/config/policies/calendar.ts';
import type { Blackout, PolicyWindow } from '../../src/config/policies/window.ts';
import type { WindowState } from '../../src/rotation/model.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function calendar(
  windows: readonly PolicyWindow[],
  blackouts: readonly Blackout[] = [],
): (instant: number) => WindowState {
  const read = readCalendar({
    windows: [...windows],
    blackouts: [...blackouts],
    rotationInterval: 90 * DAY,
    settle: 170_000,
  });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.windowAt;
}

/** The stretches in which `windowAt` is open, found by asking every minute and by nothing else. */
function openStretches(windowAt: (instant: number) => WindowState, from: string, to: string): readonly string[] {
  const stretches: string[] = [];
  let openedAt: string | undefined;
  const label = (instant: number): string => new Date(instant).toISOString().slice(0, 16);
  for (let instant = Date.parse(from); instant <= Date.parse(to); instant += MINUTE) {
    const { isOpen } = windowAt(instant);
    if (isOpen && openedAt === undefined) openedAt = label(instant);
    if (!isOpen && openedAt !== undefined) {
      stretches.push(`${openedAt} ${label(instant)}`);
      openedAt = undefined;
    }
  }
  return stretches;
}

describe('a window where clocks change', () => {
  const rows: readonly (readonly [
    what: string,
    start: string,
    hours: number,
    zone: string,
    day: string,
    open: string,
  ])[] = [
    ['starts right after a gap that skips it', '30 2 * * *', 1, 'Europe/Zurich', '2026-03-29', '01:00 02:00'],
    ['starts as ever when the gap comes later', '0 1 * * *', 2, 'Europe/Zurich', '2026-03-29', '00:00 02:00'],
    ['lasts as long over the gap', '0 22 * * *', 5, 'Europe/Zurich', '2026-03-28', '21:00 02:00'],
    ['starts once when its hour comes twice', '30 2 * * *', 0.5, 'Europe/Zurich', '2026-10-25', '00:30 01:00'],
    ['lasts as long over the hour that comes twice', '0 22 * * *', 5, 'Europe/Zurich', '2026-10-24', '20:00 01:00'],
    ['starts right after a gap in New York', '30 2 * * *', 1, 'America/New_York', '2026-03-08', '07:00 08:00'],
    ['starts once in New York', '30 1 * * *', 0.5, 'America/New_York', '2026-11-01', '05:30 06:00'],
    ['starts after a gap of half an hour', '15 2 * * *', 1, 'Australia/Lord_Howe', '2026-10-03', '15:30 16:30'],
    [
      'starts once in half an hour that comes twice',
      '45 1 * * *',
      0.25,
      'Australia/Lord_Howe',
      '2026-04-04',
      '14:45 15:00',
    ],
    ['starts when a day begins at one', '0 0 * * *', 1, 'Africa/Cairo', '2026-04-23', '22:00 23:00'],
    ['knows no change in UTC', '30 2 * * *', 1, 'UTC', '2026-03-29', '02:30 03:30'],
  ];
  it.each(rows)('%s: %s for %d h in %s', (_what, start, hours, timeZone, day, open) => {
    const windowAt = calendar([{ start, duration: hours * HOUR, timeZone }]);
    const noon = Date.parse(`${day}T12:00:00Z`);
    const [opens = '', closes = ''] = open.split(' ');
    // Whatever lies before noon belongs to the day itself, the evening stretches to the next one.
    const isEvening = opens > '12:00';
    const from = new Date(isEvening ? noon : noon - DAY / 2).toISOString();
    const to = new Date(isEvening ? noon + 23 * HOUR : noon).toISOString();
    const closingDay = closes < opens ? new Date(noon + DAY).toISOString().slice(0, 10) : day;
    expect(openStretches(windowAt, from, to)).toEqual([`${day}T${opens} ${closingDay}T${closes}`]);
  });

  it('with a list of hours is treated like one with a single hour', () => {
    const windowAt = calendar([{ start: '30 2,14 * * *', duration: HOUR, timeZone: 'Europe/Zurich' }]);
    expect(openStretches(windowAt, '2026-03-29T00:00Z', '2026-03-29T20:00Z')).toEqual([
      '2026-03-29T01:00 2026-03-29T02:00',
      '2026-03-29T12:30 2026-03-29T13:30',
    ]);
  });
});

describe('a window', () => {
  it('crosses midnight, on the days named for its start', () => {
    const windowAt = calendar([{ start: '0 22 * * FRI,sat', duration: 4 * HOUR, timeZone: 'Europe/Zurich' }]);
    expect(openStretches(windowAt, '2026-07-01T00:00Z', '2026-07-08T00:00Z')).toEqual([
      '2026-07-03T20:00 2026-07-04T00:00',
      '2026-07-04T20:00 2026-07-05T00:00',
    ]);
  });
  it('knows names of months, and the nth day of a week', () => {
    const start = '0 3 * JAN,mar-DEC TUE#2';
    const windowAt = calendar([{ start, duration: HOUR, timeZone: 'UTC' }]);
    const opening = (day: string) => ({ isOpen: false, opensAt: Date.parse(`${day}T03:00:00Z`) });
    expect(windowAt(Date.parse('2026-01-01T00:00Z'))).toEqual(opening('2026-01-13'));
    expect(windowAt(Date.parse('2026-01-14T00:00Z'))).toEqual(opening('2026-03-10'));
    expect(windowAt(Date.parse('2026-03-11T00:00Z'))).toEqual(opening('2026-04-14'));
  });
  it('is open from its first millisecond to before its last', () => {
    const windowAt = calendar([{ start: '0 22 * * *', duration: HOUR, timeZone: 'UTC' }]);
    const opensAt = Date.parse('2026-07-01T22:00:00Z');
    expect(windowAt(opensAt - 1)).toEqual({ isOpen: false, opensAt });
    expect(windowAt(opensAt)).toEqual({ isOpen: true });
    expect(windowAt(opensAt + HOUR - 1)).toEqual({ isOpen: true });
    expect(windowAt(opensAt + HOUR)).toEqual({ isOpen: false, opensAt: opensAt + DAY });
  });
  it('merges with one that overlaps it', () => {
    const windowAt = calendar([
      { start: '0 1 * * *', duration: 2 * HOUR, timeZone: 'UTC' },
      { start: '0 2 * * *', duration: 3 * HOUR, timeZone: 'UTC' },
    ]);
    expect(openStretches(windowAt, '2026-07-01T00:00Z', '2026-07-01T12:00Z')).toEqual([
      '2026-07-01T01:00 2026-07-01T05:00',
    ]);
  });
});

describe('a blackout', () => {
  const nightly: PolicyWindow = { start: '0 23 * * *', duration: 2 * HOUR, timeZone: 'Europe/Zurich' };

  it('takes whole local days out, the last one included, and cuts windows', () => {
    const windowAt = calendar([nightly], [{ from: '2026-12-20', to: '2026-12-21', timeZone: 'Europe/Zurich' }]);
    expect(openStretches(windowAt, '2026-12-19T12:00Z', '2026-12-23T12:00Z')).toEqual([
      '2026-12-19T22:00 2026-12-19T23:00',
      '2026-12-21T23:00 2026-12-22T00:00',
      '2026-12-22T22:00 2026-12-23T00:00',
    ]);
  });
  it('of one day lasts as long as that day does', () => {
    const windowAt = calendar([], [{ from: '2026-10-25', to: '2026-10-25', timeZone: 'Europe/Zurich' }]);
    expect(windowAt(Date.parse('2026-10-24T21:59:59.999Z'))).toEqual({ isOpen: true });
    expect(windowAt(Date.parse('2026-10-24T22:00:00Z'))).toEqual({
      isOpen: false,
      opensAt: Date.parse('2026-10-25T23:00:00Z'),
    });
  });
  it('takes instants as they are, the last one excluded', () => {
    const blackout = { from: '2026-12-20T18:00:00+02:00', to: '2026-12-20T20:00:00Z', timeZone: 'UTC' };
    const windowAt = calendar([], [blackout]);
    expect(windowAt(Date.parse('2026-12-20T15:59:59.999Z'))).toEqual({ isOpen: true });
    expect(windowAt(Date.parse('2026-12-20T16:00:00Z'))).toEqual({
      isOpen: false,
      opensAt: Date.parse('2026-12-20T20:00:00Z'),
    });
    expect(windowAt(Date.parse('2026-12-20T20:00:00Z'))).toEqual({ isOpen: true });
  });
  it('that follows another directly is looked through to the next window', () => {
    const windowAt = calendar(
      [nightly],
      [
        { from: '2026-12-22', to: '2026-12-24', timeZone: 'Europe/Zurich' },
        { from: '2026-12-20', to: '2026-12-21', timeZone: 'Europe/Zurich' },
      ],
    );
    expect(windowAt(Date.parse('2026-12-20T12:00:00Z'))).toEqual({
      isOpen: false,
      opensAt: Date.parse('2026-12-24T23:00:00Z'),
    });
  });
});

describe('any calendar', () => {
  /** The wall clock of a zone, asked from the platform. */
  const clockIn = (timeZone: string) => {
    const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    return (instant: number): string => format.format(instant);
  };
  const ZONES = ['Europe/Zurich', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'] as const;
  // The four weeks around the changes of clocks, each from a whole hour.
  const CHANGES = ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01', '2026-07-01'];

  it('agrees with a walk over the wall clock, minute by minute', () => {
    const anyWindow = fc.record({
      zone: fc.constantFrom(...ZONES),
      change: fc.constantFrom(...CHANGES),
      // Hours that no zone here skips or repeats: what becomes of those is in the table above.
      hour: fc.integer({ min: 4, max: 23 }),
      minute: fc.integer({ min: 0, max: 59 }),
      minutes: fc.integer({ min: 15, max: 20 * 60 }),
      blackoutFrom: fc.integer({ min: 0, max: 72 }),
      blackoutHours: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(anyWindow, ({ zone, change, hour, minute, minutes, blackoutFrom, blackoutHours }) => {
        const begin = Date.parse(`${change}T00:00:00Z`) - 36 * HOUR;
        const from = begin + blackoutFrom * HOUR;
        const to = from + blackoutHours * HOUR;
        const windowAt = calendar(
          [{ start: `${minute} ${hour} * * *`, duration: minutes * MINUTE, timeZone: zone }],
          [{ from: new Date(from).toISOString(), to: new Date(to).toISOString(), timeZone: 'UTC' }],
        );
        const clock = clockIn(zone);
        const label = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
        let startedAt = Number.NEGATIVE_INFINITY;
        for (let instant = begin - DAY; instant < begin + 72 * HOUR; instant += MINUTE) {
          if (clock(instant) === label) startedAt = instant;
          const isOpen = instant < startedAt + minutes * MINUTE && !(from <= instant && instant < to);
          if (instant >= begin) expect([instant, windowAt(instant).isOpen]).toEqual([instant, isOpen]);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('opens exactly when it says that it opens', () => {
    const windowAt = calendar(
      [
        { start: '*/40 2 * * MON', duration: 15 * MINUTE, timeZone: 'America/New_York' },
        { start: '0 23 L * *', duration: 3 * HOUR, timeZone: 'Europe/Zurich' },
      ],
      [{ from: '2026-05-31', to: '2026-06-01', timeZone: 'Europe/Zurich' }],
    );
    const anyInstant = fc.integer({ min: Date.parse('2026-01-01T00:00Z'), max: Date.parse('2027-01-01T00:00Z') });
    fc.assert(
      fc.property(anyInstant, (instant) => {
        const window = windowAt(instant);
        if (window.isOpen) return;
        const opensAt = window.opensAt ?? Number.NaN;
        expect(opensAt).toBeGreaterThan(instant);
        expect(windowAt(opensAt)).toEqual({ isOpen: true });
        expect(windowAt(opensAt - 1)).toEqual({ isOpen: false, opensAt });
        expect(windowAt((instant + opensAt) / 2)).toEqual({ isOpen: false, opensAt });
      }),
    );
  });
});
