// What is noted of an account for people: when the service has renewed each key, from the lines of its history.
import { describe, expect, it } from 'vitest';
import type { HistoryKind } from '../../src/rotation/history.ts';
import type { Fingerprint, RotationId, Slot } from '../../src/rotation/model.ts';
import { notesAfter } from '../../src/rotation/pass/notes.ts';
import type { AccountNotes, HistoryEntry } from '../../src/rotation/ports.ts';

const line = (at: number, kind: HistoryKind, slot?: Slot, fingerprint?: string): HistoryEntry => ({
  at,
  kind,
  rotationId: 1 as RotationId,
  ...(slot === undefined ? {} : { slot }),
  ...(fingerprint === undefined ? {} : { fingerprint: fingerprint as Fingerprint }),
});
const after = (...lines: HistoryEntry[]) =>
  lines.reduce((notes: AccountNotes | undefined, entry) => notesAfter(notes, [entry]), undefined)?.renewed;

describe('when a key was renewed', () => {
  it('is the last regenerate of its slot, and holds for the value that was then published', () => {
    expect(after(line(1, 'RotationStarted', 'key2'), line(2, 'RegenerateRepeated', 'key2'))).toEqual({
      key2: { at: 2 },
    });
    expect(after(line(1, 'RotationStarted', 'key2'), line(3, 'Published', 'key2', 'f2'))).toEqual({
      key2: { at: 1, fingerprint: 'f2' },
    });
  });
  it('is kept for both slots, as of a key that is retired and later published in an emergency', () => {
    const retired = [
      line(1, 'RotationStarted', 'key2'),
      line(3, 'Published', 'key2', 'f2'),
      line(9, 'RetireStarted', 'key1'),
    ];
    expect(after(...retired)).toEqual({ key2: { at: 1, fingerprint: 'f2' }, key1: { at: 9 } });
    expect(after(...retired, line(20, 'Published', 'key1', 'f1'))).toMatchObject({
      key1: { at: 9, fingerprint: 'f1' },
    });
  });
  it('is not known once another program has changed the slot, or the account is adopted', () => {
    const published = [line(1, 'RotationStarted', 'key2'), line(3, 'Published', 'key2', 'f2')];
    expect(after(...published, line(5, 'Repaired', 'key2', 'other'))).toEqual({});
    expect(after(...published, line(5, 'Adopted', 'key2', 'f2'))).toEqual({});
    expect(after(...published, line(5, 'RolledBack', 'key2', 'f2'))).toEqual({ key2: { at: 1, fingerprint: 'f2' } });
    expect(after(line(3, 'Published', 'key2', 'f2'))).toBeUndefined();
  });
  it('begins again with a published key that was sacrificed', () => {
    const published = [line(1, 'RotationStarted', 'key2'), line(3, 'Published', 'key2', 'f2')];
    expect(after(...published, line(5, 'KeySacrificed', 'key2'))).toEqual({ key2: { at: 5 } });
  });
  it('is the same object while nothing about it changes', () => {
    const notes = { kind: 'OpenAI', renewed: { key2: { at: 1 } } };
    expect(notesAfter(notes, [])).toBe(notes);
    expect(notesAfter(notes, [line(2, 'Paused'), line(3, 'Blocked')])).toBe(notes);
    expect(notesAfter(undefined, [line(2, 'Paused')])).toBeUndefined();
    expect(notesAfter(notes, [line(4, 'RetireStarted', 'key1')])).toEqual({
      kind: 'OpenAI',
      renewed: { key2: { at: 1 }, key1: { at: 4 } },
    });
  });
});
