// Odd lists of accounts: other encodings, lines that the service would not take, and a service that judges not all.
import { describe, expect, it } from 'vitest';
import { run } from '../src/run.ts';
import { textOf } from '../src/text-file.ts';
import { play, type Reply, type Sent } from './played-world.ts';

const idOf = (name: string) =>
  `/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/${name}`;
interface Documents {
  readonly documents: readonly { readonly alias: string; readonly document: Readonly<Record<string, unknown>> }[];
}
const documentsOf = ({ body }: Sent) => (body as Documents).documents;
const allValid = (sent: Sent): Reply => ({
  body: {
    isValid: true,
    documents: documentsOf(sent).map(({ alias }) => ({ alias, isListed: false, problems: [] })),
  },
});

async function imported(text: string, flags: readonly string[] = [], replies: (sent: Sent) => Reply = allValid) {
  const world = play({ replies });
  world.files.set('accounts', text);
  return { world, code: await run(world, ['import', 'accounts', ...flags]) };
}

describe('the text of a file', () => {
  it.each([
    ['UTF-8', Buffer.from('id,\u00E4')],
    ['UTF-8 with its mark', Buffer.from('\uFEFFid,\u00E4')],
    ['UTF-16, as > of Windows PowerShell writes it', Buffer.from('\uFEFFid,\u00E4', 'utf16le')],
  ])('is read from %s', (_, bytes) => {
    expect(textOf(bytes)).toBe('id,\u00E4');
  });

  it('of another encoding is refused, because a wrong character would go into a document', () => {
    expect(() => textOf(Buffer.from('id,\u00E4', 'latin1'))).toThrow('The file is neither UTF-8 nor UTF-16.');
  });
});

describe('a list', () => {
  it('of az may begin with a byte order mark', async () => {
    const { world, code } = await imported(`\uFEFF[{"id":"${idOf('one')}"}]`);
    expect(code).toBe(0);
    expect(world.sent.flatMap(documentsOf).map(({ alias }) => alias)).toEqual(['one']);
  });

  it('may have empty columns at its end, as spreadsheets write them', async () => {
    const { world, code } = await imported(`id,alias,,\n${idOf('one')},one,,\n`);
    expect(code).toBe(0);
    expect(world.sent.flatMap(documentsOf)).toEqual([{ alias: 'one', document: { resourceId: idOf('one') } }]);
    expect((await imported(`id,alias,,\n${idOf('one')},one,,x\n`)).code).toBe(2);
  });

  it.each(['__proto__', 'constructor', 'toString'])('with the column %s is refused', async (name) => {
    const { world, code } = await imported(`id,${name}\n${idOf('one')},x\n`);
    expect({ code, sent: world.sent }).toEqual({ code: 2, sent: [] });
    expect(world.printed.err).toContain(`The head names ${name}.`);
  });

  it('with a quotation mark that never ends is refused, however long it is', async () => {
    const { world, code } = await imported(`id\n"${'x'.repeat(20_000_000)}`);
    expect(code).toBe(2);
    expect(world.printed.err).toContain('Line 2 is no CSV.');
  });

  it.each([
    ['without id and alias', ',,monthly', 'resourceId'],
    ['with an alias that is too long', `${idOf('two')},${'a'.repeat(201)},`, 'alias'],
    ['that is too long', `${idOf('two')},two,${'p'.repeat(20_000)}`, ''],
  ])('with a line %s names that line, and validates the others', async (_, line) => {
    const { world, code } = await imported(`id,alias,policy\n${idOf('one')},one,\n${line}\n${idOf('three')},three,\n`);
    expect(code).toBe(1);
    expect(world.printed.out).toMatch(/^line 3 /m);
    expect(world.printed.out).not.toMatch(/^line [24] /m);
    expect(world.sent.flatMap(documentsOf).map(({ alias }) => alias)).toEqual(['one', 'three']);
    expect(world.sent.every(({ body }) => JSON.stringify(body).length <= 16_384)).toBe(true);
  });

  it('with two lines without an id does not take them for one account', async () => {
    const { world } = await imported('id,alias\n,one\n,two\n');
    expect(world.printed.out).not.toContain('the same');
  });

  it.each([
    ['an alias', `id,alias\n${idOf('one')},same\n${idOf('two')},SAME\n`, 'Give another alias.'],
    ['an account', `id,alias\n${idOf('one')},one\n${idOf('ONE')},two\n`, 'Remove one.'],
  ])('with %s twice says so in JSON, too, with its remedy', async (_, text, remedy) => {
    const { world, code } = await imported(text, ['--json']);
    expect(code).toBe(1);
    const { accounts } = JSON.parse(world.printed.out) as { readonly accounts: readonly { problems: unknown[] }[] };
    expect(accounts[1]?.problems).toMatchObject([
      { expected: expect.stringContaining('the same as line 2') as unknown, remedy },
    ]);
  });
});

describe('a service that judges not all', () => {
  const text = `id\n${idOf('one')}\n${idOf('two')}\n`;
  it.each([
    ['fewer documents', { isValid: true, documents: [{ alias: 'one', isListed: false, problems: [] }] }],
    [
      'no problem, and not valid',
      { isValid: false, documents: ['one', 'two'].map((alias) => ({ alias, isListed: false, problems: [] })) },
    ],
  ])('(%s) lets nothing be written', async (_, body) => {
    const { world, code } = await imported(text, ['--out', 'documents'], () => ({ body }));
    expect(code).toBe(1);
    expect(world.files.has('documents')).toBe(false);
    expect(world.printed.err).not.toContain('unexpected');
  });
});

it.each([
  ['my file.json', "--path 'my file.json' "],
  ["it's; rm", "--path 'it'\\''s; rm' "],
  ['../out/documents.json', '--path ../out/documents.json '],
])('the command for az can be pasted, also with the file %s', async (file, part) => {
  const { world } = await imported(`id\n${idOf('one')}\n`, ['--out', file]);
  expect(world.printed.out).toContain(part);
});
