// Work that runs concurrently: one error ends it, after all that has begun is over.
import { fileURLToPath } from 'node:url';
import { ESLint, Linter } from 'eslint';
import { describe, expect, it } from 'vitest';
import { allEnded, firstEnded, forEachInLanes, inLanes } from '../../src/base/lanes.ts';
import { passOverAll } from '../../src/fleet/passes.ts';
import { MemoryStage } from './memory-stage.ts';

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
};

describe('all that has begun', () => {
  it('is over when the first error is thrown', async () => {
    const ended: string[] = [];
    const slow = turns(9).then(() => void ended.push('slow'));
    const failing = turns(1).then(() => Promise.reject(new Error('one')));
    await expect(allEnded([slow, failing, Promise.reject(new Error('two'))])).rejects.toThrow('one');
    expect(ended).toEqual(['slow']);
  });
  it('returns its results in their order', async () => {
    expect(await allEnded([turns(5).then(() => 'a'), Promise.resolve(2)])).toEqual(['a', 2]);
    expect(await allEnded([])).toEqual([]);
  });
});

it('the first that ends is the result', async () => {
  expect(await firstEnded([turns(9).then(() => 'late'), turns(1).then(() => 'soon')])).toBe('soon');
});

describe('a lane that fails', () => {
  it('lets the others take nothing new, and is thrown when they are over', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const items = [1, 2, 3, 4, 5, 6];
    const act = async (item: number): Promise<void> => {
      begun.push(item);
      await turns(item === 2 ? 1 : 6);
      if (item === 2) throw new Error('two');
      ended.push(item);
    };
    await expect(forEachInLanes(items, 3, act)).rejects.toThrow('two');
    expect([begun, ended]).toEqual([
      [1, 2, 3],
      [1, 3],
    ]);
  });
  it('is told to lanes that wait', async () => {
    let lanes = 0;
    let looks = 0;
    const failing = inLanes(2, async (goesOn) => {
      if (lanes++ === 0) {
        await turns(3);
        throw new Error('one');
      }
      for (; goesOn() && looks < 100; looks++) await turns(1);
    });
    await expect(failing).rejects.toThrow('one');
    expect(looks).toBeLessThan(10);
  });
  it('begins no pass over the accounts that are still waiting', async () => {
    const stage = new MemoryStage();
    for (let index = 0; index < 20; index++) await stage.adopt(`account-${index}`);
    const until = stage.now + 60_000;
    const bounds = { startsUntil: until, stepsUntil: until, concurrency: 2 };
    const wanted: string[] = [];
    const passed: unknown[] = [];
    const isWanted = async ({ alias }: { readonly alias: string }): Promise<boolean> => {
      wanted.push(alias);
      if (alias === 'account-1') throw new Error('No answer.');
      return true;
    };
    const log = (_level: unknown, event: string, fields?: { readonly account?: unknown }): void => {
      if (event === 'pass') passed.push(fields?.account);
    };
    await expect(passOverAll(stage.app, stage.accounts, bounds, log, { isWanted })).rejects.toThrow('No answer.');
    expect(wanted).toEqual(['account-0', 'account-1']);
    expect(passed).toEqual(['account-0']);
  });
});

describe('lint', () => {
  /** What the rule that every file of a room has says about a line in it. */
  async function complaintsIn(file: string, line: string): Promise<readonly string[]> {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const config = (await new ESLint({ cwd: root }).calculateConfigForFile(file)) as { rules: Linter.RulesRecord };
    const rule = config.rules['no-restricted-syntax'];
    if (rule === undefined) return [];
    return new Linter().verify(line, { rules: { 'no-restricted-syntax': rule } }).map(({ message }) => message);
  }
  it.each(['src/fleet/passes.ts', 'src/rotation/pass/execute.ts', 'src/page/fleet/ask-fleet.ts'])(
    'refuses what leaves work behind in %s',
    async (file) => {
      for (const line of ['Promise.all([])', 'Promise.any([])', "Promise['race']([])", 'const { all } = Promise;']) {
        expect([line, ...(await complaintsIn(file, line))]).toEqual([
          line,
          'Use `allEnded` or `firstEnded` of src/base/lanes.ts.',
        ]);
      }
      expect(await complaintsIn(file, 'Promise.allSettled([])')).toEqual([]);
    },
  );
  it('allows it in the one file that waits for all', async () => {
    expect(await complaintsIn('src/base/lanes.ts', 'Promise.all([])')).toEqual([]);
  });
});
