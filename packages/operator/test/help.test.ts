// Every command explains itself, and its examples are command lines that it takes.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../src/command.ts';
import { COMMANDS } from '../src/commands.ts';
import { run } from '../src/run.ts';
import { VARIABLES } from '../src/sign-in.ts';
import { play } from './played-world.ts';

/** Words of an example as a shell gives them. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

describe.each(COMMANDS.map((entry) => [entry.name, entry] as const))('%s --help', (name, entry) => {
  const read = entry.read(['--help'], play());
  const text = read.kind === 'help' ? read.text : '';

  it('has its usage, flags with ranges and defaults, variables and exit codes', () => {
    expect(text).toContain(`Usage: ai-services-key-operator ${name} [flags]`);
    const numbers = [...text.replaceAll(/\n {4,}/g, ' ').matchAll(/^ {2}--[\w-]+ N .*$/gm)].map(([line]) => line);
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers.filter((line) => !/; from \d+ to \d+; default \d+$/.test(line))).toEqual([]);
    for (const word of ['--json', '--url URL', 'KEY_ROTATION_TOKEN', 'Exit codes:']) expect(text).toContain(word);
    expect(text.split('\n').filter((line) => line.length > 120)).toEqual([]);
  });

  it('has examples that the command takes', () => {
    const examples = [...text.matchAll(/^Example: ai-services-key-operator (.+)$/gm)].map(([, line = '']) =>
      wordsOf(line),
    );
    expect(examples.length).toBeGreaterThan(0);
    for (const [first, ...args] of examples) {
      expect(first).toBe(name);
      expect(entry.read(args, play())).toMatchObject({ kind: 'ready' });
    }
  });
});

it('without a command the commands are listed', async () => {
  const world = play();
  expect(await run(world, ['--help'])).toBe(0);
  for (const { name } of COMMANDS) expect(world.printed.out).toMatch(new RegExp(`^  ${name} `, 'm'));
  expect(world.printed.out.split('\n').filter((line) => line.length > 130)).toEqual([]);
  expect(await run(play(), [])).toBe(2);
  const wrong = play();
  expect(await run(wrong, ['explode'])).toBe(2);
  expect(wrong.printed.err).toContain('"explode" is no command. The commands are status, ');
});

it('README.md names every command, variable and exit code', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const { name } of COMMANDS) expect(readme).toMatch(new RegExp(`^\\|.*\`${name}[ \`]`, 'm'));
  const rows = [...readme.matchAll(/^\| `(KEY_ROTATION_\w+)` /gm)].map(([, variable]) => variable);
  expect(rows.toSorted()).toEqual(Object.keys(VARIABLES).toSorted());
  for (const means of Object.values(EXIT_CODES)) expect(readme).toContain(`| ${means} |`);
});
