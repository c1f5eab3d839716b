// That no wait of the governor is without an end: what a compromised key gets while ARM asks to wait for hours.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createGovernor } from '../../src/azure/arm/governor.ts';
import { monotonicClock } from '../../src/azure/client/monotonic-clock.ts';
import { admitted, ask, type Clocked, clocked, OTHER, SUBSCRIPTION } from './clocked-governor.ts';

afterEach(() => vi.restoreAllMocks());

describe('a compromised key in a subscription that is closed for hours', () => {
  const closed = (): Clocked => {
    const clock = clocked();
    clock.governor.close(SUBSCRIPTION, 43_200_000);
    return clock;
  };
  test('gets a try each minute, of a list and a regenerate, and is told when', () => {
    const clock = closed();
    for (let minute = 0; minute < 3; minute++) {
      expect(admitted(clock, 'list', 'compromised')).toBe(1);
      expect(admitted(clock, 'regenerate', 'compromised')).toBe(1);
      expect(ask(clock, 'list', 'compromised')).toBe(60_000);
      clock.now += 59_999;
      expect(ask(clock, 'list', 'compromised')).toBe(1);
      clock.now += 1;
    }
  });
  test('does not open it for routine calls', () => {
    const clock = closed();
    ask(clock, 'list', 'compromised');
    expect(ask(clock, 'list', 'routine')).toBeGreaterThan(3_500_000);
  });
  test('gets its try in each subscription', () => {
    const clock = closed();
    clock.governor.close(OTHER, 43_200_000);
    expect(ask(clock, 'list', 'compromised')).toBe(0);
    expect(ask(clock, 'list', 'compromised', OTHER)).toBe(0);
  });
  test('gets its try when the bucket is empty and the clock was set back by a day', () => {
    const clock = clocked();
    admitted(clock, 'regenerate', 'compromised');
    clock.now -= 86_400_000;
    expect(admitted(clock, 'list', 'compromised')).toBe(1);
    clock.now += 60_000;
    expect(admitted(clock, 'list', 'compromised')).toBe(1);
  });
});

test('the clock is monotonic unless another one is given', () => {
  const monotonic = vi.spyOn(monotonicClock, 'now').mockReturnValue(5_000);
  const wall = vi.spyOn(Date, 'now').mockReturnValue(86_400_000);
  const governor = createGovernor();
  governor.close(SUBSCRIPTION, 7_000);
  wall.mockReturnValue(0);
  monotonic.mockReturnValue(11_999);
  expect(governor.room(SUBSCRIPTION)).toBe(0);
  monotonic.mockReturnValue(12_000);
  expect(governor.room(SUBSCRIPTION)).toBe(10);
});
