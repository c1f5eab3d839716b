// Reads the shell commands of docs/deployment.md that lead from nothing to a rotating fleet, exactly as written.
import { readFileSync } from 'node:fs';

const FILE = new URL('../../docs/deployment.md', import.meta.url);
const SECTION = '## From nothing';

/** The purpose of each block of commands in that section, in order. */
const BLOCKS = ['deploy', 'nameAccount', 'look', 'askDoctor', 'begin'] as const;

export type Commands = Readonly<Record<(typeof BLOCKS)[number], string>>;

/** Throws when the section has another number of blocks. */
export function readCommands(text = readFileSync(FILE, 'utf8')): Commands {
  const section = text.split(/^(?=## )/m).find((part) => part.startsWith(`${SECTION}\n`)) ?? '';
  const blocks = [...section.matchAll(/^( *)```sh\n([\s\S]*?)^\1```$/gm)].map(([, indent = '', body = '']) =>
    body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
  if (blocks.length !== BLOCKS.length) {
    throw new Error(
      `"${SECTION}" of docs/deployment.md has ${blocks.length} blocks of commands, not ${BLOCKS.length}.`,
    );
  }
  return Object.fromEntries(BLOCKS.map((name, index) => [name, blocks[index] ?? ''])) as Commands;
}

/** The commands, for this account instead of the documented one. */
export function forAccount(lines: string, name: string, id: string): string {
  return lines.replaceAll('my-language', name).replaceAll('<ARM id of the account>', id);
}

/** The documented command, for another key-value. */
export function putKeyValue({ nameAccount }: Commands, key: string, value: object): string {
  const other = nameAccount
    .replace(/--key \S+/, `--key ${key}`)
    .replace(/--value '[^']*'/, `--value '${JSON.stringify(value)}'`);
  if (other === nameAccount) throw new Error('The documented command that names an account has neither key nor value.');
  return other;
}
