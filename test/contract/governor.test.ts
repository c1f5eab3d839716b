// What the governor lets through: never more than ARM's bucket holds, the reserve for leaked keys only, turns for the rest.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeysCall, Urgency } from '../../src/rotation/ports.ts';
import { admitted, ask, type Clocked, clocked, OTHER, SUBSCRIPTION } from './clocked-governor.ts';

describe('a full bucket', () => {
  test('lets 150 routine passes begin, those that have begun regenerate 10 more, and leaked keys use the last 40', () => {
    const clock = clocked();
    expect(admitted(clock, 'list', 'routine')).toBe(150);
    expect(admitted(clock, 'regenerate', 'routine')).toBe(10);
    expect(admitted(clock, 'list', 'compromised')).toBe(40);
    expect(admitted(clock, 'regenerate', 'compromised')).toBe(0);
  });
  test('of one subscription, spelled in any case, does not slow another', () => {
    const clock = clocked();
    const [lower, upper] = ['aaaaaaaa-2222-3333-4444-555555555555', 'AAAAAAAA-2222-3333-4444-555555555555'];
    expect(admitted(clock, 'regenerate', 'compromised', lower)).toBe(200);
    expect(admitted(clock, 'regenerate', 'compromised', upper)).toBe(0);
    expect(admitted(clock, 'regenerate', 'compromised', OTHER)).toBe(200);
  });
});

describe('an empty bucket', () => {
  const empty = (): Clocked => {
    const clock = clocked();
    admitted(clock, 'regenerate', 'compromised');
    return clock;
  };
  test('refills by one token each 100 ms, exactly', () => {
    const clock = empty();
    clock.now += 99;
    expect(admitted(clock, 'regenerate', 'compromised')).toBe(0);
    clock.now += 1;
    expect(admitted(clock, 'regenerate', 'compromised')).toBe(1);
    for (let turn = 0; turn < 333; turn++) clock.now += 3;
    expect(admitted(clock, 'regenerate', 'compromised')).toBe(9);
  });
  test('never holds more than 200', () => {
    const clock = empty();
    clock.now += 86_400_000;
    expect(admitted(clock, 'regenerate', 'compromised')).toBe(200);
  });
  test('fills the reserve before a routine call is let through', () => {
    const clock = empty();
    clock.now += 4_099;
    expect(admitted(clock, 'regenerate', 'routine')).toBe(0);
    clock.now += 1;
    expect(admitted(clock, 'regenerate', 'routine')).toBe(1);
  });
  test('gives those who are refused turns one pass of two calls apart', () => {
    const clock = empty();
    const waits = [1, 2, 3].map(() => ask(clock, 'list', 'routine'));
    expect(waits).toEqual([5_100, 5_300, 5_500]);
    clock.now += 5_100;
    expect(ask(clock, 'list', 'routine')).toBe(0);
  });
  test('neither fills nor empties when the clock is set back', () => {
    const clock = empty();
    clock.now -= 60_000;
    expect(admitted(clock, 'regenerate', 'routine')).toBe(0);
    clock.now += 60_100;
    expect(admitted(clock, 'regenerate', 'compromised')).toBe(1);
  });
});

describe('calls on their way', () => {
  const send = ({ governor }: Clocked, urgency: Urgency = 'routine'): number => {
    try {
      governor.admit(SUBSCRIPTION, 'list', urgency);
      return 0;
    } catch (error) {
      return (error as { retryAfterMs: number }).retryAfterMs;
    }
  };
  const many = (clock: Clocked, count: number): number[] => Array.from({ length: count }, () => send(clock));
  test('are fifteen at most until ARM has answered: others may have used up what a new process takes for full', () => {
    const clock = clocked();
    expect(many(clock, 18)).toEqual([...Array.from({ length: 15 }, () => 0), 20, 40, 60]);
    clock.governor.learn(SUBSCRIPTION, 51);
    expect(many(clock, 2)).toEqual([0, 80]);
    // Of the 16 sent one was answered, and it leaves one above what is kept.
    for (let answers = 0; answers < 15; answers++) clock.governor.learn(SUBSCRIPTION, 51);
    expect(many(clock, 2)).toEqual([0, 100]);
  });
  test('are not counted where a key has leaked', () => {
    const clock = clocked();
    many(clock, 15);
    expect(send(clock, 'compromised')).toBe(0);
  });
  test('are forgotten five seconds after', () => {
    const clock = clocked();
    many(clock, 15);
    clock.now += 4_999;
    expect(send(clock)).toBe(334);
    clock.now += 1;
    expect(many(clock, 15)).toEqual(Array.from({ length: 15 }, () => 0));
  });
  test('that are answered slowly send the others away for longer, as far apart as the answers come', () => {
    const clock = clocked();
    many(clock, 15);
    clock.now += 1_500;
    expect(many(clock, 3)).toEqual([100, 200, 300]);
  });
  test('are over when ARM says nothing about the limit, too, and the count stays as it is', () => {
    const clock = clocked();
    many(clock, 15);
    clock.governor.learn(SUBSCRIPTION, undefined);
    expect(many(clock, 2)).toEqual([0, 20]);
    for (let calls = 0; calls < 15; calls++) clock.governor.learn(SUBSCRIPTION, undefined);
    expect(admitted(clock, 'list', 'routine')).toBe(134);
  });
});

