// The examination as a table for people. It must not judge, or hide a finding that needs action.
import type { Examination } from './examine.ts';
import type { Line, Mark } from './lines.ts';

const SIGNS: Readonly<Record<Mark, string>> = { yes: '✓', no: '✗', open: '–' };

/** One row per line, with the remedy below it. Ends with a line break. */
export function tableOf({ lines, isWell }: Examination): string {
  const width = (of: (line: Line) => string): number => Math.max(0, ...lines.map((line) => of(line).length));
  const areaWidth = width(({ area }) => area);
  const checkWidth = width(({ check }) => check);
  const indent = ' '.repeat(areaWidth + checkWidth + 6);
  const rows = lines.map(({ area, check, mark, finding, remedy }) => {
    const row = `${SIGNS[mark]} ${area.padEnd(areaWidth)}  ${check.padEnd(checkWidth)}  ${finding}`;
    return remedy === undefined ? row : `${row}\n${indent}→ ${remedy}`;
  });
  const count = (mark: Mark): number => lines.filter((line) => line.mark === mark).length;
  const sum = `${count('yes')} well, ${count('no')} to be corrected, ${count('open')} to know or not provable. Nothing was changed.`;
  return `${rows.join('\n')}\n\n${isWell ? SIGNS.yes : SIGNS.no} ${sum}\n`;
}
