// The approval of many first rotations: what is shown and asked before, and what is sent.
import { describe, expect, it } from 'vitest';
import { run } from '../src/run.ts';
import { play, REQUEST, type Sent } from './played-world.ts';

const HOLDER = { kind: 'foundryConnection', resource: '/hub', name: 'key', standing: 'copy', slot: 'key1' };
const HOLDERS = {
  isKnown: true,
  searchedAt: '2031-05-01T00:00:00.000Z',
  holders: [HOLDER],
  unseen: [],
  unseenCount: 2,
};

function service(results: readonly string[], next?: string) {
  return ({ body }: Sent) => {
    const { dryRun, after, filter } = body as {
      readonly dryRun?: boolean;
      readonly after?: string;
      readonly filter: { readonly accounts?: readonly string[] };
    };
    if (dryRun !== true && filter.accounts !== undefined) {
      const approved = filter.accounts.map((account) => ({ account, result: 'approved', holders: HOLDERS }));
      return { status: 202, body: { total: approved.length, accounts: approved } };
    }
    const accounts = results.map((result, at) => ({
      account: `${after ?? 'a'}-${String(at)}`,
      result: result === 'approved' && dryRun === true ? 'wouldBeApproved' : result,
      holders: HOLDERS,
    }));
    const page = { total: 4, accounts, ...(after === undefined && next !== undefined ? { next } : {}) };
    return { status: dryRun === true ? 200 : 202, body: page };
  };
}
const MANY = ['approve', '--search', 'demo', '--reason', 'ours'] as const;
const stored = (sent: readonly Sent[]) => sent.filter(({ body }) => !('dryRun' in (body as object)));

describe('approve many', () => {
  it('shows the accounts with their holders, asks how many, and approves page after page', async () => {
    const world = play({ replies: service(['approved', 'approved'], 'b'), types: '4' });
    expect(await run(world, MANY)).toBe(0);
    expect(world.printed.err).toContain('a-0      wouldBeApproved  1 found, 2 resources not seen\n');
    expect(world.printed.err).toContain('  a-0: foundryConnection /hub key: copy of key1\n');
    expect(stored(world.sent).map(({ path, body }) => [path, body])).toEqual([
      ['/api/accounts/approve', { reason: 'ours', filter: { search: 'demo', accounts: ['a-0', 'a-1', 'b-0', 'b-1'] } }],
    ]);
    expect(world.printed.out.match(/ approved /g)).toHaveLength(4);
  });

  it.each([
    ['another number', '3'],
    ['no terminal', undefined],
  ])('stores nothing with %s', async (_, types) => {
    const world = play({ replies: service(['approved'], 'b'), ...(types === undefined ? {} : { types }) });
    expect(await run(world, MANY)).toBe(2);
    expect(stored(world.sent)).toEqual([]);
  });

  it('asks nothing with --yes, and ends with 1 if an account is left out', async () => {
    const world = play({ replies: service(['approved', 'standbyKeyHeld']) });
    expect(await run(world, [...MANY, '--yes'])).toBe(1);
    expect(world.sent).toHaveLength(1);
  });

  it('stores nothing in a dry run', async () => {
    const world = play({ replies: service(['approved']) });
    expect(await run(world, [...MANY, '--dry-run'])).toBe(0);
    expect(stored(world.sent)).toEqual([]);
    expect(world.printed.out).toContain('Dry run: nothing was stored.\n');
  });

  it('takes each field of the filter', async () => {
    const world = play({ replies: service([]) });
    const flags = ['--accounts', 'a, b', '--subscriptions', 's', '--policy', 'p', '--search', 't'];
    await run(world, ['approve', '--reason', 'x', '--yes', ...flags]);
    expect(world.sent[0]?.body).toMatchObject({
      filter: { accounts: ['a', 'b'], subscriptions: ['s'], policy: 'p', search: 't' },
    });
  });

  it.each([
    [['approve', '--reason', 'x']],
    [['approve', 'demo', '--all', '--reason', 'x']],
    [['approve', '--all', '--search', 'demo', '--reason', 'x', '--yes']],
  ])('%j is refused: one account, or flags', async (args) => {
    const world = play({ replies: service(['approved']) });
    expect(await run(world, args)).toBe(2);
    expect(world.sent).toEqual([]);
  });

  it('of one account is a request of that account', async () => {
    const world = play({ replies: [{ status: 202, body: { request: REQUEST, isRepeated: false } }] });
    expect(await run(world, ['approve', 'demo', '--reason', 'x'])).toBe(0);
    expect(world.sent.map(({ path }) => path)).toEqual(['/api/accounts/demo/approve']);
  });
});
