// `npm run exercise`: plays docs/exercise.md against a local Azure, step by step.
import { readCommand } from '../command-line.ts';
import { playExercise } from './play.ts';

async function main(): Promise<void> {
  const { 'real-az': hasRealAzureCli } = readCommand({
    name: 'npm run exercise',
    does: 'plays docs/exercise.md against a local Azure, step by step. It stops at the first output that differs.',
    flags: { 'real-az': { kind: 'switch', means: 'uses the Azure CLI of this machine in place of a played one' } },
    examples: ['npm run exercise'],
  });
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
