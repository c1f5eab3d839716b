// Runs tests, with one file mutated on its way into the test process if so asked. The tree itself is never changed.
// It must not judge: it answers which tests passed and which failed.
import { fileURLToPath } from 'node:url';
import { startVitest, type TestCase } from 'vitest/node';
import type { AdapterMutant, Killer } from './adapter-mutant.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** For one test, and for making its local Azure ready. */
const TIMEOUT_MS = 60_000;

export interface TestOutcome {
  readonly name: string;
  readonly state: ReturnType<TestCase['result']>['state'];
}

/** The tests of the killer's file that bear its name. Rejects when they cannot be loaded, with or without the mutant. */
export async function runKiller(killer: Killer, mutant: AdapterMutant | undefined): Promise<readonly TestOutcome[]> {
  const file = /^(test|packages)\//.test(killer.file) ? killer.file : `test/contract/${killer.file}`;
  const vitest = await startVitest(
    [file],
    {
      root: ROOT,
      config: false,
      watch: false,
      // Shared by all runs on this machine and blind to the mutation: it would hide it here, and show it elsewhere.
      fsModuleCache: false,
      reporters: [{}],
      include: [file],
      testNamePattern: patternOf(killer.test),
      testTimeout: TIMEOUT_MS,
      hookTimeout: TIMEOUT_MS,
    },
    { plugins: mutant === undefined ? [] : [mutation(mutant)], logLevel: 'silent' },
  );
  try {
    const modules = vitest.state.getTestModules();
    const errors = modules.flatMap((module) => module.errors().map(({ message }) => message));
    if (errors.length > 0) throw new Error(errors.join('; '));
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    return tests
      .filter(({ fullName }) => fullName.includes(killer.test))
      .map((test) => ({ name: test.fullName, state: test.result().state }));
  } finally {
    await vitest.close();
    // Failures are what is looked for; they are none of this process.
    process.exitCode = 0;
  }
}

/** The runner matches against names whose groups are parted by blanks. */
function patternOf(name: string): RegExp {
  const literal = (part: string): string => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(name.split(' > ').map(literal).join('( > | )'));
}

function mutation({ file, find, replace }: AdapterMutant) {
  const path = /^(src|local|packages)\//.test(file) ? file : `src/azure/${file}`;
  return {
    name: 'mutation',
    enforce: 'pre' as const,
    transform(code: string, id: string) {
      if (!id.endsWith(`/${path}`)) return undefined;
      const parts = code.split(find);
      if (parts.length !== 2) throw new Error(`The mutant's text stands ${parts.length - 1} times in ${file}: ${find}`);
      return { code: parts.join(replace), map: null };
    },
  };
}
