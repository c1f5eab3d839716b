// docs/exercise.md is played against the local Azure: by plain HTTP everywhere, by the real Azure CLI where it is present.
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { readExercise } from '../../local/exercise/exercise-page.ts';
import { playExercise } from '../../local/exercise/play.ts';

/** The CLI takes some seconds for each of its thirty commands. */
const REAL_TIMEOUT_MS = 400_000;
const hasAzureCli = spawnSync('az', ['version'], { stdio: 'ignore' }).status === 0;

const NEEDED = [
  'putGroup',
  'putAccount',
  'listKeys',
  'regenerateKey',
  'putVault',
  'setSecret',
  'createApplication',
  'addPassword',
  'createPrincipal',
  'clientCredentials',
  'getSecret',
  'putRoleAssignment',
  'updateAccount',
  'analyzeText',
  'deleteApplication',
  'deleteGroup',
  'purgeVault',
];

it('every step of the exercise has the documented output, by plain HTTP', async () => {
  const titles: string[] = [];
  const operations = await playExercise({ onStep: ({ title }) => titles.push(title) });
  expect(titles).toHaveLength(9);
  expect(operations).toEqual(expect.arrayContaining(NEEDED));
  expect(operations).not.toContain('unknown');
});

it('an output that is not the documented one is told, with its step', async () => {
  const [first] = readExercise();
  const steps = [{ title: '1. Provision', commands: 'az login\necho 401\n', output: '200\n' }];
  await expect(playExercise({ steps })).rejects.toThrow(
    '"1. Provision" has another output than documented:\n401\ninstead of\n200\n',
  );
  expect(first?.title).toBe('1. Provision an account');
});

it('a step without an output is told', () => {
  expect(() => readExercise('## 1. One\n\n```sh\naz login\n```\n')).toThrow(
    'A step of docs/exercise.md has no commands, or no output behind them.',
  );
});

it.skipIf(!hasAzureCli)(
  'every step has the documented output with the real Azure CLI (skipped where az is not present)',
  async () => {
    const operations = await playExercise({ hasRealAzureCli: true });
    expect(operations).toEqual(expect.arrayContaining(NEEDED));
    expect(operations).not.toContain('unknown');
  },
  REAL_TIMEOUT_MS,
);
