// Reads comma-separated values (RFC 4180): quoted fields may have commas, line breaks and doubled quotes.

export interface CsvRow {
  /** Where the row begins: the first line of the text is 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** One cell, with what ends it: a comma, a line break, or the end. */
const CELL = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n|$)/y;

/** Returns the line of the first row that is no CSV in its place. Lines without a cell are left out. */
export function readCsv(given: string): readonly CsvRow[] | { readonly wrongLine: number } {
  // Spreadsheets begin a file with a byte order mark.
  const text = given.replace(/^\uFEFF/, '');
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let line = 1;
  let start = 1;
  CELL.lastIndex = 0;
  while (CELL.lastIndex < text.length || cells.length > 0) {
    const match = CELL.exec(text);
    if (match === null) return { wrongLine: line };
    const [whole, quoted, plain = '', end = ''] = match;
    cells.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'));
    line += whole.split('\n').length - 1;
    if (end === ',') continue;
    if (cells.some((cell) => cell !== '')) rows.push({ line: start, cells });
    cells = [];
    start = line;
  }
  return rows;
}
