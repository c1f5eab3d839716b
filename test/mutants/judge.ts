// Says of a mutant whether the test that is named for it notices it: that test passes on the adapters as they are, and
// fails on the mutated ones.
import type { AdapterMutant, Killer } from './adapter-mutant.ts';
import { runKiller, type TestOutcome } from './run-tests.ts';

export interface Verdict {
  readonly mutant: string;
  /** The test that failed; absent when the mutant survived. */
  readonly killedBy?: string;
  /** Why there is no verdict worth having. */
  readonly complaint?: string;
}

export class Judge {
  readonly #sound = new Map<string, Promise<string | undefined>>();

  async judge(mutant: AdapterMutant): Promise<Verdict> {
    const { name, killer } = mutant;
    const complaint = await this.#complaintAbout(killer);
    if (complaint !== undefined) return { mutant: name, complaint };
    try {
      const killedBy = (await runKiller(killer, mutant)).find(({ state }) => state === 'failed')?.name;
      return { mutant: name, ...(killedBy === undefined ? {} : { killedBy }) };
    } catch (error) {
      return { mutant: name, complaint: error instanceof Error ? error.message : String(error) };
    }
  }

  /** What is wrong with a test without any mutant; asked once for each. */
  #complaintAbout(killer: Killer): Promise<string | undefined> {
    const key = `${killer.file} ${killer.test}`;
    const asked = this.#sound.get(key) ?? runKiller(killer, undefined).then(complaintOf);
    this.#sound.set(key, asked);
    return asked;
  }
}

function complaintOf(outcomes: readonly TestOutcome[]): string | undefined {
  if (outcomes.length === 0) return 'No test bears the name of the killer.';
  const failed = outcomes.find(({ state }) => state !== 'passed');
  return failed === undefined ? undefined : `Without the mutant: ${failed.name} ${failed.state}.`;
}
