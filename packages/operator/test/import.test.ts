// A list of accounts: what is read from it, what the service is asked, and what is written.
import { describe, expect, it } from 'vitest';
import { readCsv } from '../src/csv.ts';
import { run } from '../src/run.ts';
import { play, type Reply, type Sent } from './played-world.ts';

const idOf = (name: string) =>
  `/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/${name}`;
interface Documents {
  readonly documents: readonly { readonly alias: string; readonly document: Readonly<Record<string, unknown>> }[];
}
const documentsOf = ({ body }: Sent) => (body as Documents).documents;

/** A service that takes every document, except those of the aliases that are given. */
const judging =
  (wrong: readonly string[] = []) =>
  (sent: Sent): Reply => {
    const documents = documentsOf(sent).map(({ alias }) => {
      const problem = {
        setting: `KeyRotation:Accounts:${alias}.policy`,
        expected: 'A policy.',
        remedy: 'Correct the name.',
      };
      return { alias, isListed: alias === 'old', problems: wrong.includes(alias) ? [problem] : [] };
    });
    return { body: { isValid: wrong.length === 0, documents } };
  };

async function imported(text: string, { flags = [] as string[], wrong = [] as string[] } = {}) {
  const world = play({ replies: judging(wrong) });
  world.files.set('accounts', text);
  return { world, code: await run(world, ['import', 'accounts', ...flags]) };
}

describe('a CSV', () => {
  it('has a document for each line', async () => {
    const text = `\uFEFFid,alias,policy,consumers,standbyIsFree\r\n${idOf('one')},first,monthly,a; b,true\r\n\r\n${idOf('Two.x')},,,,yes\r\n`;
    const { world, code } = await imported(text, { flags: ['--policy', 'usual'] });
    expect(code).toBe(0);
    expect(world.sent.flatMap(documentsOf)).toEqual([
      {
        alias: 'first',
        document: { resourceId: idOf('one'), policy: 'monthly', consumers: ['a', 'b'], standbyIsFree: true },
      },
      { alias: 'Two-x', document: { resourceId: idOf('Two.x'), standbyIsFree: 'yes', policy: 'usual' } },
    ]);
  });

  it.each([
    [
      'a,b\n"c, d","e ""f"""',
      [
        ['a', 'b'],
        ['c, d', 'e "f"'],
      ],
      [1, 2],
    ],
    ['a\r\n"b\nc"\r\nd', [['a'], ['b\nc'], ['d']], [1, 2, 4]],
    [
      'a,\n,b\n\n,\n',
      [
        ['a', ''],
        ['', 'b'],
      ],
      [1, 2],
    ],
    ['', [], []],
  ])('%j is read', (text, cells, lines) => {
    const rows = readCsv(text);
    if ('wrongLine' in rows) throw new Error('It is refused.');
    expect(rows.map((row) => row.cells)).toEqual(cells);
    expect(rows.map((row) => row.line)).toEqual(lines);
  });

  it.each([
    ['a quotation mark within a value', `id\n${idOf('a')}\nx"y`, 'Line 3 is no CSV.'],
    ['an open quotation mark', 'id\n"x', 'Line 2 is no CSV.'],
    ['a column that does not exist', 'id,polcy\nx,y', 'The head names polcy.'],
    ['a column twice', 'id,policy,policy\nx,y,z', 'The head names policy.'],
    ['no id', 'alias\nx', 'The head names no id.'],
    ['too many values', 'id,alias\nx,y,z', 'Line 2 has 3 values, and the head 2.'],
    ['no account', 'id,alias\n', 'The file has no account.'],
    ['too many accounts', `id\n${`${idOf('a')}\n`.repeat(10_001)}`, 'The file has 10001 accounts.'],
  ])('with %s is refused, and nothing is sent', async (_, text, sentence) => {
    const { world, code } = await imported(text);
    expect({ code, sent: world.sent }).toEqual({ code: 2, sent: [] });
    expect(world.printed.err).toContain(sentence);
  });
});

