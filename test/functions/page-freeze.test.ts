// What the page says about the freeze: who has set it, and what stops or begins. No browser.
import { describe, expect, it } from 'vitest';
import { authorText, effectLines } from '../../src/page/fleet/freeze-words.ts';
import type { FreezePlan } from '../../src/page/types.ts';

const NONE = { count: 0, accounts: [] };
const planned = (part: Partial<FreezePlan>): FreezePlan => ({
  present: { isFrozen: false },
  isFrozen: true,
  isChanged: true,
  calls: [],
  underWay: NONE,
  due: NONE,
  campaigns: 0,
  ...part,
});

describe('before a freeze', () => {
  it('says how many rotations stop, and which do not begin', () => {
    const underWay = { count: 2, accounts: ['a', 'b'] };
    const due = { count: 1, accounts: ['c'] };
    expect(effectLines(planned({ underWay, due, campaigns: 1 }))).toEqual([
      'No rotation begins or goes on until an operator ends the freeze.',
      'Rotations that stop: 2. Both keys of an account in its overlap stay valid.',
      'Rotations that are due and do not begin: 1.',
      'Campaigns that wait: 1.',
      'Repair, roll back and compromised keys are not held.',
    ]);
  });
  it('leaves out what there is none of', () => {
    expect(effectLines(planned({}))).toEqual([
      'No rotation begins or goes on until an operator ends the freeze.',
      'No rotation is under way, and none is due.',
      'Repair, roll back and compromised keys are not held.',
    ]);
  });
  it('says that nothing changes if all is frozen already', () => {
    expect(effectLines(planned({ isChanged: false, present: { isFrozen: true } }))).toEqual([
      'Nothing changes: all rotations are frozen already.',
    ]);
  });
});

describe('before its end', () => {
  it('says how many rotations go on, and how many begin', () => {
    const underWay = { count: 3, accounts: ['a', 'b', 'c'] };
    const due = { count: 1_204, accounts: ['d'] };
    expect(effectLines(planned({ isFrozen: false, underWay, due, campaigns: 2 }))).toEqual([
      'Rotations begin and go on with the next pass of each account.',
      'Rotations that go on: 3.',
      'Rotations that are due and begin: 1,204, unless a pause, a window or a block holds them.',
      'Campaigns that go on: 2.',
    ]);
  });
  it('says that nothing changes if nothing is frozen', () => {
    expect(effectLines(planned({ isFrozen: false, isChanged: false }))).toEqual(['Nothing changes: no freeze is set.']);
  });
});

describe('who has set it', () => {
  const changed = { by: 'Ada Lovelace', reason: 'network work', at: '2031-05-04T09:00:00.000Z' };
  it('is named with the reason', () => {
    expect(authorText({ isFrozen: true, changedAt: changed.at, changed })).toBe('by Ada Lovelace: network work');
  });
  it('is not known if another program has set it', () => {
    expect(authorText({ isFrozen: true, changedAt: changed.at })).toBe(
      'in App Configuration: by whom and why is not known.',
    );
  });
});