describe('the room for passes that begin', () => {
  test('is half of what may be taken beside reserve and headroom, as long as few calls are on their way', () => {
    const clock = clocked();
    expect(clock.governor.room(SUBSCRIPTION)).toBe(15);
    for (let calls = 0; calls < 125; calls++) ask(clock, 'list', 'routine');
    expect(clock.governor.room(SUBSCRIPTION)).toBe(12);
    clock.governor.admit(SUBSCRIPTION, 'list', 'routine');
    expect(clock.governor.room(SUBSCRIPTION)).toBe(12);
    for (let calls = 0; calls < 10; calls++) clock.governor.admit(SUBSCRIPTION, 'list', 'routine');
    expect(clock.governor.room(SUBSCRIPTION)).toBe(4);
    expect(clock.governor.room(OTHER)).toBe(15);
  });
  test('is none while the subscription is closed, and takes nothing', () => {
    const clock = clocked();
    expect([clock.governor.room(SUBSCRIPTION), admitted(clock, 'list', 'routine')]).toEqual([15, 150]);
    clock.now += 60_000;
    clock.governor.close(SUBSCRIPTION, 7_000);
    clock.now += 6_999;
    expect(clock.governor.room(SUBSCRIPTION)).toBe(0);
    clock.now += 1;
    // Seven seconds fill the reserve, the headroom and ten passes.
    expect(clock.governor.room(SUBSCRIPTION)).toBe(10);
  });
});

describe('what ARM says', () => {
  test('lowers the count where others use the bucket too, and never raises it', () => {
    const clock = clocked();
    clock.governor.learn(SUBSCRIPTION, 59);
    expect(admitted(clock, 'regenerate', 'routine')).toBe(20);
    clock.governor.learn(SUBSCRIPTION, 1_199);
    expect(admitted(clock, 'regenerate', 'routine')).toBe(0);
  });
  test('closes the subscription for as long as a refusal asks, for leaked keys too, and for no other', () => {
    const clock = clocked();
    ask(clock, 'list', 'compromised');
    clock.governor.close(SUBSCRIPTION, 7_000);
    expect(ask(clock, 'list', 'compromised')).toBe(7_000);
    expect(ask(clock, 'list', 'routine', OTHER)).toBe(0);
    clock.now += 6_999;
    expect(ask(clock, 'list', 'compromised')).toBeGreaterThan(0);
    clock.now += 1;
    expect(admitted(clock, 'list', 'compromised')).toBe(70);
  });
  test('closes for five seconds when a refusal does not say for how long', () => {
    const clock = clocked();
    clock.governor.close(SUBSCRIPTION, undefined);
    expect(ask(clock, 'list', 'routine')).toBe(5_000);
  });
  test('closes for an hour at most, although a refusal asks for half a day', () => {
    const clock = clocked();
    clock.governor.close(SUBSCRIPTION, 43_200_000);
    expect(ask(clock, 'list', 'routine')).toBe(3_600_000);
    clock.now += 3_599_999;
    expect(admitted(clock, 'list', 'routine')).toBe(0);
    clock.now += 1;
    expect(admitted(clock, 'list', 'routine')).toBe(150);
  });
  test('is an error that names the call, and says that nothing was sent', () => {
    const clock = clocked();
    clock.governor.close(SUBSCRIPTION, 2_000);
    expect(() => clock.governor.admit(SUBSCRIPTION, 'regenerate', 'routine')).toThrow(
      expect.objectContaining({
        code: 'Throttled',
        service: 'arm',
        operation: 'regenerate',
        retryAfterMs: 2_000,
        status: undefined,
        message: 'Not sent: the subscription has no write to spare; come back in 2000 ms.',
      }),
    );
  });
});

test('in any window no more is admitted than 200 and 10 for each second, and without a leak never more than 160', () => {
  const moves = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 4_000 }),
      calls: fc.integer({ min: 1, max: 120 }),
      call: fc.constantFrom<KeysCall>('list', 'regenerate'),
      urgency: fc.constantFrom<Urgency>('routine', 'compromised'),
    }),
    { minLength: 1, maxLength: 30 },
  );
  fc.assert(
    fc.property(moves, fc.boolean(), (plan, isLeaked) => {
      const clock = clocked();
      const sentAt: number[] = [];
      for (const { afterMs, calls, call, urgency } of plan) {
        clock.now += afterMs;
        for (let n = 0; n < calls; n++)
          if (ask(clock, call, isLeaked ? urgency : 'routine') === 0) sentAt.push(clock.now);
      }
      const burst = isLeaked ? 200 : 160;
      for (const [first, from] of sentAt.entries()) {
        for (let last = first; last < sentAt.length; last++) {
          const windowMs = (sentAt[last] ?? from) - from;
          expect(last - first + 1).toBeLessThanOrEqual(burst + windowMs / 100);
        }
      }
    }),
    { numRuns: 60 },
  );
});
