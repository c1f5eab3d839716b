// The axis of the plot in four locales, and sentences of the service for a person in a browser. No browser.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { labelsOf, splitsOf } from '../../src/page/account/axis-labels.ts';
import { forPeople } from '../../src/page/for-people.ts';

const at = (text: string): number => Date.parse(text) / 1_000;
const ZONE = 'Europe/Berlin';

describe('the places of the labels', () => {
  it('have room, and are two even on a narrow plot', () => {
    expect(splitsOf(0, 90, 300)).toEqual([0, 30, 60, 90]);
    expect(splitsOf(0, 90, 80)).toEqual([0, 90]);
  });
});

describe('the labels of the time axis', () => {
  const days = ['2031-12-11', '2031-12-21', '2031-12-31', '2032-01-10'].map((day) => at(`${day}T12:00:00Z`));
  const hours = ['18:00', '21:00', '23:00'].map((hour) => at(`2031-05-31T${hour}:00Z`));
  const seconds = ['00', '20', '40'].map((second) => at(`2031-05-31T15:04:${second}Z`));
  it.each([
    ['en-US', ['Dec 11\n2031', 'Dec 21', 'Dec 31', 'Jan 10\n2032']],
    ['de-CH', ['11. Dez.\n2031', '21. Dez.', '31. Dez.', '10. Jan.\n2032']],
    ['ja-JP', ['12月11日\n2031年', '12月21日', '12月31日', '1月10日\n2032年']],
    ['ar-EG', ['١١ ديسمبر\n٢٠٣١', '٢١ ديسمبر', '٣١ ديسمبر', '١٠ يناير\n٢٠٣٢']],
  ])('are days with their year: %s', (locale, expected) => expect(labelsOf(days, locale, ZONE)).toEqual(expected));
  it('are times with their day, and tell midnight', () => {
    expect(labelsOf(hours, 'de-CH', ZONE)).toEqual(['20:00\n31. Mai', '23:00', '01:00\n1. Juni']);
    // Some versions of ICU put a narrow space before PM.
    const plain = labelsOf(seconds, 'en-US', ZONE).map((label) => label.replaceAll('\u202f', ' '));
    expect(plain).toEqual(['5:04:00 PM\nMay 31', '5:04:20 PM', '5:04:40 PM']);
  });
  it('never say the same twice', () => {
    for (const locale of ['en-US', 'de-CH', 'ja-JP', 'ar'])
      for (const splits of [days, hours, seconds]) {
        expect(new Set(labelsOf(splits, locale, ZONE)).size).toBe(splits.length);
      }
  });
});

describe('a sentence of the service', () => {
  it.each([
    ['or see GET accounts for the names.', 'or see the list of accounts for the names.'],
    ['See GET accounts/{account}/requests for the ids.', 'See the page of the account for the ids.'],
    ['POST rotate runs one now.', 'the action “rotate” runs one now.'],
  ])('names places of the page: %s', (text, expected) => expect(forPeople(text)).toBe(expected));

  // The last resort, a pattern over the source: a new sentence must not bring a call that nobody has thought of.
  it('names no call of the API to a person, whatever the service says', () => {
    const root = new URL('../../src/', import.meta.url);
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.endsWith('.ts') && !path.startsWith('page'),
    );
    const told = files.flatMap((path) =>
      [
        ...readFileSync(new URL(path, root), 'utf8').matchAll(
          /(['`"])((?:(?!\1).)*\b(?:GET|POST) [a-z](?:(?!\1).)*)\1/g,
        ),
      ].map(([, , text = '']) => text),
    );
    expect(told.length).toBeGreaterThan(5);
    expect(told.map(forPeople).filter((text) => /\b(?:GET|POST) /.test(text))).toEqual([]);
  });
});
