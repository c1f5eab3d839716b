// One run of the delivery and many of them, in virtual time: order, back-off, dead letters, bounds, and every failure.
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { eventOf } from '../../src/notify/cloud-event.ts';
import { DELIVERY_BOUNDS, type DeliveryBounds, deliver, type Outcome } from '../../src/notify/deliver.ts';
import type { Delivery, OutboxPort, Pending } from '../../src/notify/ports.ts';
import type { AccountId, RotationId } from '../../src/rotation/model.ts';
import { createMemoryOutbox, type MemoryOutbox } from '../support/memory-outbox.ts';

const START = Date.UTC(2030, 5, 1);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CONTEXT = { source: 'urn:test', aliasOf: () => undefined };

function pending(queue: string, index: number, changes: Partial<Pending> = {}): Pending {
  const entry = { kind: 'Blocked', at: START + index, rotationId: index as RotationId } as const;
  const line = { accountId: `/accounts/${queue}` as AccountId, entry };
  return { key: `o|${queue}|${index}`, queue, line, attempts: 0, nextAttemptAt: 0, ...changes };
}

let outbox: MemoryOutbox;
let now: number;
let told: (Outcome & { key: string })[];
/** What the receiver has seen: queue and index, in the order of arrival. */
let seen: string[];
beforeEach(() => {
  outbox = createMemoryOutbox();
  now = START;
  told = [];
  seen = [];
});

type Answer = (label: string) => Delivery | Promise<Delivery>;
const TAKEN: Delivery = { kind: 'taken' };
const REFUSED: Delivery = { kind: 'refused', detail: 'The receiver answered 400.' };
const UNAVAILABLE: Delivery = { kind: 'unavailable', detail: 'The receiver answered 503.' };

function run(answer: Answer = () => TAKEN, through: OutboxPort = outbox, bounds: DeliveryBounds = DELIVERY_BOUNDS) {
  return deliver(
    {
      outbox: through,
      receiver: {
        send: async (event) => {
          const label = `${event.subject.replace('/accounts/', '')}${event.data.rotationId}`;
          seen.push(label);
          return answer(label);
        },
      },
      clock: { now: () => now },
      eventOf: async (key, line) => eventOf(key, line, CONTEXT),
      noteOutcome: ({ key }, outcome) => told.push({ key, ...outcome }),
    },
    bounds,
  );
}

