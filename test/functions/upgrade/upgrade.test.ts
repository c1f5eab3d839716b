// An upgrade in the middle of everything, and the way back. The fleet of the last release was stored by its own code:
// rows of the table and messages of the queue, as JSON without any key value. Its code is kept, too, as one bundle of
// 130 kB: schemas alone would show that a row can be read, and not that a rotation, a request or a notification goes on
// as it would have. The whole package would need a host and real time for weeks of overlap. The bundle leaves out the
// clients of the SDKs, which read and write no row of ours.
//
// What both releases do to the keys and tell the receiver is compared deed by deed, with the instant of each. A release
// that means to do something else, or at another time, says so here.
import { beforeAll, describe, expect, it } from 'vitest';
import { familyOf, ROW_FAMILIES } from '../../support/row-families.ts';
import { type Archive, keyOf, type WireRow } from './archive-format.ts';
import { type Former, loadFormer, type Release } from './former.ts';
import { type Deed, ReleaseStage } from './stage.ts';
import { makeStories, T } from './stories.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Weeks of a fleet in virtual time: seconds on a quiet machine. */
const MONTHS_MS = 240_000;
const END = T + 32 * DAY;
/** The time between two ticks. Where in a tick a pass comes depends on how long the passes before it waited. */
const TICK_MS = 5 * MINUTE;

const floor = (at: number): number => Math.floor(at / TICK_MS) * TICK_MS;
const tickOf = ({ at, account, deed }: Deed): Deed => ({
  at: floor(at),
  account,
  deed: deed.replace(/(?<= of )\S+$/, (iso) => new Date(floor(Date.parse(iso))).toISOString()),
});

let former: Former;
let archive: Archive;
beforeAll(async () => {
  former = await loadFormer();
  ({ archive } = former);
  // What the service loads at its first use would otherwise take a moment of the first tick.
  await lived(ReleaseStage, archive, T + HOUR);
});

let life: Promise<readonly Deed[]> | undefined;
/** What the last release itself would have done until `END`. */
function expected(): Promise<readonly Deed[]> {
  life ??= lived(former.release, archive, END).then(({ deeds }) => deeds.map(tickOf));
  return life;
}

async function lived(release: Release, from: Archive, until: number): Promise<ReleaseStage> {
  const stage = await release.load(from);
  await stage.work();
  await stage.run(until);
  return stage;
}

/** Lines that only a row or message that cannot be understood causes. */
function complaints({ said }: ReleaseStage): readonly unknown[] {
  return said.filter(({ reason }) => reason === 'RecordUnreadable' || reason === 'NotUnderstood');
}

/** Handed from one release to the other at each of `cuts`, until the last of them. */
async function handedOver(
  releases: readonly Release[],
  from: Archive,
  cuts: readonly number[],
): Promise<readonly Deed[]> {
  let state = from;
  const deeds: Deed[] = [];
  for (const [index, until] of cuts.entries()) {
    const stage = await lived(releases[index % releases.length] ?? ReleaseStage, state, until);
    expect(complaints(stage)).toEqual([]);
    deeds.push(...stage.deeds.map(tickOf));
    state = stage.save();
  }
  return deeds;
}

describe('the archive of the last release', () => {
  it('has rows of every kind, and no value of a key', () => {
    const families = new Set(archive.rows.map(({ rowKey }) => familyOf(String(rowKey))));
    expect(ROW_FAMILIES.filter((family) => !families.has(family))).toEqual(['a|H|holders', 'd|failures', 'd|names']);
    const text = JSON.stringify(archive);
    const values = Array.from({ length: archive.made }, (_, index) => keyOf(index + 1));
    const isKey = new Set(archive.secrets.map(({ key }) => key));
    for (const { keys, superseded } of archive.accounts) {
      for (const { key } of [...keys, ...superseded]) isKey.add(key);
    }
    expect(values.filter((value, index) => isKey.has(index + 1) && text.includes(value))).toEqual([]);
    expect(isKey.size).toBeGreaterThan(40);
  });

  it('has an account in each phase, and each kind of request', () => {
    const column = (name: string) => [...new Set(archive.rows.map((row) => row[name]))].filter(Boolean).toSorted();
    expect(column('phase')).toEqual(['idle', 'preparing', 'propagating', 'retiring']);
    const open = archive.rows.filter(({ rowKey }) => String(rowKey).includes('|req|')).map(({ kind }) => kind);
    expect([...new Set(open)].toSorted()).toEqual(['compromised', 'rotate']);
    const stored = archive.rows.filter(({ rowKey }) => String(rowKey).startsWith('r|')).map(({ kind }) => kind);
    expect([...new Set(stored)].toSorted()).toEqual(['approve', 'compromised', 'rollBack', 'rotate']);
  });
});

