// Set back in mid-rotation: what is the span between two instants of one record must not shrink.
import { expect, it } from 'vitest';
import { withinClock } from '../../src/rotation/pass/clock-set-back.ts';
import { ACCOUNT, SIM_POLICY, TICK_MS } from '../sim/sim-account.ts';
import { NOW } from './given.ts';
import { dueAccount, passOver, renewedAccount } from './given-pass.ts';

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

it('two instances, one a day ahead: the overlap is not shorter than its span', async () => {
  const universe = await renewedAccount();
  const AHEAD = { behindMs: -86_400_000 };
  await passOver(universe, AHEAD); // publishes; notes `since` on its own clock
  expect(universe.rows.entity.record?.phase).toBe('propagating');
  universe.now += TICK_MS;
  await passOver(universe); // the instance in order
  universe.now += TICK_MS;
  await passOver(universe, AHEAD);
  expect(universe.rows.entity.record?.phase).toBe('propagating');
});

it('control: without the pass of the instance in order, the overlap goes on', async () => {
  const universe = await renewedAccount();
  const AHEAD = { behindMs: -86_400_000 };
  await passOver(universe, AHEAD);
  universe.now += 2 * TICK_MS;
  await passOver(universe, AHEAD);
  expect(universe.rows.entity.record?.phase).toBe('propagating');
});

it('two instances, one an hour ahead: a new key is not published before its activation time is over', async () => {
  const universe = await dueAccount();
  const AHEAD = { behindMs: -3_600_000 };
  await passOver(universe, AHEAD);
  expect(universe.rows.entity.record?.phase).toBe('preparing');
  await passOver(universe);
  universe.now += 1_000;
  expect(1_000).toBeLessThan(SIM_POLICY.activationForMs);
  const { calls } = await passOver(universe, AHEAD);
  expect(calls).not.toContain('publish');
});
