// `import`: turns a list of accounts into documents for App Configuration. The service validates each document, and each
// bad line is named with its field and remedy. The command writes a file; `az appconfig kv import` writes the store.
import { ACCOUNTS_MAXIMUM, COLUMN_NAMES, type Proposed, readAccounts } from '../account-list.ts';
import type { ConfigurationProblem, ValidationAnswer } from '../answers.ts';
import { type Context, command } from '../command.ts';
import { EXIT, Failure, wrongUsage } from '../failure.ts';
import { table, visible } from '../text.ts';

/** What the service takes in one call. */
export const DOCUMENTS_AT_ONCE = 50;
export const CHARACTERS_AT_ONCE = 15_000;
const ALIAS_MAXIMUM = 200;
const PREFIX = 'KeyRotation:Accounts:';

interface Judged extends Proposed {
  readonly isListed: boolean;
  readonly problems: readonly ConfigurationProblem[];
}

export const importAccounts = command(
  {
    name: 'import',
    does:
      `validates a list of accounts, and writes a file for \`az appconfig kv import\`. A list has ${ACCOUNTS_MAXIMUM} ` +
      `accounts at most. It is a CSV with the columns ${COLUMN_NAMES.join(', ')}, or the output of ` +
      '`az cognitiveservices account list -o json`. Without --out it is a dry run.',
    flags: {
      out: {
        kind: 'text',
        value: 'FILE',
        means: 'the file that is written if every account is valid; it must not be there',
      },
      policy: { kind: 'text', value: 'NAME', means: 'the policy of accounts that name none' },
    },
    rest: { value: 'FILE', means: 'the list of accounts', atLeast: 1, atMost: 1 },
    examples: ['import accounts.csv', 'import accounts.json --policy monthly --out documents.json'],
  },
  async (context, { rest: [file = ''], out, policy }) => {
    const { world, show } = context;
    const text = await world.readFile(file).catch((error: unknown) => {
      if (error instanceof Failure) throw error;
      throw wrongUsage(
        `The file cannot be read: ${error instanceof Error ? error.message : file}.`,
        'Correct the path.',
      );
    });
    const proposed = readAccounts(text, policy);
    const repeated = repetitions(proposed);
    const judged = (await judge(context, proposed)).map((entry) => ({
      ...entry,
      problems: [...(repeated.get(entry.place) ?? []), ...entry.problems],
    }));
    const isValid = judged.every(({ problems }) => problems.length === 0);
    if (isValid && out !== undefined) await write(context, out, judged);
    show({ accounts: judged, file: isValid ? out : undefined }, () => resultText(judged, out));
    return isValid ? EXIT.fine : EXIT.wrong;
  },
);

interface Claim {
  readonly field: string;
  readonly of: (entry: Proposed) => unknown;
  readonly expected: string;
  readonly remedy: string;
}

const CLAIMS: readonly Claim[] = [
  { field: '', of: ({ alias }) => alias, expected: 'An alias', remedy: 'Give another alias.' },
  { field: '.resourceId', of: ({ document }) => document['resourceId'], expected: 'An account', remedy: 'Remove one.' },
];

/** The service sees one part of a long file at a time, so repetitions in the file are found here. */
function repetitions(proposed: readonly Proposed[]): ReadonlyMap<string, readonly ConfigurationProblem[]> {
  const found = new Map<string, ConfigurationProblem[]>();
  for (const { field, of, expected, remedy } of CLAIMS) {
    const first = new Map<string, Proposed>();
    for (const entry of proposed) {
      const value = of(entry);
      if (typeof value !== 'string' || value === '') continue;
      const key = value.toLowerCase().replace(/\/$/, '');
      const other = first.get(key);
      const sentence = `${expected} that the file has once; it is the same as ${other?.place ?? ''}.`;
      if (other === undefined) first.set(key, entry);
      else found.set(entry.place, [...(found.get(entry.place) ?? []), problemOf(entry, field, sentence, remedy)]);
    }
  }
  return found;
}

function problemOf({ alias }: Proposed, field: string, expected: string, remedy: string): ConfigurationProblem {
  return { setting: `${PREFIX}${alias}${field}`, account: alias, expected, remedy };
}

/** Why the service would refuse the whole call because of this account. */
function obstacle(entry: Proposed): ConfigurationProblem | undefined {
  if (entry.alias === '') {
    return problemOf(entry, '.resourceId', 'The resource id of an account.', 'Give the id.');
  }
  if (entry.alias.length > ALIAS_MAXIMUM) {
    return problemOf(entry, '.alias', 'An alias of 1 to 64 letters, digits and hyphens.', 'Give a shorter alias.');
  }
  if (lengthOf(entry) <= CHARACTERS_AT_ONCE) return undefined;
  return problemOf(entry, '', `At most ${String(CHARACTERS_AT_ONCE)} characters.`, 'Shorten its values.');
}

