import { describe, expect, it } from 'vitest';
import { ticksAfter } from '../../src/fleet/ticks.ts';

describe('the ticks that are kept', () => {
  it('begin with the first', () => {
    expect(ticksAfter([], 5)).toEqual([5]);
  });
  it('do not grow within a minute', () => {
    const former = [100_000];
    expect(ticksAfter(former, 159_999)).toBe(former);
    expect(ticksAfter(former, 160_000)).toEqual([160_000, 100_000]);
  });
  it('are none that the clock, which was set back since, has not come to again', () => {
    expect(ticksAfter([900_000, 800_000, 50_000], 160_000)).toEqual([160_000, 50_000]);
    const skewed = [170_000, 100_000];
    expect(ticksAfter(skewed, 160_000)).toBe(skewed);
  });
  it('are the six newest', () => {
    const former = [600_000, 500_000, 400_000, 300_000, 200_000, 100_000];
    expect(ticksAfter(former, 700_000)).toEqual([700_000, 600_000, 500_000, 400_000, 300_000, 200_000]);
  });
});
