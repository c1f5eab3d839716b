// The examination as text for people: what must be corrected first, then what is worth knowing, then what is well.
// Accounts with the same finding share one entry, so that two hundred accounts fit on a page. It must not judge.
import type { Examination } from './examine.ts';
import { type Line, type Mark, SERVICE_AREAS } from './lines.ts';

const SIGNS: Readonly<Record<Mark, string>> = { yes: '✓', no: '✗', open: '–' };
const WIDTH = 100;
/** Names of accounts in an entry that needs no action. An entry that needs action names them all. */
const NAMES_SHOWN = 5;

export interface PrintOptions {
  /** Leave out what needs no action. */
  readonly isOnlyProblems?: boolean;
}

/** One finding, with everything that it was found for. */
interface Entry {
  readonly line: Line;
  readonly areas: string[];
}

/** Ends with a line break; the last line is the sum. */
export function textOf({ lines, isWell }: Examination, { isOnlyProblems = false }: PrintOptions = {}): string {
  const withMark = (mark: Mark): readonly Line[] => lines.filter((line) => line.mark === mark);
  const problems = section('To be corrected', groupsOf(withMark('no')).map(entryOf));
  const others = isOnlyProblems
    ? []
    : [
        section('To know, or not provable', groupsOf(withMark('open')).map(entryOf)),
        section('Well', wellOf(withMark('yes'))),
      ];
  const count = (mark: Mark): number => withMark(mark).length;
  const sum = `${count('yes')} well, ${count('no')} to be corrected, ${count('open')} to know or not provable. Nothing was changed.`;
  return `${[problems, ...others].join('')}${isWell ? SIGNS.yes : SIGNS.no} ${sum}\n`;
}

function section(title: string, entries: readonly string[]): string {
  return entries.length === 0 ? '' : `${title}\n\n${entries.join('')}\n`;
}

const isAccount = (area: string): boolean => !SERVICE_AREAS.some((one) => one === area);

/** Findings in their order, each once: those of accounts that differ in the account's name alone are one. */
function groupsOf(lines: readonly Line[]): readonly Entry[] {
  const entries = new Map<string, Entry>();
  for (const line of lines) {
    const { area, check, finding, remedy = '' } = line;
    const general = (text: string): string => text.replaceAll(area, '<account>');
    const key = JSON.stringify(
      isAccount(area) ? [check, general(finding), general(remedy)] : [area, check, finding, remedy],
    );
    const entry = entries.get(key);
    if (entry === undefined) entries.set(key, { line, areas: [area] });
    else entry.areas.push(area);
  }
  return [...entries.values()];
}

function entryOf({ line, areas }: Entry): string {
  const { area, check, mark, finding, remedy } = line;
  const isOne = areas.length === 1;
  const shown = (text: string): string => (isOne ? text : text.replaceAll(area, '<account>'));
  const head = isOne ? `${area}  ${check}` : `${areas.length} accounts  ${check}`;
  const names = isOne ? '' : block(namesOf(areas, mark === 'no' ? areas.length : NAMES_SHOWN), '    ');
  const arrow = remedy === undefined ? '' : block(shown(remedy), '      ').replace('      ', '    → ');
  return `${SIGNS[mark]} ${head}\n${block(shown(finding), '    ')}${arrow}${names}`;
}

function namesOf(areas: readonly string[], limit: number): string {
  const left = areas.length - limit;
  return `${areas.slice(0, limit).join(', ')}${left > 0 ? ` and ${left} more (--json has all)` : ''}`;
}

/** What is well needs no sentence each: the checks of each area, and accounts with the same checks together. */
function wellOf(lines: readonly Line[]): readonly string[] {
  const checks = new Map<string, string[]>();
  for (const { area, check } of lines) checks.set(area, [...(checks.get(area) ?? []), check]);
  const areas = new Map<string, string[]>();
  for (const [area, of] of checks) {
    const names = counted(of).join(', ');
    const key = isAccount(area) ? names : `${area}: ${names}`;
    areas.set(key, [...(areas.get(key) ?? []), area]);
  }
  return [...areas].map(([key, [first = '', ...rest]]) => {
    if (!isAccount(first)) return `${SIGNS.yes} ${block(key, '    ').trimStart()}`;
    const head = rest.length === 0 ? first : `${rest.length + 1} accounts`;
    const names = rest.length === 0 ? '' : block(namesOf([first, ...rest], NAMES_SHOWN), '    ');
    return `${SIGNS.yes} ${block(`${head}: ${key}`, '    ').trimStart()}${names}`;
  });
}

/** Each check once. One finding for each holder: `holders (3)`. */
function counted(checks: readonly string[]): readonly string[] {
  return [...new Set(checks)].map((check) => {
    const count = checks.filter((other) => other === check).length;
    return count === 1 ? check : `${check} (${count})`;
  });
}

/** Breaks `text` at spaces and indents every line. Ends with a line break. */
function block(text: string, indent: string): string {
  const rows: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = rows.at(-1);
    if (last === undefined || indent.length + last.length + 1 + word.length > WIDTH) rows.push(word);
    else rows[rows.length - 1] = `${last} ${word}`;
  }
  return rows.map((row) => `${indent}${row}\n`).join('');
}