describe('an upgrade', () => {
  it('reads every row of the last release', async () => {
    const stage = await ReleaseStage.load(archive);
    const { ports, outbox, campaigns, discovered, checks } = stage.parts;
    const { accounts } = await stage.parts.fleet();
    const rows = (start: string) => archive.rows.filter(({ rowKey }) => `${rowKey}`.startsWith(start));
    const count = (start: string) => rows(start).length;
    const entityRow = (id: string) => rows('a|').find((row) => row['accountId'] === id && 'revision' in row);
    const read = { acknowledgements: 0, pauses: 0, history: 0, requests: 0, closed: 0, open: 0 };
    for (const account of accounts) {
      const { record, entity, pause, acknowledgements, requests: open } = await ports.records.read(account);
      expect([account.name, record.state]).toEqual([account.name, 'present']);
      const due = entityRow(account.id)?.['nextObservationAt'];
      expect(entity.nextObservationAt).toBe(Number(due));
      read.acknowledgements += acknowledgements.length;
      read.pauses += pause === undefined ? 0 : 1;
      expect(await ports.records.findConfigured({ ids: [account.id] })).toHaveLength(1);
      const { requests } = await ports.records.listRequests(account, 1_000);
      read.history += (await ports.records.listHistory(account, 1_000)).entries.length;
      read.requests += requests.length;
      read.closed += requests.filter(({ closedAt }) => closedAt !== undefined).length;
      read.open += open.length;
    }
    const isOfFleet = ({ accountId }: WireRow) => accounts.some(({ id }) => id === accountId);
    expect(read).toEqual({
      acknowledgements: 1,
      pauses: 2,
      // One account was let go: its tag was taken away.
      history: rows('h|').filter(isOfFleet).length,
      requests: count('r|'),
      closed: rows('r|').filter((row) => 'closedAt' in row).length,
      open: rows('a|').filter(({ rowKey }) => `${rowKey}`.includes('|req|')).length,
    });
    expect([read.history > 70, read.closed > 5, read.open > 3]).toEqual([true, true, true]);
    const waiting = await outbox.list(1_000, undefined);
    expect(waiting.filter(({ line }) => line !== undefined)).toHaveLength(count('o|'));
    expect(await outbox.countDead()).toBe(count('x|'));
    const { stored, unreadable } = await campaigns.listAll();
    expect([stored.map(({ campaign }) => campaign.state), unreadable]).toEqual([['running'], []]);
    const ring = stored[0]?.campaign.id;
    const members = ring === undefined ? [] : await campaigns.listMembers(ring, { state: 'open' });
    expect(members.map(({ alias }) => alias)).toEqual(['ring-1', 'ring-2']);
    expect((await discovered.read()).accounts).toHaveLength(count('d|'));
    expect(await checks.last(await stage.account('resting'))).toMatchObject({ isHealthy: true });
    expect((await ports.records.listTicks()).length).toBeGreaterThan(3);
  });

  it('understands every message of the last release', async () => {
    const stage = await ReleaseStage.load(archive);
    expect(stage.messages).toHaveLength(1);
    await stage.work();
    expect(complaints(stage)).toEqual([]);
    const looked = stage.said.filter(({ event }) => event === 'pass' || event === 'messageIgnored');
    expect(looked.map(({ event, account }) => [event, account])).toEqual([
      ['messageIgnored', 'preparing'],
      ['pass', 'leased'],
    ]);
  });

  it('starts nothing, and shifts no look at an account that is not due', async () => {
    const stage = await ReleaseStage.load(archive);
    await stage.search();
    const { now } = stage;
    await stage.tick();
    const asked = new Set(
      archive.rows.flatMap(({ rowKey, accountId }) => (/\|req\|/.test(`${rowKey}`) ? [accountId] : [])),
    );
    const kept = archive.rows.filter(
      ({ rowKey, accountId, nextObservationAt }) =>
        `${rowKey}`.endsWith('|0') && !asked.has(accountId) && Number(nextObservationAt) > now + 10 * MINUTE,
    );
    expect(kept.length).toBeGreaterThan(8);
    const after = new Map(stage.save().rows.map((row) => [row['rowKey'], row]));
    expect(kept.map(({ rowKey }) => after.get(String(rowKey)))).toEqual(kept);
  });

  it('goes on with every rotation, request, campaign and notification as the last release would have', {
    timeout: MONTHS_MS,
  }, async () => {
    const stage = await lived(ReleaseStage, archive, END);
    expect(complaints(stage)).toEqual([]);
    expect(stage.deeds.map(tickOf)).toEqual(await expected());
  });

  it('regenerates each key once, and none that nobody asked for', { timeout: MONTHS_MS }, async () => {
    const deeds = await expected();
    const regenerated = (until: number) =>
      deeds
        .filter(({ deed, at }) => deed.startsWith('regenerate') && at <= until)
        .map(({ account, deed }) => `${account}: ${deed}`)
        .toSorted();
    expect(regenerated(T + 4 * DAY)).toEqual([
      'just-leaked: regenerate key2',
      'leaked-later: regenerate key1',
      'ring-1: regenerate key2',
      'ring-2: regenerate key2',
      'unretired: regenerate key1',
      'unsent: regenerate key2',
    ]);
  });

  it('and the way back, at any moment, lose and repeat nothing', { timeout: MONTHS_MS }, async () => {
    const there = [ReleaseStage, former.release];
    const deeds = await expected();
    const until = (end: number) => deeds.filter(({ at }) => at <= end);
    for (const cut of [MINUTE, 11 * MINUTE, 3 * HOUR].map((span) => T + span)) {
      const end = T + 8 * DAY;
      expect([cut, await handedOver(there, archive, [cut, end])]).toEqual([cut, until(end)]);
    }
    const often = [10 * MINUTE, HOUR, 26 * HOUR, 5 * DAY, 7 * DAY, 8 * DAY, 15 * DAY].map((span) => T + span);
    expect(await handedOver(there, archive, often)).toEqual(until(T + 15 * DAY));
  });
});

describe('the last release', () => {
  it('reads every row that the present one has written, and goes on', { timeout: MONTHS_MS }, async () => {
    const stories = (await makeStories()).save();
    const present = await lived(ReleaseStage, stories, T + 8 * DAY);
    const back = await lived(former.release, stories, T + 8 * DAY);
    expect(complaints(back)).toEqual([]);
    expect(back.deeds.length).toBeGreaterThan(50);
    expect(back.deeds.map(tickOf)).toEqual(present.deeds.map(tickOf));
  });
});