describe('one run', () => {
  it('takes no wait for longer than a receiver may ask for: the clock was set back since', async () => {
    outbox.put(pending('a', 1, { nextAttemptAt: START + 6 * HOUR }));
    expect((await run()).delivered).toBe(0);
    outbox.put(pending('b', 1, { nextAttemptAt: START + 6 * HOUR + 1 }));
    expect((await run()).delivered).toBe(1);
    expect(seen).toEqual(['b1']);
  });
  it('delivers every queue in its order and leaves nothing', async () => {
    for (const index of [2, 1, 3]) for (const queue of ['b', 'a']) outbox.put(pending(queue, index));
    expect(await run()).toEqual({ delivered: 6, postponed: 0, dead: 0, failed: 0 });
    expect(seen.filter((label) => label.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(seen.filter((label) => label.startsWith('b'))).toEqual(['b1', 'b2', 'b3']);
    expect(outbox.waiting.size).toBe(0);
  });

  it('lets later ones of an account wait for the one that failed, while other accounts go on', async () => {
    for (const label of ['a1', 'a2', 'b1', 'b2']) outbox.put(pending(label.slice(0, 1), Number(label.slice(1))));
    expect(await run((label) => (label === 'a1' ? REFUSED : TAKEN))).toMatchObject({ delivered: 2, postponed: 1 });
    expect(seen.toSorted()).toEqual(['a1', 'b1', 'b2']);
    expect([...outbox.waiting.keys()]).toEqual(['o|a|1', 'o|a|2']);
    expect(told).toEqual([
      {
        key: 'o|a|1',
        kind: 'postponed',
        detail: 'The receiver answered 400.',
        attempts: 1,
        until: Date.UTC(2030, 5, 1, 0, 1),
      },
    ]);
  });

  it('holds a queue across the pages that it is read in', async () => {
    for (const index of [1, 2, 3, 4]) outbox.put(pending('a', index));
    outbox.put(pending('b', 1));
    await run((label) => (label === 'a1' ? REFUSED : TAKEN), outbox, { ...DELIVERY_BOUNDS, pageRows: 2 });
    expect(seen.toSorted()).toEqual(['a1', 'b1']);
  });

  it('stops at a receiver that is not there, and touches what it did not try', async () => {
    for (let index = 10; index < 40; index++) outbox.put(pending(`q${index}`, 1));
    await run(() => UNAVAILABLE, outbox, { ...DELIVERY_BOUNDS, concurrency: 1 });
    expect(seen).toEqual(['q101', 'q111', 'q121', 'q131', 'q141']);
    expect([...outbox.waiting.values()].filter(({ attempts }) => attempts > 0)).toHaveLength(5);
  });

  it('goes on when refusals are about single notifications', async () => {
    for (let index = 10; index < 40; index++) outbox.put(pending(`q${index}`, 1));
    await run(() => REFUSED);
    expect(seen).toHaveLength(30);
  });

  it('begins no attempt when its time is up', async () => {
    for (const index of [1, 2, 3]) outbox.put(pending('a', index));
    await run(() => {
      now += 30_000;
      return TAKEN;
    });
    expect(seen).toEqual(['a1', 'a2']);
  });

  it('serves no more accounts at a time than it may', async () => {
    for (let index = 10; index < 40; index++) outbox.put(pending(`q${index}`, 1));
    let open = 0;
    let most = 0;
    await run(async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setImmediate(resolve));
      open--;
      return TAKEN;
    });
    expect(most).toBe(8);
  });

  it('buries a row that cannot be understood at once, and goes on', async () => {
    outbox.put(pending('a', 1, { line: undefined }));
    outbox.put(pending('a', 2));
    expect(await run()).toEqual({ delivered: 1, postponed: 0, dead: 1, failed: 0 });
    expect([...outbox.dead]).toEqual([['o|a|1', 'The row cannot be understood.']]);
  });

  it('tells of an outbox that cannot be written, and ends that queue only', async () => {
    for (const label of ['a1', 'a2', 'b1']) outbox.put(pending(label.slice(0, 1), Number(label.slice(1))));
    const broken: OutboxPort = {
      ...outbox,
      remove: (row) => (row.key === 'o|a|1' ? Promise.reject(new Error('gone')) : outbox.remove(row)),
    };
    expect(await run(() => TAKEN, broken)).toEqual({ delivered: 2, postponed: 0, dead: 0, failed: 1 });
    expect(told).toEqual([{ key: 'o|a|1', kind: 'failed', error: new Error('gone') }]);
    expect([...outbox.waiting.keys()]).toEqual(['o|a|1', 'o|a|2']);
  });
});

