// Holds the queries of the service level objectives against what the service says: their events and fields are those of
// log lines, and the steps from which they read an emergency come in an emergency, in this order.
import { describe, expect, it } from 'vitest';
import { LOG_EVENTS, LOG_FIELDS, type Log, type LogFields } from '../../src/base/log.ts';
import { passOver } from '../../src/fleet/pass.ts';
import { ask } from '../../src/operators/requests/ask.ts';
import { findAll, read } from './infra-files.ts';
import { MemoryStage } from './memory-stage.ts';

const section = read('docs/observability.md').split('## Service level objectives')[1]?.split('\n## ')[0] ?? '';
const queries = [...section.matchAll(/```kusto\n([^]*?)```/g)].map(([, query]) => query ?? '');
const all = queries.join('\n');

describe('the queries of the objectives', () => {
  it('are three, behind the lines that they begin with', () => {
    expect(queries).toHaveLength(4);
    expect(queries.slice(1).every((query) => query.startsWith('lines\n'))).toBe(true);
  });

  it('ask for events and fields that there are', () => {
    const events = findAll(all, /event == '(\w+)'/g);
    expect(events).toEqual(['pass', 'request', 'step']);
    expect(events.filter((event) => !(LOG_EVENTS as readonly string[]).includes(event))).toEqual([]);
    const fields = findAll(all, /\bline\.(\w+)/g).filter((field) => field !== 'event');
    expect(fields).toEqual(['account', 'isOverdue', 'kind', 'requestId', 'step', 'to']);
    expect(fields.filter((field) => !(LOG_FIELDS as readonly string[]).includes(field))).toEqual([]);
  });

  it('find the steps of an emergency: the leaked key is regenerated, then its version is disabled', async () => {
    expect(findAll(all, /\bstep == '(\w+)'/g)).toEqual(['disable', 'regenerate', 'sacrifice']);
    expect(findAll(all, /\bto == '(\w+)'/g)).toEqual(['retiring']);
    const stage = new MemoryStage();
    const account = await stage.adopt('shop');
    const wish = { kind: 'compromised', named: 'published', reason: 'found in a repository' } as const;
    const { request } = await ask(stage.app, { account, wish, by: 'operator', key: 'leak' });
    const lines: LogFields[] = [];
    const log: Log = (_, event, fields) => {
      if (event === 'step' || event === 'pass') lines.push(fields);
    };
    for (let hours = 0; hours < 12; hours++) {
      await passOver(stage.app, account, Number.POSITIVE_INFINITY, log);
      stage.now += 600_000;
    }
    const found = lines.filter(({ step, to }) => (step === 'regenerate' && to === 'retiring') || step === 'disable');
    expect(found.map(({ step }) => step)).toEqual(['regenerate', 'disable']);
    expect(found.map(({ account: alias }) => alias)).toEqual(['shop', 'shop']);
    const passes = lines.filter((line) => 'isOverdue' in line);
    expect(passes.map(({ isOverdue }) => isOverdue)).toEqual(Array.from({ length: passes.length }, () => false));
    expect(passes.length).toBeGreaterThan(5);
    const { replacedAt, outcome } = (await stage.ports.records.readRequest(account, request.id)) ?? {};
    expect([replacedAt === undefined, outcome]).toEqual([false, 'KeyIsDead']);
  });
});
