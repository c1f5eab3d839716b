// What a newcomer reads: each word explained once, no long silence, a leak as a leak, and totals at the end.
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LocalAzure } from '../../local/azure/local-azure.ts';
import { Emergencies } from '../../local/start/emergencies.ts';
import { readLogLine, type ServiceEvent } from '../../local/start/events.ts';
import { type AccountSummary, Journal } from '../../local/start/journal.ts';
import { leakCommand, reportOf } from '../../local/start/report.ts';
import { Timeline } from '../../local/start/timeline.ts';

const STARTED_AT = Date.parse('2026-01-01T00:00:00Z');
let lines: string[];
let timeline: Timeline;
beforeEach(() => {
  vi.useFakeTimers({ now: STARTED_AT });
  lines = [];
  timeline = new Timeline((line) => lines.push(stripVTControlCharacters(line)), STARTED_AT);
});
afterEach(() => {
  timeline.close();
  vi.useRealTimers();
});

const step = (fields: Omit<ServiceEvent, 'event'>): void =>
  timeline.showEvent({ event: 'step', account: 'shop', ...fields });

describe('the timeline', () => {
  it('explains each new word below the first line with it, and never again', () => {
    step({ step: 'regenerate', to: 'preparing', slot: 'key2', rotationId: 1 });
    const first = lines.length;
    expect(lines).toEqual([
      '   0.0s  shop               begin      rotation 1',
      '                                       (A rotation renews both keys of an account, one after the other.)',
      '   0.0s  shop               regenerate key2 gets a new value (Azure Resource Manager)',
      '                                       (Azure makes a new value for the standby key: the key that no application uses. The old value dies.)',
    ]);
    step({ step: 'regenerate', to: 'preparing', slot: 'key1', rotationId: 2 });
    expect(lines.slice(first).filter((line) => line.includes('('))).toEqual([
      '   0.0s  shop               regenerate key1 gets a new value (Azure Resource Manager)',
    ]);
  });

  it('shows a verdict again only when another one was between', () => {
    for (const verdict of ['rejected', 'rejected', 'accepted', 'accepted', 'rejected']) {
      step({ step: 'probe', role: 'standby', slot: 'key2', verdict });
    }
    expect(lines.filter((line) => line.includes(' key2 is ')).map((line) => line.slice(39))).toEqual([
      'standby key2 is rejected',
      'standby key2 is accepted',
      'standby key2 is rejected',
    ]);
  });

  it('is never silent for two seconds', () => {
    timeline.neverSilent(() => timeline.say('', 'wait', 'still for the host'));
    vi.advanceTimersByTime(1_800);
    expect(lines).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(lines).toEqual(['   1.9s                     wait       still for the host']);
    timeline.say('shop', 'done', 'rotation 1');
    const before = lines.length;
    vi.advanceTimersByTime(1_800);
    expect(lines.length).toBe(before);
    timeline.close();
    vi.advanceTimersByTime(10_000);
    expect(lines.length).toBe(before);
  });
});

