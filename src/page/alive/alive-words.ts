// Whether the service is alive and anything is wrong, in one line: from its health, and from the connection to it.
// It must not draw, ask, or judge an account: the service does.
import type { Failure } from '../api.ts';
import type { Contact } from '../contact.ts';
import { spanText } from '../time.ts';
import type { Health } from '../types.ts';

/** Headings of the runbook that the line leads to. */
export type AliveHeading = 'Timer silent';

export interface Alive {
  readonly tone: 'good' | 'warn' | 'bad' | 'quiet';
  /** Stays the same while nothing changes, so that it is read out once. */
  readonly title: string;
  /** One sentence, with ages. */
  readonly line: string;
  readonly meaning?: string;
  readonly remedy?: string;
  readonly heading?: AliveHeading;
}

/** A question that waits longer than this is no usual delay. */
const PATIENCE_MS = 10_000;

export interface Seen {
  readonly health: Health | undefined;
  /** Why the last question for the health had no answer. */
  readonly failure: Failure | undefined;
  readonly contact: Contact;
}

export function aliveOf({ health, failure, contact }: Seen, now: number): Alive {
  const { lostAt, answeredAt, waitingSince } = contact;
  if (lostAt !== undefined) return lost(answeredAt, now);
  if (waitingSince !== undefined && now - waitingSince >= PATIENCE_MS) return slow(waitingSince, now);
  if (failure?.kind === 'problem') {
    const { title, detail, remedy } = failure.problem;
    const meaning = 'Published keys stay valid. Without this, no pass can work.';
    return { tone: 'bad', title, line: detail, meaning, ...(remedy === '' ? {} : { remedy }) };
  }
  if (health === undefined) return { tone: 'quiet', title: 'Asking whether the service is alive…', line: '' };
  return health.timer.isLate ? stopped(health.timer, now) : running(health, now);
}

function lost(answeredAt: number | undefined, now: number): Alive {
  const age = answeredAt === undefined ? undefined : spanText(Math.max(0, now - answeredAt));
  return {
    tone: 'bad',
    title: 'Connection lost.',
    line: age === undefined ? 'The service has not answered yet.' : `What you see is ${age} old.`,
    meaning: 'Whether the service is alive is not known from here. Published keys stay valid.',
    remedy:
      'The page asks again by itself. Look at your own network first. If other people have no answer either, follow the runbook.',
    heading: 'Timer silent',
  };
}

function slow(since: number, now: number): Alive {
  return {
    tone: 'warn',
    title: 'The service is slow to answer.',
    line: `The page has waited for ${spanText(now - since)}.`,
    meaning: 'What you see may be out of date.',
  };
}

function stopped({ lastTickAt, detail, remedy }: Health['timer'], now: number): Alive {
  const at = lastTickAt === undefined ? undefined : Date.parse(lastTickAt);
  const hasRun = at !== undefined && at <= now;
  return {
    tone: 'bad',
    title: at === undefined ? 'The timer has not run yet.' : 'The timer has stopped.',
    line: hasRun
      ? `It last ran ${spanText(now - at)} ago, at ${new Date(at).toISOString()}.`
      : at === undefined
        ? ''
        : detail,
    meaning:
      'Published keys stay valid. No rotation begins on time, and a change by hand is repaired only on an event. Actions of this page still work.',
    ...(remedy === undefined ? {} : { remedy }),
    heading: 'Timer silent',
  };
}

function running(health: Health, now: number): Alive {
  const { timer, blocked, overdue, failing, configurationProblems, deadNotifications, isFrozen } = health;
  const ago = timer.lastTickAt === undefined ? 0 : Math.max(0, now - Date.parse(timer.lastTickAt));
  const ran = `The timer ran ${spanText(ago)} ago.`;
  const accounts = [
    counted(blocked.count, 'blocked'),
    counted(overdue.count, 'overdue'),
    counted(failing.count, 'failing'),
  ].filter((part) => part !== '');
  const others = [
    isFrozen ? 'All rotations are frozen.' : '',
    configurationProblems > 0 ? `Problems of the configuration: ${number(configurationProblems)}.` : '',
    deadNotifications > 0 ? `Notifications that were given up: ${number(deadNotifications)}.` : '',
  ].filter((part) => part !== '');
  if (accounts.length + others.length === 0) return { tone: 'good', title: 'All well.', line: ran };
  const isBad = blocked.count + overdue.count > 0;
  return {
    tone: isBad ? 'bad' : 'warn',
    title: [...(accounts.length === 0 ? [] : [`Accounts: ${accounts.join(', ')}.`]), ...others].join(' '),
    line: `The service is alive. ${ran}`,
    ...(accounts.length === 0
      ? {}
      : { remedy: 'The accounts that need an operator come first in the list. Open one: it says what to do.' }),
  };
}

function counted(count: number, word: string): string {
  return count === 0 ? '' : `${number(count)} ${word}`;
}

function number(count: number): string {
  return new Intl.NumberFormat().format(count);
}
