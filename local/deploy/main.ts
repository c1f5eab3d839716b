// `npm run deploy:local`: deploys infra/main.bicep to a local Azure and shows the fleet rotating there, as a timeline.
import { spawnSync } from 'node:child_process';
import { readCommand } from '../command-line.ts';
import { endOf } from '../start/signals.ts';
import { Timeline } from '../start/timeline.ts';
import { deployLocally } from './deploy-locally.ts';
import { createCompiler } from './expand.ts';
import { textOf } from './report.ts';

/** Programs that the documented commands need, besides the two that are played. */
const PROGRAMS = ['bash', 'curl', 'npm'];

/** Throws one sentence when a program is not on the path. */
function requirePrograms(programs: readonly string[]): void {
  const missing = programs.filter((program) => spawnSync(program, ['--version']).error !== undefined);
  if (missing.length === 0) return;
  throw new Error(
    `Not found: ${missing.join(', ')}. Install it, or put it on the PATH: the commands of docs/deployment.md need it.`,
  );
}

async function main(): Promise<void> {
  const {
    json: isJson,
    crowded: isCrowded,
    'real-az': hasRealAzureCli,
  } = readCommand({
    name: 'npm run deploy:local',
    does:
      'runs the commands of docs/deployment.md against a local Azure, and shows the fleet rotating there. ' +
      'It needs a Bicep compiler, bash and curl.',
    flags: {
      'real-az': { kind: 'switch', means: 'uses the Azure CLI of this machine in place of a played one' },
      crowded: { kind: 'switch', means: 'the subscription already has events, and as many accounts as rights allow' },
      json: { kind: 'switch', means: 'prints the result as JSON, and everything else on stderr' },
    },
    examples: ['npm run deploy:local', 'npm run deploy:local -- --real-az'],
  });
  requirePrograms(hasRealAzureCli ? [...PROGRAMS, 'az'] : PROGRAMS);
  const compiler = createCompiler();
  if (compiler === undefined) {
    throw new Error(
      'There is no Bicep compiler here: install a bicep that knows the command snapshot, have the Azure CLI fetch it (az bicep install), or install the .NET SDK.',
    );
  }
  const signal = endOf();
  const out = isJson ? process.stderr : process.stdout;
  const timeline = new Timeline((line) => out.write(`${line}\n`), Date.now());
  try {
    const result = await deployLocally({
      compiler,
      hasRealAzureCli,
      isCrowded,
      signal,
      say: (about, verb, text) => timeline.say(about, verb, text),
      onEvent: (event) => timeline.showEvent(event),
    });
    process.stdout.write(isJson ? `${JSON.stringify(result)}\n` : textOf(result));
  } catch (error) {
    throw signal.aborted ? new Error('Ended before the fleet had rotated.', { cause: error }) : error;
  } finally {
    timeline.close();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${message}\n`);
    process.exit(1);
  },
);