async function judge({ client, world }: Context, proposed: readonly Proposed[]): Promise<readonly Judged[]> {
  const obstacles = proposed.map(obstacle);
  const answers = new Map<Proposed, Judged>();
  const sendable = proposed.filter((_, at) => obstacles[at] === undefined);
  for (const part of partsOf(sendable)) {
    if (part.length === 0) continue;
    const documents = part.map(({ alias, document }) => ({ alias, document }));
    const { body } = await client.post<ValidationAnswer>(['accounts', 'validate'], { body: { documents } });
    requireJudged(body, part.length);
    for (const [at, entry] of part.entries()) {
      const { isListed = false, problems = [] } = body.documents[at] ?? {};
      answers.set(entry, { ...entry, isListed, problems });
    }
    const count = answers.size;
    if (count < sendable.length) world.err(`${count} of ${sendable.length} accounts are validated.\n`);
  }
  return proposed.map((entry, at) => {
    const problem = obstacles[at];
    const unsent = { ...entry, isListed: false, problems: problem === undefined ? [] : [problem] };
    return answers.get(entry) ?? unsent;
  });
}

/** Throws `Failure` if a document was not judged: nothing may be written then. */
function requireJudged({ isValid, documents }: ValidationAnswer, count: number): void {
  const hasProblem = documents.some(({ problems }) => problems.length > 0);
  if (documents.length === count && isValid !== hasProblem) return;
  throw new Failure(EXIT.wrong, {
    title: 'The answer of the service cannot be used.',
    detail: 'It does not say of each document whether it is valid. Nothing was written.',
    remedy: 'Take the command of the release that the service runs.',
  });
}

const lengthOf = (entry: Proposed): number => JSON.stringify(entry).length;

/** Parts that the service takes in one call each. */
function partsOf(proposed: readonly Proposed[]): readonly (readonly Proposed[])[] {
  const parts: Proposed[][] = [[]];
  let characters = 0;
  for (const entry of proposed) {
    const length = lengthOf(entry);
    const last = parts.at(-1) ?? [];
    if (last.length > 0 && (last.length === DOCUMENTS_AT_ONCE || characters + length > CHARACTERS_AT_ONCE)) {
      parts.push([entry]);
      characters = length;
    } else {
      last.push(entry);
      characters += length;
    }
  }
  return parts;
}

async function write({ world }: Context, file: string, judged: readonly Judged[]): Promise<void> {
  const items = judged.map(({ alias, document }) => ({
    key: `${PREFIX}${alias}`,
    value: JSON.stringify(document),
    label: null,
    content_type: 'application/json',
    tags: {},
  }));
  await world.writeNewFile(file, `${JSON.stringify({ items }, null, 2)}\n`).catch((error: unknown) => {
    const cause = error instanceof Error ? error.message : 'no reason is given';
    throw wrongUsage(`The file cannot be written: ${cause}.`, 'Give --out a path where no file is.');
  });
}

function resultText(judged: readonly Judged[], out: string | undefined): string {
  const rows = judged.flatMap(({ place, alias, problems }) =>
    problems.map(({ setting, expected, remedy }) => [place, alias, fieldOf(setting, alias), expected, remedy]),
  );
  const listed = judged.filter(({ isListed }) => isListed).length;
  const counts = `${judged.length} accounts: ${judged.length - listed} are new, ${listed} replace a document.\n`;
  if (rows.length > 0)
    return `${counts}${table(['PLACE', 'ALIAS', 'FIELD', 'EXPECTED', 'WHAT TO DO'], rows)}Nothing was written.\n`;
  if (out === undefined)
    return `${counts}All are valid. Dry run: nothing was written. --out FILE writes the file for az.\n`;
  return (
    `${counts}All are valid. ${visible(out)} is written. Write the store with:\n` +
    `az appconfig kv import --name <store> --auth-mode login --source file --path ${quoted(out)} --format json --profile appconfig/kvset --yes\n` +
    'Then change KeyRotation:Sentinel, so that the service reads long lists at once.\n'
  );
}

/** A path as a shell takes it. */
const quoted = (path: string): string => (/^[\w./:-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);

/** The field of the document; empty for the whole of it. */
const fieldOf = (setting: string, alias: string): string =>
  setting.slice(`${PREFIX}${alias}`.length).replace(/^\./, '');
