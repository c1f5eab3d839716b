// The flags of every program that people start by hand: `--help` tells them, a wrong one is refused in one line that tells
// them, too. It must not know what a flag means; a program checks its values itself.
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/**
 * The values of `args`. Prints `usage` and ends the process with 0 when asked for help; throws one sentence and the usage
 * when a flag is unknown or lacks its value.
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

/** As `readCommandLine`, for programs without a function around them: says what is wrong and ends with 2. */
export function commandLineOf<T extends ParseArgsOptionsConfig>(usage: string, options: T) {
  try {
    return readCommandLine(usage, options);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

/** A whole number that a flag gives; ends the process with 2 and one sentence when it is none, or out of range. */
export function wholeNumberOf(flag: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
  return refuse(`${flag} takes a whole number from ${minimum} to ${maximum}, not "${text}".`);
}

function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}
