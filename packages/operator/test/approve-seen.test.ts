// The approval of many first rotations approves what the person has seen, and says what it did if it is cut off.
import { describe, expect, it } from 'vitest';
import { run } from '../src/run.ts';
import { PROBLEM, play, type Reply, type Sent } from './played-world.ts';

interface Body {
  readonly dryRun?: boolean;
  readonly after?: string;
  readonly filter: { readonly accounts?: readonly string[]; readonly policy?: string };
}
const ALL = ['approve', '--all', '--reason', 'ours'] as const;
const bodyOf = ({ body }: Sent) => body as Body;
const stored = (sent: readonly Sent[]) => sent.map(bodyOf).filter(({ dryRun }) => dryRun !== true);

const waiting = (names: readonly string[], result = 'wouldBeApproved') => ({
  total: names.length,
  accounts: names.map((account) => ({ account, result })),
});

/** A dry run shows `seen`; then all of `present` wait. `limit`: how many calls that store are answered. */
function service(seen: object, present: readonly string[], limit = 100) {
  let calls = 0;
  return (sent: Sent): Reply => {
    const { dryRun, filter } = bodyOf(sent);
    if (dryRun === true) return { body: seen };
    if (++calls > limit) return { status: 503, body: { ...PROBLEM, status: 503 } };
    const names = filter.accounts ?? present;
    return {
      status: 202,
      body: waiting(
        present.filter((name) => names.includes(name)),
        'approved',
      ),
    };
  };
}

describe('approve many', () => {
  it('leaves out an account that waits only since the dry run', async () => {
    const world = play({ replies: service(waiting(['a', 'b']), ['a', 'b', 'late']), types: '2' });
    expect(await run(world, ALL)).toBe(0);
    expect(world.printed.out).not.toContain('late');
    expect(stored(world.sent).map(({ filter }) => filter)).toEqual([{ accounts: ['a', 'b'] }]);
  });

  it('names accounts that wait no more, because another person or an earlier try was first', async () => {
    const world = play({ replies: service(waiting(['a', 'b']), ['a']), types: '2' });
    expect(await run(world, ALL)).toBe(0);
    expect(world.printed.err).toContain('Wait no more: b.\n');
  });

  it('sends the names in calls that the service takes', async () => {
    const names = Array.from({ length: 250 }, (_, at) => `${'long-name-'.repeat(5)}${String(at)}`);
    const world = play({ replies: service(waiting(names), names), types: '250' });
    expect(await run(world, ALL)).toBe(0);
    expect(stored(world.sent).flatMap(({ filter }) => filter.accounts ?? [])).toEqual(names);
    expect(stored(world.sent).every(({ filter }) => (filter.accounts?.length ?? 0) <= 100)).toBe(true);
    expect(world.sent.every(({ body }) => JSON.stringify(body).length <= 16_384)).toBe(true);
  });

  it('leaves an alias that the service takes for a key to an approval of its own', async () => {
    const long = 'a'.repeat(32);
    const world = play({ replies: service(waiting(['a', long]), ['a', long]), types: '2' });
    expect(await run(world, ALL)).toBe(1);
    expect(stored(world.sent).map(({ filter }) => filter.accounts)).toEqual([['a']]);
    expect(world.printed.out).toContain('refused');
  });

  it('shows accounts that were left out with those that were approved, and ends with 1', async () => {
    const seen = { total: 2, accounts: [...waiting(['a']).accounts, { account: 'b', result: 'standbyKeyHeld' }] };
    const world = play({ replies: service(seen, ['a', 'b']), types: '1' });
    expect(await run(world, ALL)).toBe(1);
    expect(stored(world.sent).map(({ filter }) => filter.accounts)).toEqual([['a']]);
    expect(world.printed.out).toMatch(/a +approved.*\nb +standbyKeyHeld/);
  });

  it('shows what it has approved if a later call fails', async () => {
    const names = Array.from({ length: 150 }, (_, at) => `n-${String(at)}`);
    const world = play({ replies: service(waiting(names), names, 1), types: '150' });
    expect(await run(world, ALL)).toBe(1);
    expect(world.printed.out.match(/ approved /g)).toHaveLength(100);
    expect(world.printed.err).toContain(PROBLEM.title);
  });

  it('shows the pages before with --yes, too', async () => {
    const page = { ...waiting(['a'], 'approved'), next: 'b' };
    const world = play({
      replies: [
        { status: 202, body: page },
        { status: 503, body: PROBLEM },
      ],
    });
    expect(await run(world, [...ALL, '--yes'])).toBe(1);
    expect(world.printed.out).toMatch(/^a +approved/m);
  });

  it('asks nothing if none waits, also without a terminal', async () => {
    const world = play({ replies: service(waiting([]), []) });
    expect(await run(world, ALL)).toBe(0);
    expect(world.printed.out).toBe('No account that matches waits for an approval.\n');
  });

  it.each([
    ['--request-id', 'x'],
    ['--wait', '5'],
  ])('%s is of one account, and refused for many', async (...flag) => {
    const world = play({ replies: service(waiting(['a']), ['a']) });
    expect(await run(world, [...ALL, '--yes', ...flag])).toBe(2);
    expect(world.sent).toEqual([]);
  });
});
