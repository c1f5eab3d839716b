// A request that is withdrawn while a pass is under way, at each of its calls: either the withdrawal wins, and nothing
// begins for the request afterwards, or it is refused and says what is under way.
import { describe, expect, it } from 'vitest';
import { interceptAllPorts } from '../../local/azure/memory/intercept-records.ts';
import { Refusal } from '../../src/base/refusal.ts';
import { ask } from '../../src/operators/requests/ask.ts';
import { withdraw } from '../../src/operators/requests/withdraw.ts';
import type { Wish } from '../../src/rotation/decide/request.ts';
import type { Account, RequestId } from '../../src/rotation/model.ts';
import { MemoryStage } from './memory-stage.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const ID = 'asked' as RequestId;
const EFFECTS: ReadonlySet<string> = new Set(['regenerate', 'publish', 'writeReference', 'writeFlag', 'disable']);

interface Run {
  /** `won`, or the reason of the refusal; undefined when the pass had ended before. */
  readonly answer: string | undefined;
  /** Effects that the pass sent after the answer. */
  readonly sent: readonly string[];
  /** Regenerates of the day after, without any new request. */
  readonly later: readonly string[];
  readonly outcome: string | undefined;
  readonly lines: readonly string[];
}

type Before = (stage: MemoryStage, account: Account) => Promise<void>;

const settled: Before = (stage) => {
  stage.now += 8 * DAY;
  return Promise.resolve();
};

const overlapped: Before = async (stage, account) => {
  stage.now += 40 * DAY;
  await stage.pass(account);
  stage.now += 9 * MINUTE;
  await stage.pass(account);
};

async function answerOf(stage: MemoryStage, account: Account): Promise<string> {
  try {
    await withdraw(stage.app, { account, id: ID, by: 'an operator', reason: 'a mistake' });
    return 'won';
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.kind).toBe('not-now');
    return String(error.extensions['reason']);
  }
}

/** One pass, with a withdrawal right before its call number `index`. */
async function withdrawnAt(index: number, wish: Wish, before: Before): Promise<Run> {
  const stage = new MemoryStage();
  const account = await stage.adopt('alpha');
  await before(stage, account);
  await ask(stage.app, { account, wish, by: 'an operator', key: ID });
  const sent: string[] = [];
  let answer: string | undefined;
  let calls = 0;
  const ports = interceptAllPorts(stage.ports, async ({ operation }, proceed) => {
    if (calls++ === index) answer = await answerOf(stage, account);
    if (answer !== undefined && EFFECTS.has(operation)) sent.push(operation);
    return proceed();
  });
  await stage.pass(account, { ports });
  const later: string[] = [];
  const watched = interceptAllPorts(stage.ports, ({ operation }, proceed) => {
    if (operation === 'regenerate') later.push(operation);
    return proceed();
  });
  for (let pass = 0; pass < 3; pass++) {
    stage.now += 10 * MINUTE;
    await stage.pass(account, { ports: watched });
  }
  const { outcome } = (await stage.ports.records.readRequest(account, ID)) ?? {};
  const { entries } = await stage.ports.records.listHistory(account, 100);
  return { answer, sent, later, outcome, lines: entries.map(({ kind }) => kind) };
}

async function withdrawnAnywhere(wish: Wish, before: Before): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (let index = 0; index < 100; index++) {
    const run = await withdrawnAt(index, wish, before);
    if (run.answer === undefined) return runs;
    runs.push(run);
  }
  throw new Error('The pass has no end.');
}

describe('a request that is withdrawn at any call of the pass that works on it', () => {
  it.each<[string, Wish, Before, readonly string[]]>([
    ['to rotate', { kind: 'rotate', reason: 'soon' }, settled, ['RequestClosed']],
    [
      'about the leaked standby key',
      { kind: 'compromised', named: 'key2', reason: 'leaked' },
      settled,
      ['RotationUnderWay', 'PassUnderWay', 'RequestClosed'],
    ],
    [
      'about the leaked published key',
      { kind: 'compromised', named: 'published', reason: 'leaked' },
      settled,
      ['RotationUnderWay', 'PassUnderWay', 'RegenerateUnderWay', 'KeyReplaced', 'RequestClosed'],
    ],
    ['to roll back', { kind: 'rollBack', reason: 'it fails' }, overlapped, ['PassUnderWay', 'RequestClosed']],
  ])('%s', async (_, wish, before, reasons) => {
    const runs = await withdrawnAnywhere(wish, before);
    const won = runs.filter(({ answer }) => answer === 'won');
    const lost = runs.filter(({ answer }) => answer !== 'won');
    expect(won.length).toBeGreaterThan(3);
    for (const run of won) {
      expect(run).toMatchObject({ sent: [], later: [], outcome: 'Withdrawn' });
      expect(run.lines.filter((kind) => kind === 'RequestWithdrawn')).toHaveLength(1);
    }
    expect(lost.length).toBeGreaterThan(0);
    for (const run of lost) {
      expect(reasons).toContain(run.answer);
      expect(run.outcome).not.toBe('Withdrawn');
      expect(run.lines).not.toContain('RequestWithdrawn');
    }
  });

  it('is withdrawn once, however often it is asked', async () => {
    const stage = new MemoryStage();
    const account = await stage.adopt('alpha');
    await ask(stage.app, { account, wish: { kind: 'rotate', reason: 'soon' }, by: 'an operator', key: ID });
    expect(await answerOf(stage, account)).toBe('won');
    expect(await answerOf(stage, account)).toBe('won');
    const { entries } = await stage.ports.records.listHistory(account, 100);
    expect(entries.filter(({ kind }) => kind === 'RequestWithdrawn')).toEqual([
      expect.objectContaining({ requestId: 'asked', by: 'an operator', reason: 'a mistake' }),
    ]);
  });

  it('whose account has no entity yet: a pass that read before does not work on it', async () => {
    const stage = new MemoryStage();
    const account = await stage.adopt('alpha');
    stage.forget(account);
    await ask(stage.app, { account, wish: { kind: 'compromised', named: 'key2', reason: 'leaked' }, by: 'x', key: ID });
    const keys = stage.keysOf(account);
    let calls = 0;
    const ports = interceptAllPorts(stage.ports, async (_call, proceed) => {
      const read = await proceed();
      if (calls++ === 0) expect(await answerOf(stage, account)).toBe('won');
      return read;
    });
    await stage.pass(account, { ports });
    expect(stage.keysOf(account)).toEqual(keys);
    expect(await stage.ports.records.readRequest(account, ID)).toMatchObject({ outcome: 'Withdrawn' });
  });

  it('that a publish answers whose record is missing is refused', async () => {
    const stage = new MemoryStage();
    const account = await stage.adopt('alpha');
    await overlapped(stage, account);
    await ask(stage.app, { account, wish: { kind: 'rollBack', reason: 'it fails' }, by: 'x', key: ID });
    const { value } = stage.world.vault.get(account.secretName);
    const other = stage.keysOf(account).find((key) => key !== value) ?? '';
    stage.world.vault.set(account.secretName, { value: other });
    expect(await answerOf(stage, account)).toBe('PublishUnderWay');
  });
});
