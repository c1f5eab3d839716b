// `npm run mutants:adapters`: tries every deliberate bug of the adapters on the test that is named for it.
// Prints a line each, and the sum; exit code 1 when one survives. `--only TEXT` takes those whose names hold it.
import { readCommand } from '../../local/command-line.ts';
import { ADAPTER_MUTANTS } from './all.ts';
import { Judge, type Verdict } from './judge.ts';

function lineOf({ mutant, killedBy, complaint }: Verdict): string {
  if (complaint !== undefined) return `? ${mutant}\n    ${complaint}`;
  return killedBy === undefined ? `✗ ${mutant}\n    survived` : `✓ ${mutant}\n    ${killedBy}`;
}

async function main(): Promise<void> {
  const { only, json } = readCommand({
    name: 'npm run mutants:adapters',
    does: 'tries every deliberate bug of the adapters on the test that is named for it. Exit code 1: a bug survives.',
    flags: {
      only: { kind: 'text', value: 'TEXT', means: 'tries the bugs whose names contain TEXT' },
      json: { kind: 'switch', means: 'prints the verdicts as JSON' },
    },
    examples: ['npm run mutants:adapters -- --only table'],
  });
  const mutants = ADAPTER_MUTANTS.filter(({ name }) => name.includes(only ?? ''));
  const judge = new Judge();
  const verdicts: Verdict[] = [];
  // One after the other: each brings a local Azure of its own.
  for (const mutant of mutants) {
    const verdict = await judge.judge(mutant);
    verdicts.push(verdict);
    if (!json) process.stdout.write(`${lineOf(verdict)}\n`);
  }
  const killed = verdicts.filter(({ killedBy }) => killedBy !== undefined).length;
  process.stdout.write(json ? `${JSON.stringify(verdicts)}\n` : `${killed} of ${mutants.length} killed\n`);
  process.exitCode = mutants.length > 0 && killed === mutants.length ? 0 : 1;
}

await main();
