// Parses the flags of every program that people start by hand. `--help` prints the usage. A wrong flag is refused in
// one line that also shows the usage. It must not know the meaning of a flag: each program checks its own values.
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/**
 * Returns the values of `args`. For `--help` it prints `usage` and ends the process with code 0. Throws one sentence
 * with the usage when a flag is unknown or lacks its value.
 */
export function readCommandLine<T extends ParseArgsOptionsConfig>(
  usage: string,
  options: T,
  args: readonly string[] = process.argv.slice(2),
) {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`Usage: ${usage}\n`);
    process.exit(0);
  }
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const [sentence = ''] = text.split(/\.?(?: To specify|\n|$)/);
    throw new Error(`${sentence}. Usage: ${usage}`);
  }
}

/** As `readCommandLine`, for scripts without a main function: prints the error's sentence and ends with code 2. */
export function commandLineOf<T extends ParseArgsOptionsConfig>(usage: string, options: T) {
  try {
    return readCommandLine(usage, options);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

/** Reads a whole number. Prints one sentence and ends the process with code 2 when it is none, or out of range. */
export function wholeNumberOf(flag: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
  return refuse(`${flag} takes a whole number from ${minimum} to ${maximum}, not "${text}".`);
}

function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}
