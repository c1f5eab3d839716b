// How results look to people: tables, lists and problems, as text. It must not write them.
import type { Problem } from './failure.ts';

/** Control and format characters could move the cursor, hide text or change its order. Emoji keep their selectors. */
const UNSEEN = /(?![\uFE0E\uFE0F])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A text of others, on one line. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, ' ');
}

/** Lines that this command has made: as `visible`, but with their line breaks. */
export function visibleLines(text: string): string {
  return text.replaceAll(UNSEEN, (found) => (found === '\n' ? found : ' '));
}

/** JSON for a terminal or a program: unseen characters are escaped, so no value changes. */
export function jsonOf(value: unknown): string {
  // A line break within a text is escaped already: the others are between values.
  return JSON.stringify(value ?? null, null, 2).replaceAll(UNSEEN, (found) =>
    found === '\n' ? found : escaped(found),
  );
}

const escaped = (text: string): string =>
  text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/** Columns are as wide as their longest cell; two spaces stand between them. Ends with a line break. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((cells) => cells.map(visible));
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return (
    lines
      .map((cells) =>
        cells
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd(),
      )
      .join('\n') + '\n'
  );
}

/** One line for each pair; pairs without a value are left out. */
export function facts(pairs: readonly (readonly [name: string, value: string | number | undefined])[]): string {
  const known = pairs.filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...known.map(([name]) => name.length));
  return known.map(([name, value]) => `${name.padEnd(width)}  ${visible(String(value))}\n`).join('');
}

export function problemText({ title, detail, remedy, fields = [] }: Problem): string {
  const list = fields.map(({ field, expected }) => `  ${visible(field)}: ${visible(expected)}\n`).join('');
  return `${visible(title)}\n  ${visible(detail)}\n${list}  What to do: ${visible(remedy)}\n`;
}
