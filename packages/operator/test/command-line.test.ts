// The reader of command lines: flags, arguments, ranges, refusals, help.
import { describe, expect, it } from 'vitest';
import { type Command, parseCommand } from '../src/command-line.ts';

const COMMAND = {
  name: 'npm run sample',
  does: 'does something.',
  flags: {
    count: { kind: 'number', means: 'things to count', minimum: 1, maximum: 5, default: 2 },
    limit: { kind: 'number', means: 'the limit; without this flag there is none', minimum: 0, maximum: 9 },
    kind: { kind: 'text', value: 'KIND', means: 'the kind', oneOf: ['small', 'large'] },
    file: { kind: 'text', value: 'FILE', means: 'the file', default: 'a.txt' },
    loud: { kind: 'switch', means: 'says more' },
  },
  examples: ['npm run sample -- --loud'],
} as const satisfies Command;

describe('a command line', () => {
  it('has its defaults', () => {
    expect(parseCommand(COMMAND, [])).toEqual({
      kind: 'values',
      values: { count: 2, limit: undefined, kind: undefined, file: 'a.txt', loud: false },
      rest: [],
    });
  });

  it('takes values after a space or an equals sign', () => {
    expect(parseCommand(COMMAND, ['--count', '5', '--kind=large', '--loud', '--file', '--odd'])).toMatchObject({
      values: { count: 5, kind: 'large', loud: true, file: '--odd' },
    });
  });

  it.each([
    [['--count', 'many'], '--count takes a whole number from 1 to 5, not "many".'],
    [['--count', '-1'], '--count takes a whole number from 1 to 5, not "-1".'],
    [['--count', '1.5'], '--count takes a whole number from 1 to 5, not "1.5".'],
    [['--count'], '--count takes a whole number from 1 to 5.'],
    [['--count', '--loud'], '--count takes a whole number from 1 to 5.'],
    [['--kind', 'odd'], '--kind takes one of small, large, not "odd".'],
    [['--file'], '--file takes a value: FILE, the file.'],
    [['--loud=no'], '--loud takes no value, not "no".'],
    [
      ['-x'],
      '-x is no flag of npm run sample. Allowed: --count, --limit, --kind, --file, --loud, --help. See npm run sample -- --help.',
    ],
    [
      ['word'],
      'npm run sample takes no argument "word". Allowed: --count, --limit, --kind, --file, --loud, --help. See npm run sample -- --help.',
    ],
  ])('refuses %j', (args, sentence) => {
    expect(parseCommand(COMMAND, args)).toEqual({ kind: 'refusal', sentence });
  });

  it('takes other arguments where they have a name', () => {
    const command = { ...COMMAND, rest: { value: 'NAME', means: 'a name' } };
    expect(parseCommand(command, ['one', '--loud', 'two'])).toMatchObject({ rest: ['one', 'two'] });
  });

  it.each([
    [[], 'npm run sample: NAME is missing: a name. See npm run sample -- --help.'],
    [['one', 'two'], 'npm run sample: NAME is given 2 times: a name. See npm run sample -- --help.'],
  ])('refuses the arguments %j where one is needed', (args, sentence) => {
    const command = { ...COMMAND, rest: { value: 'NAME', means: 'a name', atLeast: 1, atMost: 1 } };
    expect(parseCommand(command, args)).toEqual({ kind: 'refusal', sentence });
  });

  it('refuses to run without a flag that is required, and the help says so', () => {
    const file = { kind: 'text', value: 'FILE', means: 'the file', isRequired: true } as const;
    const command = { ...COMMAND, flags: { file }, exitCodes: { 0: 'all is well' } };
    expect(parseCommand(command, [])).toEqual({ kind: 'refusal', sentence: '--file is missing: FILE, the file.' });
    const help = parseCommand(command, ['--help']);
    expect(help).toMatchObject({ text: expect.stringContaining('  --file FILE  the file; required\n') as unknown });
    expect(help).toMatchObject({ text: expect.stringContaining('Exit codes:\n  0  all is well\n') as unknown });
  });

  it('explains itself', () => {
    expect(parseCommand(COMMAND, ['--loud', '--help'])).toEqual({
      kind: 'help',
      text: [
        'npm run sample: does something.',
        '',
        'Usage: npm run sample -- [flags]',
        '',
        '  --count N    things to count; from 1 to 5; default 2',
        '  --limit N    the limit; without this flag there is none; from 0 to 9',
        '  --kind KIND  the kind; one of small, large',
        '  --file FILE  the file; default a.txt',
        '  --loud       says more',
        '  --help       shows this text',
        '',
        'Example: npm run sample -- --loud',
        '',
      ].join('\n'),
    });
  });
});
