// `freeze` and `unfreeze`.
import { describe, expect, it } from 'vitest';
import { run } from '../src/run.ts';
import { play } from './played-world.ts';

const CHANGED = { by: 'Ada', reason: 'network', at: '2031-05-01T00:00:00.000Z' };

describe.each(['freeze', 'unfreeze'])('%s', (name) => {
  const isFrozen = name === 'freeze';

  it('sends the reason, and shows who and why', async () => {
    const world = play({ replies: [{ body: { isFrozen, isChanged: true, changed: CHANGED } }] });
    expect(await run(world, [name, '--reason', 'network'])).toBe(0);
    expect(world.sent).toMatchObject([{ method: 'POST', path: `/api/${name}`, body: { reason: 'network' } }]);
    expect(world.printed.out).toMatch(isFrozen ? /^frozen {2}yes: no rotation/ : /^frozen {2}no\n/);
    expect(world.printed.out).toContain('by      Ada\n');
    expect(world.printed.err).toBe('');
  });

  it('says that nothing was changed', async () => {
    const world = play({ replies: [{ body: { isFrozen, isChanged: false, changed: CHANGED } }] });
    expect(await run(world, [name, '--reason', 'again'])).toBe(0);
    expect(world.printed.err).toBe('It was so before: the former name and reason stay.\n');
  });

  it('shows in a dry run which rotations it means', async () => {
    const underWay = { count: 2, accounts: ['one\u001b[2J'] };
    const body = {
      present: { isFrozen: !isFrozen },
      isFrozen,
      underWay,
      due: { count: 0, accounts: [] },
      campaigns: 1,
    };
    const world = play({ replies: [{ body }] });
    expect(await run(world, [name, '--reason', 'network', '--dry-run'])).toBe(0);
    expect(world.sent).toMatchObject([{ body: { reason: 'network', dryRun: true } }]);
    expect(world.printed.out).toContain('under way    2: one [2J, …\n');
    expect(world.printed.out).toContain('due          0\n');
    expect(world.printed.out).toContain('Dry run: nothing was changed.\n');
  });

  it('needs a reason, and no account', async () => {
    const world = play();
    expect(await run(world, [name])).toBe(2);
    expect(await run(world, [name, 'demo', '--reason', 'x'])).toBe(2);
    expect(world.sent).toEqual([]);
  });
});
