// Obligations of `OutboxPort`: what waits is listed in order, and each change of it happens once and for good.
import { expect, test } from 'vitest';
import type { OutboxPort, Pending } from '../../../src/notify/ports.ts';
import type { HistoryEntry } from '../../../src/rotation/ports.ts';
import { line, NOW } from './stored.ts';

export interface OutboxHarness {
  readonly outbox: OutboxPort;
  /** Puts the lines of one new account into the outbox; answers the name of its queue. */
  readonly put: (entries: readonly HistoryEntry[]) => Promise<string>;
}

export function describeOutboxContract(name: string, makeHarness: () => Promise<OutboxHarness>): void {
  const inQueue = async (outbox: OutboxPort, queue: string): Promise<readonly Pending[]> =>
    (await outbox.list(1_000, undefined)).filter((pending) => pending.queue === queue);

  test(`${name}: what waits is listed queue by queue, the oldest first, in pages`, async () => {
    const { outbox, put } = await makeHarness();
    const lines = [line(NOW, 'RotationStarted', { reason: 'RotationDue' }), line(NOW + 1, 'RotationCompleted')];
    const queues = [await put(lines), await put(lines)];
    const all = await outbox.list(1_000, undefined);
    for (const queue of queues) {
      const own = all.filter((pending) => pending.queue === queue);
      expect(own.map(({ line }) => line?.entry)).toEqual(lines);
      expect(own.map(({ attempts, nextAttemptAt }) => [attempts, nextAttemptAt])).toEqual([
        [0, 0],
        [0, 0],
      ]);
      expect(new Set(own.map(({ line }) => line?.accountId)).size).toBe(1);
    }
    const paged: Pending[] = [];
    for (let after: string | undefined; ; after = paged.at(-1)?.key) {
      const page = await outbox.list(1, after);
      if (page.length === 0) break;
      expect(page).toHaveLength(1);
      paged.push(...page);
    }
    expect(paged).toEqual(all);
  });

  test(`${name}: a failed attempt is kept, and only that`, async () => {
    const { outbox, put } = await makeHarness();
    const entry = line(NOW, 'Requested', { reason: 'rotate: monthly', by: 'somebody' });
    const queue = await put([entry]);
    const [before] = await inQueue(outbox, queue);
    if (before === undefined) throw new Error('Nothing waits.');
    await outbox.postpone(before, 3, NOW + 60_000);
    expect(await inQueue(outbox, queue)).toEqual([{ ...before, attempts: 3, nextAttemptAt: NOW + 60_000 }]);
  });

  test(`${name}: what was taken is gone, what was given up is counted, and twice is once`, async () => {
    const { outbox, put } = await makeHarness();
    const queue = await put([line(NOW, 'Blocked'), line(NOW + 1, 'Unblocked'), line(NOW + 2, 'Repaired')]);
    const [first, second, third] = await inQueue(outbox, queue);
    if (first === undefined || second === undefined || third === undefined) throw new Error('Too little waits.');
    const dead = await outbox.countDead();
    await outbox.remove(first);
    await outbox.remove(first);
    await outbox.bury(second, 'The receiver answered 400.');
    await outbox.bury(second, 'The receiver answered 400.');
    await outbox.bury(first, 'It is gone already.');
    await outbox.postpone(first, 1, NOW);
    expect(await inQueue(outbox, queue)).toEqual([third]);
    expect(await outbox.countDead()).toBe(dead + 1);
    await outbox.remove(third);
    expect(await inQueue(outbox, queue)).toEqual([]);
  });

  test(`${name}: the dead are forgotten by when that happened of which they tell, and nothing else is`, async () => {
    const { outbox, put } = await makeHarness();
    const queue = await put([line(NOW, 'Blocked'), line(NOW + 1, 'Unblocked'), line(NOW + 2, 'Repaired')]);
    const [first, second, third] = await inQueue(outbox, queue);
    if (first === undefined || second === undefined || third === undefined) throw new Error('Too little waits.');
    await outbox.forgetDead(NOW + 3);
    const dead = await outbox.countDead();
    await outbox.bury(first, 'The receiver answered 400.');
    await outbox.bury(second, 'The receiver answered 400.');
    expect(await outbox.forgetDead(NOW)).toBe(0);
    expect(await outbox.forgetDead(NOW + 1)).toBe(1);
    expect(await outbox.countDead()).toBe(dead + 1);
    expect(await outbox.forgetDead(NOW + 1)).toBe(0);
    expect(await outbox.forgetDead(NOW + 3)).toBe(1);
    expect(await inQueue(outbox, queue)).toEqual([third]);
    await outbox.remove(third);
  });
}
