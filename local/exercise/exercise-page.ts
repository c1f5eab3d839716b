// Reads docs/exercise.md: each step with its commands and the output that they must have, exactly as written.
import { readFileSync } from 'node:fs';

const FILE = new URL('../../docs/exercise.md', import.meta.url);
const STEP = /^## (\d+\. [^\n]+)\n[\s\S]*?^```sh\n([\s\S]*?)^```\n\n```text\n([\s\S]*?)^```$/gm;

export interface Step {
  readonly title: string;
  readonly commands: string;
  readonly output: string;
}

/** Throws when a step of the page has no commands or no output. */
export function readExercise(text = readFileSync(FILE, 'utf8')): readonly Step[] {
  const steps = [...text.matchAll(STEP)].map(([, title = '', commands = '', output = '']) => ({
    title,
    commands,
    output,
  }));
  const titles = [...text.matchAll(/^## (\d+\. .+)$/gm)].map(([, title]) => title);
  if (titles.length !== steps.length || titles.some((title, index) => title !== steps[index]?.title)) {
    throw new Error('A step of docs/exercise.md has no commands, or no output behind them.');
  }
  return steps;
}
