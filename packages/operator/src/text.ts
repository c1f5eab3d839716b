// How results look to people: tables, lists and problems, as text. It must not write them.
import type { Problem } from './failure.ts';

/** Control and format characters could move the cursor or hide text. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

export function visible(text: string): string {
  return text.replaceAll(UNSEEN, ' ');
}

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
