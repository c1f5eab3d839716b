// Set back in mid-rotation: what is the span between two instants of one record must not shrink.
import { expect, it } from 'vitest';
import { withinClock } from '../../src/rotation/pass/clock-set-back.ts';
import { ACCOUNT } from '../sim/sim-account.ts';
import { NOW } from './given.ts';

it('a node that was seen to lag counts for as long as it lagged', () => {
  const HOUR = 3_600_000;
  const record = { phase: 'retiring', attemptAt: NOW, enteredAt: NOW, acceptedAt: NOW + HOUR / 2 } as never;
  const stored = { record: { state: 'present', record }, entity: { record } } as never;
  const read = withinClock(stored, ACCOUNT, NOW - HOUR / 2).entity.record as unknown as {
    attemptAt: number;
    acceptedAt: number;
  };
  expect(read.acceptedAt - read.attemptAt).toBe(HOUR / 2);
});
