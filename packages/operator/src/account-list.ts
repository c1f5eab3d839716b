// From a list of accounts to their documents: a CSV with a head, or what `az cognitiveservices account list` prints.
// It must not judge a value: the service does. It refuses only what cannot be a list of accounts.

import { readCsv } from './csv.ts';
import { wrongUsage } from './failure.ts';

export interface Proposed {
  /** Where the account is in the file: `line 7`, or `account 3`. */
  readonly place: string;
  readonly alias: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/** The most accounts of one file. */
export const ACCOUNTS_MAXIMUM = 10_000;

/** The columns of a CSV, each with how its text becomes a value of the document. `alias` is no field of it. */
const COLUMNS: Readonly<Record<string, (text: string) => unknown>> = {
  resourceId: (text) => text,
  policy: (text) => text,
  vaultUrl: (text) => text,
  secretName: (text) => text,
  consumers: (text) => text.split(';').map((name) => name.trim()),
  onUnseen: (text) => text,
  // Another word goes to the service as it is: it names what it expects.
  standbyIsFree: (text) => (text === 'true' || text === 'false' ? text === 'true' : text),
  mode: (text) => text,
  label: (text) => text,
};
export const COLUMN_NAMES = ['id', 'alias', ...Object.keys(COLUMNS).slice(1)];

/** `policy`: of accounts that name none. Throws `Failure`. */
export function readAccounts(given: string, policy: string | undefined): readonly Proposed[] {
  const text = given.replace(/^\uFEFF/, '');
  const isJson = /^\s*\[/.test(text);
  const accounts = (isJson ? fromAz(text) : fromCsv(text)).map((entry) =>
    policy === undefined || 'policy' in entry.document ? entry : { ...entry, document: { ...entry.document, policy } },
  );
  if (accounts.length === 0) throw wrongUsage('The file has no account.', 'Give a head and a line for each account.');
  if (accounts.length <= ACCOUNTS_MAXIMUM) return accounts;
  throw wrongUsage(`The file has ${accounts.length} accounts.`, `Give at most ${ACCOUNTS_MAXIMUM} in one file.`);
}

function fromCsv(text: string): readonly Proposed[] {
  const rows = readCsv(text);
  if ('wrongLine' in rows) {
    const { wrongLine } = rows;
    throw wrongUsage(
      `Line ${wrongLine} is no CSV.`,
      'Put a value with commas or quotation marks between quotation marks.',
    );
  }
  const [head, ...lines] = rows;
  // Spreadsheets write columns without a name or a value at the end.
  const named = withoutEmptyEnd(head?.cells ?? []);
  const names = named.map((name) => (name === 'id' ? 'resourceId' : name));
  const wrong = names.filter(
    (name, at) => (!Object.hasOwn(COLUMNS, name) && name !== 'alias') || names.indexOf(name) !== at,
  );
  if (wrong.length > 0 || !names.includes('resourceId')) {
    const fault = wrong.length > 0 ? `The head names ${wrong.join(', ')}` : 'The head names no id';
    throw wrongUsage(`${fault}.`, `The columns are ${COLUMN_NAMES.join(', ')}, each once at most; id is needed.`);
  }
  return lines.map(({ line, cells: all }) => {
    const cells = withoutEmptyEnd(all);
    if (cells.length > names.length) {
      throw wrongUsage(`Line ${line} has ${cells.length} values, and the head ${names.length}.`, 'Correct the line.');
    }
    const given = new Map(names.map((name, at) => [name, cells[at] ?? '']));
    const fields = names.filter((name) => name !== 'alias' && given.get(name) !== '');
    const document = Object.fromEntries(fields.map((name) => [name, COLUMNS[name]?.(given.get(name) ?? '')]));
    const alias = given.get('alias') ?? '';
    return { place: `line ${line}`, alias: alias === '' ? nameOf(document['resourceId']) : alias, document };
  });
}

function withoutEmptyEnd(cells: readonly string[]): readonly string[] {
  return cells.slice(0, cells.findLastIndex((cell) => cell !== '') + 1);
}

function fromAz(text: string): readonly Proposed[] {
  const list = parsed(text);
  return list.map((entry, at) => {
    const { id } = (entry ?? {}) as { readonly id?: unknown };
    if (typeof id !== 'string') {
      throw wrongUsage(
        `Account ${at + 1} of the file has no id.`,
        'Give what `az cognitiveservices account list -o json` prints.',
      );
    }
    return { place: `account ${at + 1}`, alias: nameOf(id), document: { resourceId: id } };
  });
}

function parsed(text: string): readonly unknown[] {
  try {
    return JSON.parse(text) as readonly unknown[];
  } catch {
    throw wrongUsage(
      'The file is no JSON.',
      'Give a CSV with a head, or what `az cognitiveservices account list -o json` prints.',
    );
  }
}

/** The name of the account in Azure, as its alias: with hyphens for characters that an alias cannot have. */
function nameOf(id: unknown): string {
  const name = typeof id === 'string' ? (id.replace(/\/$/, '').split('/').at(-1) ?? '') : '';
  return name.replaceAll(/[^A-Za-z0-9-]/g, '-');
}
