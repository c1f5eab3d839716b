// `npm run exercise`: plays docs/exercise.md against a local Azure, step by step.
import { readCommandLine } from '../command-line.ts';
import { playExercise } from './play.ts';

const USAGE = 'npm run exercise -- [--real-az]';

async function main(): Promise<void> {
  const { 'real-az': hasRealAzureCli } = readCommandLine(USAGE, { 'real-az': { type: 'boolean', default: false } });
  await playExercise({
    hasRealAzureCli,
    onStep: ({ title, commands, output }) => process.stdout.write(`## ${title}\n\n${commands}\n${output}\n`),
  });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
