// Runs a command line: finds the command, runs it, prints failures, and returns the exit code. A secret that the command
// signs in with is taken out of everything that is printed, also if the service sends it back.
import { EXIT_CODES, PROGRAM, type Runnable } from './command.ts';
import { COMMANDS } from './commands.ts';
import type { Credential } from './credential.ts';
import { EXIT, type ExitCode, Failure, type Problem, USAGE_TITLE } from './failure.ts';
import { jsonOf, problemText, visibleLines } from './text.ts';
import type { World } from './world.ts';

export async function run(given: World, args: readonly string[]): Promise<ExitCode> {
  const credentials: Credential[] = [];
  const cleansed = (text: string): string =>
    credentials.reduce((clean, secret) => secret.cleanse(clean), visibleLines(text));
  const world: World = {
    ...given,
    out: (text) => given.out(cleansed(text)),
    err: (text) => given.err(cleansed(text)),
    ask: (question) => given.ask(cleansed(question)),
  };
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h') {
    world.out(overview(COMMANDS));
    return name === undefined ? EXIT.usage : EXIT.fine;
  }
  const found = COMMANDS.find((entry) => entry.name === name);
  if (found === undefined) {
    const known = COMMANDS.map((entry) => entry.name).join(', ');
    return refuse(world, rest, `"${name}" is no command. The commands are ${known}.`);
  }
  const read = found.read(rest, world);
  switch (read.kind) {
    case 'help':
      world.out(read.text);
      return EXIT.fine;
    case 'refusal':
      return refuse(world, rest, read.sentence);
    case 'ready':
      try {
        return await read.run((credential) => void credentials.push(credential));
      } catch (error) {
        const { code, problem } = asFailure(error);
        world.err(read.isJson ? `${jsonOf(problem)}\n` : problemText(problem));
        return code;
      }
  }
}

/** Of a command line that cannot be read. The sentence says what is allowed. */
function refuse(world: World, args: readonly string[], sentence: string): ExitCode {
  const remedy = `Run ${PROGRAM} COMMAND --help.`;
  const problem: Problem = { title: USAGE_TITLE, detail: sentence, remedy };
  world.err(args.includes('--json') ? `${jsonOf(problem)}\n` : `${sentence}\n`);
  return EXIT.usage;
}

/** An unexpected error is a fault of this command. Its text may hold anything, so it is not shown. */
function asFailure(error: unknown): { readonly code: ExitCode; readonly problem: Problem } {
  if (error instanceof Failure) return error;
  const name = error instanceof Error ? error.name : typeof error;
  return {
    code: EXIT.wrong,
    problem: {
      title: 'The command failed.',
      detail: `An unexpected error occurred (${name}).`,
      remedy: 'Run the command again. If it fails again, report it with the command and this text.',
    },
  };
}

function overview(commands: readonly Runnable[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2;
  const lines = commands
    .map(({ name, does }) => `  ${name.padEnd(width)}${does.split(/(?<=\.) /)[0] ?? ''}\n`)
    .join('');
  const codes = Object.entries(EXIT_CODES).map(([code, means]) => `  ${code}  ${means}\n`);
  return (
    `${PROGRAM}: works with the key rotation of Azure AI services accounts, over its HTTP API.\n\n` +
    `Usage: ${PROGRAM} COMMAND [flags]\n\nCommands:\n${lines}\nExit codes:\n${codes.join('')}\n` +
    `Every command explains itself: ${PROGRAM} COMMAND --help\n`
  );
}
