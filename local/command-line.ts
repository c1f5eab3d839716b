// The command line of the programs of this repository, as the operators' command reads its own: see `parseCommand`.
import { type Command, type Flags, parseCommand, type Values } from '../packages/operator/src/command-line.ts';

export type { Command, Flag, Values } from '../packages/operator/src/command-line.ts';

/**
 * Reads the flags of this process. For `--help` it prints the help and ends the process with code 0. For a wrong flag or
 * value it prints one sentence and ends the process with code 2.
 */
export function readCommand<const F extends Flags>(
  command: Command<F>,
): Values<F> & { readonly rest: readonly string[] } {
  const reading = parseCommand(command, process.argv.slice(2));
  switch (reading.kind) {
    case 'help':
      process.stdout.write(reading.text);
      return process.exit(0);
    case 'refusal':
      process.stderr.write(`${reading.sentence}\n`);
      return process.exit(2);
    case 'values':
      return { ...reading.values, rest: reading.rest };
  }
}
