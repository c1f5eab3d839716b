// `import`: turns a list of accounts into documents for App Configuration. The service validates each document, and each
// bad line is named with its field and remedy. The command writes a file; `az appconfig kv import` writes the store.
import { ACCOUNTS_MAXIMUM, COLUMN_NAMES, type Proposed, readAccounts } from '../account-list.ts';
import type { ConfigurationProblem, ValidationAnswer } from '../answers.ts';
import { type Context, command } from '../command.ts';
import { EXIT, wrongUsage } from '../failure.ts';
import { table } from '../text.ts';

/** What the service takes in one call. */
export const DOCUMENTS_AT_ONCE = 50;
export const CHARACTERS_AT_ONCE = 15_000;
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
      throw wrongUsage(
        `The file cannot be read: ${error instanceof Error ? error.message : file}.`,
        'Correct the path.',
      );
    });
    const proposed = readAccounts(text, policy);
    const repeated = repetitions(proposed);
    const judged = await judge(context, proposed);
    const wrong = judged.filter(({ place, problems }) => problems.length > 0 || repeated.has(place));
    if (wrong.length === 0 && out !== undefined) await write(context, out, judged);
    show({ accounts: judged, file: wrong.length === 0 ? out : undefined }, () => resultText(judged, repeated, out));
    return wrong.length === 0 ? EXIT.fine : EXIT.wrong;
  },
);

/** The service sees one part of a long file at a time, so repetitions in the file are found here. */
function repetitions(proposed: readonly Proposed[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const claim of [({ alias }: Proposed) => alias, ({ document }: Proposed) => String(document['resourceId'])]) {
    const first = new Map<string, Proposed>();
    for (const entry of proposed) {
      const key = claim(entry).toLowerCase().replace(/\/$/, '');
      const other = first.get(key);
      if (other === undefined) first.set(key, entry);
      else found.set(entry.place, `the same as ${other.place}`);
    }
  }
  return found;
}

async function judge({ client, world }: Context, proposed: readonly Proposed[]): Promise<readonly Judged[]> {
  const judged: Judged[] = [];
  for (const part of partsOf(proposed)) {
    const documents = part.map(({ alias, document }) => ({ alias, document }));
    const { body } = await client.post<ValidationAnswer>(['accounts', 'validate'], { body: { documents } });
    for (const [at, entry] of part.entries()) {
      const { isListed = false, problems = [] } = body.documents[at] ?? {};
      judged.push({ ...entry, isListed, problems });
    }
    if (judged.length < proposed.length) world.err(`${judged.length} of ${proposed.length} accounts are validated.\n`);
  }
  return judged;
}

/** Parts that the service takes in one call each. */
function partsOf(proposed: readonly Proposed[]): readonly (readonly Proposed[])[] {
  const parts: Proposed[][] = [[]];
  let characters = 0;
  for (const entry of proposed) {
    const length = JSON.stringify(entry).length;
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

function resultText(judged: readonly Judged[], repeated: ReadonlyMap<string, string>, out: string | undefined): string {
  const rows = judged.flatMap(({ place, alias, problems }) => {
    const other = repeated.get(place);
    const twice =
      other === undefined
        ? []
        : [[place, alias, '', `An account that the file has once; it is ${other}.`, 'Remove one.']];
    return [
      ...twice,
      ...problems.map(({ setting, expected, remedy }) => [place, alias, fieldOf(setting, alias), expected, remedy]),
    ];
  });
  const listed = judged.filter(({ isListed }) => isListed).length;
  const counts = `${judged.length} accounts: ${judged.length - listed} are new, ${listed} replace a document.\n`;
  if (rows.length > 0)
    return `${counts}${table(['PLACE', 'ALIAS', 'FIELD', 'EXPECTED', 'WHAT TO DO'], rows)}Nothing was written.\n`;
  if (out === undefined)
    return `${counts}All are valid. Dry run: nothing was written. --out FILE writes the file for az.\n`;
  return (
    `${counts}All are valid. ${out} is written. Write the store with:\n` +
    `az appconfig kv import --name <store> --auth-mode login --source file --path ${out} --format json --profile appconfig/kvset --yes\n` +
    'Then change KeyRotation:Sentinel, so that the service reads long lists at once.\n'
  );
}

/** The field of the document; empty for the whole of it. */
const fieldOf = (setting: string, alias: string): string =>
  setting.slice(`${PREFIX}${alias}`.length).replace(/^\./, '');
