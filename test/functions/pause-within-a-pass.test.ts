// A pause that is set while a pass is under way, at each of its calls: what it stops, and what it answers about the rest.
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { interceptAllPorts } from '../../local/azure/memory/intercept-records.ts';
import { ask, type Paused, setPaused } from '../../src/operators/requests/ask.ts';
import type { Account } from '../../src/rotation/model.ts';
import { MemoryStage } from './memory-stage.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** What a pause is there to stop, beside the record of an intent. */
const STOPPED: ReadonlySet<string> = new Set(['regenerate', 'publish']);

interface Interrupted {
  readonly stage: MemoryStage;
  readonly account: Account;
  /** The published key when the pass began. */
  readonly formerKey: string;
  /** What the pause answered; undefined when the pass had ended before. */
  readonly paused: Paused | undefined;
  /** Effects that were sent after the answer. */
  readonly sent: readonly string[];
  /** Whether the record says the same as when the pause was answered. */
  readonly isRecordKept: boolean;
}

type Before = (stage: MemoryStage, account: Account) => Promise<void>;

const recordOf = async (stage: MemoryStage, account: Account) => (await stage.ports.records.read(account)).record;

/** One pass, with a pause that is set right before its call number `index`. */
async function pausedAt(index: number, before: Before): Promise<Interrupted> {
  const stage = new MemoryStage();
  const account = await stage.adopt('alpha');
  await before(stage, account);
  const formerKey = stage.publishedKeyOf(account);
  const sent: string[] = [];
  let paused: Paused | undefined;
  let record = await recordOf(stage, account);
  let calls = 0;
  const ports = interceptAllPorts(stage.ports, async ({ operation }, proceed) => {
    if (calls++ === index) {
      paused = await setPaused(stage.app, { account, by: 'an operator' }, 'stop', true);
      record = await recordOf(stage, account);
    }
    if (paused !== undefined && STOPPED.has(operation)) sent.push(operation);
    return proceed();
  });
  await stage.pass(account, { ports });
  const isRecordKept = isDeepStrictEqual(await recordOf(stage, account), record);
  return { stage, account, formerKey, paused, sent, isRecordKept };
}

/** The same at every call of the pass. */
async function pausedAnywhere(before: Before): Promise<readonly Interrupted[]> {
  const runs: Interrupted[] = [];
  for (let index = 0; index < 100; index++) {
    const run = await pausedAt(index, before);
    if (run.paused === undefined) return runs;
    runs.push(run);
  }
  throw new Error('The pass has no end.');
}

const due: Before = (stage) => {
  stage.now += 40 * DAY;
  return Promise.resolve();
};
const prepared: Before = async (stage, account) => {
  await due(stage, account);
  await stage.pass(account);
  stage.now += 9 * MINUTE;
};
const overlapped: Before = async (stage, account) => {
  await prepared(stage, account);
  await stage.pass(account);
  stage.now += 8 * DAY;
};

describe('a pause that is set at any call of a pass', () => {
  it.each<[string, Before, string, number, number]>([
    ['regenerates the standby key', due, 'regenerate', 8, 6],
    ['publishes the new key', prepared, 'publish', 11, 7],
    ['regenerates the superseded key', overlapped, 'regenerate', 10, 6],
  ])('that %s stops it before the next effect', async (_, before, effect, calls, sends) => {
    const runs = await pausedAnywhere(before);
    expect(runs).toHaveLength(calls);
    // The call before the effect takes the lease: from then on the answer says that a pass is under way.
    const seen = runs.map(({ paused, sent, isRecordKept }) => ({ ...paused, sent, isRecordKept }));
    expect(seen).toEqual(
      Array.from({ length: calls }, (__, index) => ({
        isPassUnderWay: index >= sends,
        sent: index === sends ? [effect] : [],
        isRecordKept: true,
      })),
    );
  });

  it('holds up no emergency: the leaked key is replaced by the same pass', async () => {
    const leaked: Before = async (stage, account) => {
      const wish = { kind: 'compromised', named: 'published', reason: 'in a log' } as const;
      await ask(stage.app, { account, wish, by: 'an operator' });
    };
    const runs = await pausedAnywhere(leaked);
    expect(runs.length).toBeGreaterThan(15);
    const seen = runs.map(async ({ stage, account, formerKey }) => ({
      isReplaced: !stage.keysOf(account).includes(formerKey),
      isLivePublished: stage.keysOf(account).includes(stage.publishedKeyOf(account)),
      isPaused: (await stage.ports.records.read(account)).pause !== undefined,
    }));
    expect(await Promise.all(seen)).toEqual(
      runs.map(() => ({ isReplaced: true, isLivePublished: true, isPaused: true })),
    );
  });
});
