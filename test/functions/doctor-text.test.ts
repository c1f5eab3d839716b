// The doctor's text: problems first, accounts with one finding together, and a fleet of two hundred on a page.
import { expect, it } from 'vitest';
import type { Examination } from '../../doctor/examine.ts';
import { type Line, no, open, yes } from '../../doctor/lines.ts';
import { textOf } from '../../doctor/print.ts';

const examinationOf = (lines: readonly Line[]): Examination => ({
  isWell: lines.every(({ mark }) => mark !== 'no'),
  lines,
});
const denied = (alias: string): Line =>
  no(alias, 'keysListed', `Azure refuses to list the keys of ${alias}.`, `Assign the role on ${alias}.`);

it('prints problems first, then what is worth knowing, then what is well', () => {
  const lines = [
    yes('settings', 'all', 'Every setting is understood.'),
    open('table', 'write', 'Not provable without a write.'),
    yes('shop', 'armReachable', 'It answers.'),
    yes('shop', 'secretReadable', 'It is there.'),
    denied('shop'),
  ];
  expect(textOf(examinationOf(lines))).toBe(`To be corrected

✗ shop  keysListed
    Azure refuses to list the keys of shop.
    → Assign the role on shop.

To know, or not provable

– table  write
    Not provable without a write.

Well

✓ settings: all
✓ shop: armReachable, secretReadable

✗ 3 well, 1 to be corrected, 1 to know or not provable. Nothing was changed.
`);
});

it('puts accounts together whose findings differ in their name alone, and names each one that needs action', () => {
  const text = textOf(examinationOf([denied('shop'), denied('desk'), no('desk', 'other', 'Another finding.', 'Act.')]));
  expect(text).toContain(`✗ 2 accounts  keysListed
    Azure refuses to list the keys of <account>.
    → Assign the role on <account>.
    shop, desk
✗ desk  other
`);
});

it('with only problems, leaves out everything else but the sum', () => {
  const examination = examinationOf([yes('settings', 'all', 'Well.'), open('table', 'write', 'Open.'), denied('shop')]);
  const text = textOf(examination, { isOnlyProblems: true });
  expect(text.split('\n')[0]).toBe('To be corrected');
  expect(text).not.toMatch(/^[✓–]/m);
  expect(text.trimEnd().split('\n').at(-1)).toBe(
    '✗ 1 well, 1 to be corrected, 1 to know or not provable. Nothing was changed.',
  );
  expect(textOf(examinationOf([yes('settings', 'all', 'Well.')]), { isOnlyProblems: true })).toBe(
    '✓ 1 well, 0 to be corrected, 0 to know or not provable. Nothing was changed.\n',
  );
});

it('shows two hundred accounts on a page, and no line is wider than a terminal', () => {
  const aliases = Array.from({ length: 200 }, (_, index) => `account-${index + 1}`);
  const checks = ['armReachable', 'armPermissions', 'keysListed', 'secretReadable', 'publishedIsLive', 'recordFollows'];
  const lines = aliases.flatMap((alias, index) => [
    ...checks.map((check) => yes(alias, check, `${check} of ${alias} is well.`)),
    open(alias, 'consumers', `No application of ${alias} acknowledges.`),
    ...(index % 20 === 0 ? [denied(alias)] : []),
  ]);
  const text = textOf(examinationOf(lines));
  expect(text.split('\n').length).toBeLessThan(30);
  expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
  expect(text).toContain('✗ 10 accounts  keysListed');
  expect(text).toContain('account-161, account-181');
  expect(text).toContain('account-1, account-2, account-3, account-4, account-5 and 195 more (--json has all)');
});