describe('a leak', () => {
  const open = {
    id: 'one',
    kind: 'compromised',
    state: 'open',
    reason: 'found in a repository',
    by: 'function key',
    at: '2026-01-01T10:00:00.000Z',
  };
  const replaced = { ...open, state: 'replaced', replacedAt: '2026-01-01T10:00:01.300Z' };
  const note = async (...answers: readonly object[]): Promise<readonly string[]> => {
    const said: string[] = [];
    const left = [...answers];
    const emergencies = new Emergencies(
      () => Promise.resolve({ requests: [left.shift()] }),
      (...line) => said.push(line.join(' ')),
    );
    const request = readLogLine(
      JSON.stringify({
        level: 'warning',
        message: JSON.stringify({ event: 'request', account: 'shop', kind: 'compromised', requestId: 'one' }),
      }),
    );
    if (request.event === undefined) throw new Error('The line is not understood.');
    await emergencies.note(request.event);
    while (left.length > 0) await emergencies.note({ event: 'step', account: 'shop' });
    return said;
  };

  it('is shown with who, why, when the key was replaced, and when its death was proven; each once', async () => {
    const closed = { ...replaced, state: 'closed', provenAt: '2026-01-01T10:00:06.500Z' };
    expect(await note(open, open, replaced, closed)).toEqual([
      'shop leaked reported by function key at 10:00:00 UTC, because: found in a repository',
      'shop replaced at 10:00:01 UTC, 1.3 s after the report: the leaked value is no key of the account',
      'shop proven at 10:00:06 UTC, 6.5 s after the report: Azure rejects the leaked value',
    ]);
  });

  it('says that the death was not proven', async () => {
    expect((await note({ ...replaced, state: 'closed', summary: 'The proof was not possible.' })).at(-1)).toBe(
      'shop not proven The proof was not possible.',
    );
  });

  it('asks nothing while no leak is reported', async () => {
    const emergencies = new Emergencies(
      () => Promise.reject(new Error('asked')),
      () => expect.unreachable(),
    );
    await emergencies.note({ event: 'step', account: 'shop' });
    await emergencies.note({ event: 'request', account: 'shop', kind: 'rotate' });
  });
});

it('counts a rotation that begins in the pass that ends another one', () => {
  const keys = { key1: { value: 'a' }, key2: { value: 'b' } };
  const accounts = new Map([['id', { seed: { name: 'shop', kind: 'OpenAI' }, keys }]]);
  const journal = new Journal({ world: { accounts }, onRequest: () => undefined } as unknown as LocalAzure);
  const note = (fields: object): void => journal.note({ event: 'step', account: 'shop', ...fields });
  const announced = vi.fn();
  journal.onRotated = announced;
  note({ step: 'regenerate', to: 'preparing' });
  note({ step: 'record', to: 'idle', slot: 'key2' });
  note({ step: 'regenerate', to: 'preparing' });
  journal.note({ event: 'pass', account: 'shop' });
  note({ step: 'record', to: 'idle', slot: 'key1' });
  journal.note({ event: 'pass', account: 'shop' });
  journal.note({ event: 'pass', account: 'shop' });
  expect(journal.summary()[0]?.rotations).toBe(2);
  expect(announced).toHaveBeenCalledTimes(2);
});

describe('the end', () => {
  const account: AccountSummary = {
    account: 'shop',
    kind: 'OpenAI',
    rotations: 2,
    keysRenewed: 2,
    published: 'key1',
    supersededRejected: true,
    application: { requests: 100, failures: 1 },
    calls: { arm: 4, keyVault: 3, appConfiguration: 2, dataPlane: 1, table: 5, token: 9 },
  };
  const flags = { isOnce: false, isJson: false, accounts: 2, latencyMs: 0, port: 7071 };

  it('has each account, the totals, and the next command', () => {
    const text = reportOf(flags, [account, { ...account, account: 'desk', rotations: 1 }], 75_040);
    expect(text.split('\n').slice(0, 3)).toEqual([
      'shop: 2 rotations, 2 keys renewed, superseded key rejected, 15 calls for the first rotation; application: 100 calls, 1 failure',
      'desk: 1 rotation, 2 keys renewed, superseded key rejected, 15 calls for the first rotation; application: 100 calls, 1 failure',
      'Total in 75 s: 3 rotations; 200 calls of applications, 2 failures.',
    ]);
    expect(text).toContain('Next: `npm run doctor -- --local`');
  });

  it('is one line of JSON where that was asked for', () => {
    const text = reportOf({ ...flags, isJson: true }, [account], 1_000);
    expect(JSON.parse(text)).toEqual({ accounts: [account], seconds: 1 });
  });

  it('the suggested command names the account and the port', () => {
    expect(leakCommand(8080, 'shop')).toBe(
      `curl -X POST http://localhost:8080/api/accounts/shop/rotate -H 'Content-Type: application/json' -d '{"reason":"found in a repository","compromised":"published"}'`,
    );
  });
});
