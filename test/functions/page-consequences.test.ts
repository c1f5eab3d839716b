// The first sentence of a rehearsal, and its plan with waits merged. No browser.
import { describe, expect, it } from 'vitest';
import { lossText, planOf } from '../../src/page/action/consequence-words.ts';
import type { DryRun } from '../../src/page/types.ts';

const at = (minute: string): string => `2031-05-31T12:${minute}:00Z`;
const KEYS = [
  { slot: 'key1', role: 'published' },
  { slot: 'key2', role: 'standby' },
] as const;
const NOTHING: DryRun = { account: 'shop', steps: [], waits: [], consumers: [], others: '' };
const regenerate = (slot: 'key1' | 'key2', minute: string) =>
  ({ at: at(minute), step: 'regenerate', slot, calls: ['record', `regenerate ${slot}`] }) as const;

describe('the first sentence', () => {
  it('says which key stops working when', () => {
    const steps = [regenerate('key2', '00'), regenerate('key1', '30'), regenerate('key2', '31')];
    expect(lossText({ ...NOTHING, steps }, KEYS)).toBe(
      'The standby key (key2) stops working at 2031-05-31T12:00:00Z, and the published key (key1) stops working at 2031-05-31T12:30:00Z.',
    );
  });
  it('says so if none does, or if nothing is done', () => {
    expect(lossText(NOTHING, KEYS)).toBe('No key stops working.');
    expect(lossText({ ...NOTHING, outcome: 'RefusedNothingToRollBack' }, KEYS)).toBe(
      'Nothing is done, and no key stops working.',
    );
  });
});

describe('the plan', () => {
  const wait = (from: string, until: string, reason: 'OverlapNotOver' | 'SettleTimeNotOver') => ({
    from: at(from),
    until: at(until),
    reason,
  });
  it('merges equal waits that follow one another, and no others', () => {
    const waits = [
      wait('01', '10', 'OverlapNotOver'),
      wait('10', '20', 'OverlapNotOver'),
      wait('20', '30', 'SettleTimeNotOver'),
      wait('32', '40', 'SettleTimeNotOver'),
    ];
    const told = planOf({ ...NOTHING, steps: [regenerate('key2', '31')], waits });
    expect(told.map((line) => [line.at, line.isWait, line.text.slice(0, 15)])).toEqual([
      [at('01'), true, 'Wait 19 min: Bo'],
      [at('20'), true, 'Wait 10 min: A '],
      [at('31'), false, 'regenerate key2'],
      [at('32'), true, 'Wait 8 min: A r'],
    ]);
  });
});
