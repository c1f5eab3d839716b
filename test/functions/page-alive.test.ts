// Whether the service is alive, in the line on top of the page, and what the page knows of its connection. No browser.
import { describe, expect, it } from 'vitest';
import { aliveOf } from '../../src/page/alive/alive-words.ts';
import { type Contact, ContactLog } from '../../src/page/contact.ts';
import type { Health } from '../../src/page/types.ts';

const NOW = Date.parse('2031-05-31T12:00:00Z');

describe('the line on top', () => {
  const noted = (count: number) => ({ count, accounts: [] });
  const health: Health = {
    isHealthy: true,
    timer: { isLate: false, lastTickAt: '2031-05-31T11:59:20Z', intervalSeconds: 300, detail: 'D.' },
    accounts: 4,
    isFrozen: false,
    overdue: noted(0),
    blocked: noted(0),
    failing: noted(0),
    configurationProblems: 0,
    deadNotifications: 0,
  };
  const of = (more: Partial<Health>, contact: Contact = {}) =>
    aliveOf({ health: { ...health, ...more }, failure: undefined, contact }, NOW);
  it('is green only if nothing is wrong', () => {
    expect(of({})).toMatchObject({ tone: 'good', title: 'All well.', line: 'The timer ran 40 sec ago.' });
    expect(of({ blocked: noted(2), overdue: noted(1) })).toMatchObject({
      tone: 'bad',
      title: 'Accounts: 2 blocked, 1 overdue.',
    });
    expect(of({ failing: noted(1), deadNotifications: 3 })).toMatchObject({
      tone: 'warn',
      title: 'Accounts: 1 failing. Notifications that were given up: 3.',
    });
    expect(of({ isFrozen: true })).toMatchObject({ tone: 'warn', title: 'All rotations are frozen.' });
    expect(of({ configurationProblems: 1 })).toMatchObject({ tone: 'warn' });
  });
  it('says what has stopped, since when, what it means and what to do', () => {
    const late = { isLate: true, detail: 'D.', remedy: 'R.' };
    expect(of({ timer: { ...late, lastTickAt: '2031-05-31T11:46:00Z' } })).toEqual({
      tone: 'bad',
      title: 'The timer has stopped.',
      line: 'It last ran 14 min ago, at 2031-05-31T11:46:00.000Z.',
      meaning:
        'Published keys stay valid. No rotation begins on time, and a change by hand is repaired only on an event. Actions of this page still work.',
      remedy: 'R.',
      heading: 'Timer silent',
    });
    expect(of({ timer: late })).toMatchObject({ title: 'The timer has not run yet.', line: '' });
    expect(of({ timer: { ...late, lastTickAt: '2031-06-30T00:00:00Z' } })).toMatchObject({ line: 'D.' });
  });
  it('does not call the service alive while it does not answer', () => {
    expect(of({}, { answeredAt: NOW - 12_000, lostAt: NOW - 9_000 })).toMatchObject({
      tone: 'bad',
      title: 'Connection lost.',
      line: 'What you see is 12 sec old.',
    });
    expect(of({}, { answeredAt: NOW - 12_000, waitingSince: NOW - 10_000 })).toMatchObject({
      tone: 'warn',
      line: 'The page has waited for 10 sec.',
    });
    expect(of({}, { answeredAt: NOW - 12_000, waitingSince: NOW - 9_999 })).toMatchObject({ tone: 'good' });
  });
});

describe('the connection', () => {
  it('is lost with the first call without an answer, and back with the next answer', () => {
    const log = new ContactLog();
    let told = 0;
    const end = log.listen(() => told++);
    const first = log.ask(1);
    const second = log.ask(2);
    expect(log.contact).toEqual({ waitingSince: 1 });
    first();
    log.lost(3);
    log.lost(4);
    expect(log.contact).toEqual({ lostAt: 3, waitingSince: 2 });
    second();
    log.answered(5);
    expect(log.contact).toEqual({ answeredAt: 5 });
    expect(told).toBe(5);
    end();
    log.lost(6);
    expect(told).toBe(5);
  });
});