describe('a notification that fails again and again', () => {
  it('is tried after 1, 2, 4 … minutes, hourly at last, and given up after a day', async () => {
    outbox.put(pending('a', 0));
    const attemptsAt: number[] = [];
    const answer: Answer = () => {
      attemptsAt.push((now - START) / MINUTE);
      return UNAVAILABLE;
    };
    for (; outbox.waiting.size > 0; now += MINUTE) await run(answer);
    expect(attemptsAt.slice(0, 9)).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
    expect(attemptsAt.at(-1)).toBe(1_443);
    expect(attemptsAt).toHaveLength(30);
    expect([...outbox.dead]).toEqual([['o|a|0', 'The receiver answered 503.']]);
    expect(told.at(-1)).toEqual({
      key: 'o|a|0',
      kind: 'dead',
      detail: 'The receiver answered 503.',
      attempts: 30,
    });
  });

  it('is not given up before it was tried six times, however old it is', async () => {
    now = START + 72 * HOUR;
    outbox.put(pending('a', 0));
    for (let attempt = 1; attempt < 6; attempt++, now += HOUR) {
      await run(() => REFUSED);
      expect(outbox.dead.size).toBe(0);
    }
    await run(() => REFUSED);
    expect(outbox.dead.size).toBe(1);
  });

  it.each([
    ['longer than its own wait', 600_000, 600_000],
    ['shorter than its own wait', 1_000, 60_000],
    ['longer than six hours', 86_400_000, 21_600_000],
  ])('waits as the receiver asks: %s', async (_, retryAfterMs, expected) => {
    outbox.put(pending('a', 0));
    await run(() => ({ ...UNAVAILABLE, kind: 'unavailable', detail: '', retryAfterMs }));
    expect((outbox.waiting.get('o|a|0')?.nextAttemptAt ?? 0) - START).toBe(expected);
  });

  it('lets the next one go when it is given up', async () => {
    outbox.put(pending('a', 0, { attempts: 40 }));
    outbox.put(pending('a', 1));
    now = START + 25 * HOUR;
    await run((label) => (label === 'a0' ? REFUSED : TAKEN));
    expect(seen).toEqual(['a0', 'a1']);
    expect([...outbox.dead.keys()]).toEqual(['o|a|0']);
    expect(outbox.waiting.size).toBe(0);
  });
});

describe('whatever fails, and however often', () => {
  const answers = fc.constantFrom('taken', 'lost', 'refused', 'unavailable', 'askedToWait');
  const faults = fc.constantFrom('ok', 'ok', 'before', 'after');
  const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });

  /** Each call may fail before or after it had its effect, as the script says; then all is well. */
  function faulty(script: string[]): OutboxPort {
    const through = async <T>(call: () => Promise<T>): Promise<T> => {
      const fault = script.shift() ?? 'ok';
      if (fault === 'before') throw new Error('before');
      const result = await call();
      if (fault === 'after') throw new Error('after');
      return result;
    };
    return {
      list: (limit, after) => through(() => outbox.list(limit, after)),
      remove: (row) => through(() => outbox.remove(row)),
      postpone: (row, attempts, at) => through(() => outbox.postpone(row, attempts, at)),
      bury: (row, why) => through(() => outbox.bury(row, why)),
      countDead: () => outbox.countDead(),
      forgetDead: (before) => outbox.forgetDead(before),
    };
  }

  it('each arrives at least once or lies with the dead, and in its order within the account', async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.array(answers, { maxLength: 40 }),
        fc.array(faults, { maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        async (counts, answerScript, faultScript, pageRows) => {
          outbox = createMemoryOutbox();
          now = START;
          seen = [];
          counts.forEach((count, queue) => {
            for (let index = 0; index < count; index++) outbox.put(pending(`q${queue}`, index));
          });
          const script: string[] = [...answerScript];
          const taken = new Set<string>();
          const through = faulty([...faultScript]);
          const answer: Answer = (label) => {
            const word = script.shift() ?? 'taken';
            if (word === 'taken' || word === 'lost') taken.add(label);
            if (word === 'taken') return TAKEN;
            if (word === 'refused') return REFUSED;
            return word === 'askedToWait'
              ? { ...UNAVAILABLE, kind: 'unavailable', retryAfterMs: 2 * HOUR }
              : UNAVAILABLE;
          };
          for (let turn = 0; turn < 300 && outbox.waiting.size > 0; turn++, now += 20 * MINUTE) {
            await run(answer, through, { ...DELIVERY_BOUNDS, pageRows }).catch(() => undefined);
          }
          expect(outbox.waiting.size).toBe(0);
          counts.forEach((count, queue) => {
            const arrived = seen
              .filter((label) => label.startsWith(`q${queue}`))
              .map((label) => Number(label.slice(2)));
            expect(arrived).toEqual(arrived.toSorted((a, b) => a - b));
            for (let index = 0; index < count; index++) {
              expect(taken.has(`q${queue}${index}`) || outbox.dead.has(`o|q${queue}|${index}`)).toBe(true);
            }
          });
        },
      ),
      { numRuns: 300 },
    );
  });
});
