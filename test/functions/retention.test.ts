// What is kept, and for how long: a fleet that changes for ten virtual years does not grow without end.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { KEPT_DAYS } from '../../src/base/retention.ts';
import { ROW_FAMILIES } from '../support/row-families.ts';
import { DAY, YearsStage } from './years-stage.ts';

/** One row of an account, replaced by each write, and only where holders are searched: this fleet has none. */
const MADE = ROW_FAMILIES.filter((family) => family !== 'a|H|holders');

const YEARS = 10;
const MONTH = 30;
const STEP = 3 * DAY;
/** Some rows are kept for 400 days and a sweep, so that the first year does not hold all that a later year holds. */
const FACTOR = 2;

/** One account stays. Three times a year two others come, one by tag and one by list, and leave three months later. */
async function liveAYear(stage: YearsStage, year: number): Promise<void> {
  for (let month = 0; month < 12; month++) {
    const season = month - (month % 4);
    const names = [`tagged-${year}-${season}`, `listed-${year}-${season}`] as const;
    const consumers = ['web', `app-${year}-${Math.floor(month / 3)}`];
    stage.configure('Policies:default', { consumers, onMissing: 'proceed' });
    if (month === season) {
      stage.tag(names[0]);
      stage.list(names[1]);
    }
    if (month === season + 3) {
      stage.delete(names[0]);
      stage.configure(`Accounts:${names[1]}`, undefined);
    }
    if (month % 3 === 1) await stage.campaign();
    stage.isSearchFailing = month === 5;
    for (const name of ['stayer', ...names]) await stage.live(name, 12 * year + month);
    for (let day = 0; day < MONTH; day += STEP / DAY) {
      await stage.runAll();
      stage.isSearchFailing = false;
      stage.now += STEP;
    }
  }
}

describe('a fleet that changes for ten years', () => {
  const stage = new YearsStage();
  const yearly: ReadonlyMap<string, number>[] = [];
  beforeAll(async () => {
    stage.configure('Discovery', { subscriptions: ['11111111-2222-3333-4444-555555555555'] });
    stage.list('stayer');
    for (let year = 0; year < YEARS; year++) {
      await liveAYear(stage, year);
      yearly.push(stage.most());
    }
  }, 120_000);

  it('has rows of every kind in its first year, and rotates to the end', async () => {
    expect([...(yearly[0]?.keys() ?? [])].toSorted()).toEqual(MADE.toSorted());
    const stayer = await stage.account('stayer');
    if (stayer === undefined) throw new Error('The account that stays is gone.');
    const { record } = await stage.app.ports.records.read(stayer);
    expect(record).toMatchObject({ record: { rotationId: expect.any(Number) as number } });
    expect(record.state === 'present' ? record.record.rotationId : 0).toBeGreaterThan(100);
    expect(stage.said.get('rowsNotForgotten')).toBeUndefined();
  });

  it.each(MADE)(`%s: at most ${FACTOR} times as many rows in the tenth year as in the first`, (family) => {
    const [first, last] = [yearly[0], yearly.at(-1)];
    expect(last?.get(family) ?? 0).toBeLessThanOrEqual(FACTOR * (first?.get(family) ?? 0));
  });

  it('leaves no message on the queue', () => {
    expect(stage.queued).toBe(0);
  });
});

describe('docs/retention.md', () => {
  const page = readFileSync(new URL('../../docs/retention.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z]\\\|[^`]+)` \|[^|]+\| (.+) \|$/gm)];

  it('has a row for each kind of row of the table, and no other', () => {
    const keys = rows.map(([, key = '']) => key.replaceAll('\\|', '|'));
    expect(keys.toSorted()).toEqual([...ROW_FAMILIES].toSorted());
  });

  it('states each span as it is, and no other', () => {
    const spans = rows.flatMap(([, , kept = '']) => [...kept.matchAll(/(\d+) days? [^(|]*\(`(\w+)`\)/g)]);
    const stated = new Map(spans.map(([, days, name = '']) => [name, Number(days)]));
    expect(Object.fromEntries(stated)).toEqual(KEPT_DAYS);
    expect(new Set(spans.map(([, days, name]) => `${name} ${days}`)).size).toBe(stated.size);
  });
});