describe('the output of az', () => {
  it('has a document for each account', async () => {
    const { world } = await imported(JSON.stringify([{ id: idOf('one'), kind: 'OpenAI', properties: {} }]));
    expect(world.sent.flatMap(documentsOf)).toEqual([{ alias: 'one', document: { resourceId: idOf('one') } }]);
  });

  it.each(['[', '[{}]', '[null]'])('%s is refused', async (text) => {
    const { world, code } = await imported(text);
    expect({ code, sent: world.sent }).toEqual({ code: 2, sent: [] });
  });
});

describe('what is validated', () => {
  const lines = (count: number) =>
    Array.from({ length: count }, (_, at) => `${idOf(`name-${String(at)}`)},account-${String(at)}\n`);

  it('goes to the service in calls that it takes', async () => {
    const { world, code } = await imported(`id,alias\n${lines(120).join('')}`);
    expect(code).toBe(0);
    expect(world.sent.flatMap(documentsOf)).toHaveLength(120);
    expect(world.sent.every((sent) => documentsOf(sent).length <= 50)).toBe(true);
    expect(world.sent.every(({ body }) => JSON.stringify(body).length <= 16_384)).toBe(true);
    const long = Array.from(
      { length: 30 },
      (_, at) => `${idOf(`n-${String(at)}`)},a-${String(at)},${'x'.repeat(900)}\n`,
    );
    const other = await imported(`id,alias,label\n${long.join('')}`);
    expect(other.world.sent.every(({ body }) => JSON.stringify(body).length <= 16_384)).toBe(true);
    expect(other.world.sent.flatMap(documentsOf)).toHaveLength(30);
  });

  it('names each bad line with field and remedy, and writes nothing', async () => {
    const text = `id,alias\n${idOf('one')},one\n${idOf('two')},two\n${idOf('three')},three\n`;
    const { world, code } = await imported(text, { flags: ['--out', 'documents'], wrong: ['two', 'three'] });
    expect(code).toBe(1);
    expect(world.files.has('documents')).toBe(false);
    expect(world.printed.out).toContain('PLACE   ALIAS  FIELD   EXPECTED   WHAT TO DO\n');
    expect(world.printed.out).toContain('line 3  two    policy  A policy.  Correct the name.\n');
    expect(world.printed.out).toContain('line 4  three  policy  A policy.  Correct the name.\nNothing was written.\n');
  });

  it.each([
    ['alias', `id,alias\n${idOf('one')},same\n${idOf('two')},SAME\n`],
    ['account', `id,alias\n${idOf('one')},one\n${idOf('ONE')}/,two\n`],
  ])('an %s that the file has twice is a bad line', async (_, text) => {
    const { world, code } = await imported(text, { flags: ['--out', 'documents'] });
    expect(code).toBe(1);
    expect(world.printed.out).toMatch(/^line 3 .*the same as line 2/m);
    expect(world.files.has('documents')).toBe(false);
  });
});

describe('what is written', () => {
  const TEXT = `id,alias\n${idOf('one')},one\n${idOf('old')},old\n`;

  it('is nothing without --out', async () => {
    const { world, code } = await imported(TEXT);
    expect(code).toBe(0);
    expect([...world.files.keys()]).toEqual(['accounts']);
    expect(world.printed.out).toContain('2 accounts: 1 are new, 1 replace a document.\nAll are valid. Dry run');
  });

  it('is a key-value for each account, in the format of az', async () => {
    const { world, code } = await imported(TEXT, { flags: ['--out', 'documents'] });
    expect(code).toBe(0);
    const item = { label: null, content_type: 'application/json', tags: {} };
    expect(JSON.parse(world.files.get('documents') ?? '')).toEqual({
      items: [
        { ...item, key: 'KeyRotation:Accounts:one', value: `{"resourceId":"${idOf('one')}"}` },
        { ...item, key: 'KeyRotation:Accounts:old', value: `{"resourceId":"${idOf('old')}"}` },
      ],
    });
    expect(world.printed.out).toContain('--path documents --format json --profile appconfig/kvset');
  });

  it('never replaces a file', async () => {
    const { world, code } = await imported(TEXT, { flags: ['--out', 'accounts'] });
    expect(code).toBe(2);
    expect(world.files.get('accounts')).toBe(TEXT);
  });
});
