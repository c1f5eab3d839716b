// What the page reads out of a history: the age of a key, roll backs, emergencies, and whose fingerprint a line has.
import { describe, expect, it } from 'vitest';
import { notesOf, regeneratedAt, rotationsOf } from '../../src/page/account/rotations.ts';
import type { HistoryLine } from '../../src/page/types.ts';
import { callerText, FINGERPRINT_LABELS, historyWords } from '../../src/page/words.ts';
import { HISTORY_KINDS } from '../../src/rotation/history.ts';

const NEW = '60c6e1a94f02d7b6';
const OTHER = '50c6e1a94f02d7b5';
type More = Partial<Omit<HistoryLine, 'at' | 'kind'>>;
const line = (day: string, kind: HistoryLine['kind'], more: More = {}): HistoryLine => ({
  at: `2031-05-${day}T00:00:00Z`,
  kind,
  rotationId: 1,
  ...more,
});
/** Oldest first, as it happened. */
const told = (...lines: HistoryLine[]): readonly HistoryLine[] => lines.toReversed();
const KEY2 = { slot: 'key2', fingerprint: NEW } as const;

describe('the age of a key', () => {
  const made = [line('03', 'RotationStarted', { slot: 'key2', fingerprint: OTHER }), line('04', 'Published', KEY2)];
  it('counts from the regenerate, not from the end of the rotation', () => {
    const ended = line('11', 'RotationCompleted', { slot: 'key1', fingerprint: OTHER });
    expect(regeneratedAt(told(...made, ended), 'key2')).toBe(Date.parse('2031-05-03'));
  });
  it('is not known of a key that the service has adopted, also after a roll back to it', () => {
    const adopted = line('01', 'Adopted', { slot: 'key1', fingerprint: OTHER });
    expect(regeneratedAt(told(adopted), 'key1')).toBeUndefined();
    const back = line('05', 'RolledBack', { slot: 'key1', fingerprint: OTHER });
    expect(regeneratedAt(told(adopted, ...made, back), 'key1')).toBeUndefined();
  });
  it('is not known once another program has regenerated the slot; a repair of the secret alone changes no key', () => {
    const repaired = line('09', 'Repaired', KEY2);
    expect(regeneratedAt(told(...made, repaired), 'key2')).toBe(Date.parse('2031-05-03'));
    const drifted = line('09', 'Repaired', { slot: 'key2', fingerprint: OTHER });
    expect(regeneratedAt(told(...made, drifted), 'key2')).toBeUndefined();
  });
});

describe('the phases of a rotation', () => {
  const began = line('03', 'RotationStarted', { slot: 'key2', reason: 'RotationDue' });
  const published = line('04', 'Published', KEY2);
  it('keep the publish apart from the roll back, and say how it ended', () => {
    const lines = [began, published, line('06', 'RolledBack', { slot: 'key1', fingerprint: OTHER })];
    const [rotation] = rotationsOf(told(...lines, line('09', 'RotationCompleted', { reason: 'DeathProven' })));
    if (rotation === undefined) throw new Error('No rotation.');
    expect(rotation.publishedAt).toBe(Date.parse('2031-05-04'));
    expect(notesOf('preparing', rotation)).toEqual([]);
    expect(notesOf('propagating', rotation)).toEqual([
      { text: 'Rolled back: the former key is published again.', at: Date.parse('2031-05-06') },
    ]);
    expect(notesOf('idle', rotation).map(({ text }) => text)).toEqual(['Rolled back.', 'The old key is proven dead.']);
  });
  it('say of an emergency that a key leaked, and when it was replaced', () => {
    const leaked = line('03', 'RotationStarted', { slot: 'key2', reason: 'KeyCompromised' });
    const lines = [leaked, published, line('05', 'RetireStarted'), line('06', 'KeyReplaced', { fingerprint: OTHER })];
    const [rotation] = rotationsOf(told(...lines));
    if (rotation === undefined) throw new Error('No rotation.');
    expect(notesOf('preparing', rotation)).toEqual([{ text: 'Emergency: a key leaked.' }]);
    expect(notesOf('retiring', rotation)).toEqual([{ text: 'Leaked key replaced.', at: Date.parse('2031-05-06') }]);
    const [quick] = rotationsOf(told(published, line('04', 'KeySacrificed', { slot: 'key1' })));
    if (quick === undefined) throw new Error('No rotation.');
    expect(notesOf('preparing', quick)).toEqual([{ text: 'Emergency: the standby key was published as it was.' }]);
  });
});

describe('a line of the history', () => {
  it('never reads as if the caller had compromised the key', () => {
    const by = 'function key';
    expect(historyWords({ kind: 'RotationStarted', reason: 'KeyCompromised', by })).toBe(
      'because a key leaked (asked for by a caller with a function key)',
    );
    expect(historyWords({ kind: 'Requested', reason: 'compromised: in a repository', by: 'Ada' })).toBe(
      'the replacement of a leaked key: in a repository (by Ada)',
    );
    expect(historyWords({ kind: 'Paused', reason: 'holidays', by: 'Ada' })).toBe('holidays (by Ada)');
    expect(historyWords({ kind: 'RotationStarted', reason: 'RotationDue' })).toBe('rotation due');
    expect(callerText('Ada')).toBe('Ada');
  });
  it('labels its fingerprint as the old or the new key', () => {
    expect(HISTORY_KINDS.map((kind) => [kind, FINGERPRINT_LABELS[kind]]).filter(([, label]) => label !== '')).toEqual([
      ['Adopted', 'published'],
      ['RotationStarted', 'old'],
      ['RegenerateRepeated', 'old'],
      ['Published', 'new'],
      ['Repaired', 'published'],
      ['RolledBack', 'published again'],
      ['RetireStarted', 'old'],
      ['RotationCompleted', 'old'],
      ['KeyReplaced', 'leaked'],
      ['KeySacrificed', 'leaked'],
      ['RequestClosed', 'leaked'],
      ['Requested', 'leaked'],
    ]);
  });
});
