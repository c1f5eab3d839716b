// What each command sends, prints and ends with.
import { describe, expect, it } from 'vitest';
import { run } from '../src/run.ts';
import { ACCOUNT, DRY_RUN, FLEET, HEALTH, PROBLEM, play, REQUEST, type Reply } from './played-world.ts';

const BLOCKED = { ...ACCOUNT, account: 'other', isBlocked: true, reason: 'SecretDisabled' };
const fleetOf = (fleet: object, health: object = HEALTH) =>
  play({ replies: ({ path }) => (path.endsWith('/health') ? { body: health } : { body: fleet }) });

describe('status', () => {
  it('shows the service and its accounts as a table', async () => {
    const world = fleetOf(FLEET);
    expect(await run(world, ['status'])).toBe(0);
    expect(world.printed.out).toContain('service   healthy\n');
    expect(world.printed.out).toContain(
      'ACCOUNT  PHASE  STATE  PUBLISHED  NEXT ROTATION             LAST PASS\n' +
        'demo     idle   ok     key1       2031-05-01T00:00:00.000Z  NotDue\n',
    );
  });

  it.each([
    ['an account is blocked', { ...FLEET, accounts: [ACCOUNT, BLOCKED] }, HEALTH],
    ['an account is overdue', { ...FLEET, accounts: [{ ...ACCOUNT, isOverdue: true }] }, HEALTH],
    ['an account fails', { ...FLEET, accounts: [{ ...ACCOUNT, failures: 2 }] }, HEALTH],
    ['the service is unhealthy', FLEET, { ...HEALTH, isHealthy: false }],
  ])('ends with 1 if %s', async (_, fleet, health) => {
    expect(await run(fleetOf(fleet, health), ['status'])).toBe(1);
  });

  it('reads page after page, and no more than it is asked to', async () => {
    const page = { ...FLEET, total: 5, next: 'token' };
    const world = fleetOf(page);
    await run(world, ['status', '--limit', '3', '--search', 'a b', '--blocked']);
    expect(world.sent.slice(1).map(({ path }) => path)).toEqual([
      '/api/accounts?search=a+b&blocked=true&limit=3',
      '/api/accounts?search=a+b&blocked=true&limit=2&after=token',
      '/api/accounts?search=a+b&blocked=true&limit=1&after=token',
    ]);
    expect(world.printed.out).toContain('3 of 5 accounts are shown.\n');
  });

  it('shows no character that moves the cursor', async () => {
    const world = fleetOf({ ...FLEET, accounts: [{ ...ACCOUNT, reason: 'a\u001b[2Jb' }] });
    await run(world, ['status']);
    expect(world.printed.out).toContain('a [2Jb');
  });

  it('prints the answers as JSON', async () => {
    const world = fleetOf(FLEET);
    await run(world, ['status', '--json']);
    expect(JSON.parse(world.printed.out)).toEqual({ health: HEALTH, ...FLEET });
  });
});

describe('check', () => {
  const finding = { check: 'keysListed', result: 'fail', detail: 'Refused.', remedy: 'Grant the role.' };
  it('ends with 1 and the remedies if a finding fails', async () => {
    const report = { account: 'demo', isHealthy: false, findings: [finding] };
    const world = play({ replies: [{ status: 503, body: report, type: 'application/json' }] });
    expect(await run(world, ['check', 'demo', '--search-vault'])).toBe(1);
    expect(world.sent).toMatchObject([
      { method: 'POST', path: '/api/accounts/demo/check', body: { searchVault: true } },
    ]);
    expect(world.printed.out).toContain('What to do:\nkeysListed: Grant the role.\n');
  });

  it('shows the calls of a dry run', async () => {
    const plan = { account: 'demo', calls: [{ call: 'listKeys', count: 1 }], total: 1, others: 'None is cut off.' };
    const world = play({ replies: [{ body: plan }] });
    expect(await run(world, ['check', 'demo', '--dry-run'])).toBe(0);
    expect(world.printed.out).toContain('1 calls at most. None is cut off.\n');
  });
});

const stored = (request: object, isRepeated = false): Reply => ({ status: 202, body: { request, isRepeated } });

describe('rotate, rollback, approve', () => {
  it.each(['rotate', 'rollback', 'approve'])('%s sends the request and prints how far it got', async (verb) => {
    const world = play({ replies: [stored({ ...REQUEST, kind: verb })] });
    expect(await run(world, [verb, 'demo', '--reason', 'audit'])).toBe(0);
    expect(world.sent).toMatchObject([{ path: `/api/accounts/demo/${verb}`, body: { reason: 'audit' } }]);
    expect(world.printed.out).toContain('state    open\n');
    expect(world.printed.err).toContain('repeat it with --request-id id-1.');
  });

  it('shows a dry run and stores nothing', async () => {
    const world = play({ replies: [{ body: DRY_RUN }] });
    expect(await run(world, ['rotate', 'demo', '--reason', 'audit', '--dry-run'])).toBe(0);
    expect(world.sent).toMatchObject([{ body: { reason: 'audit', dryRun: true } }]);
    expect(world.printed.out).toContain('orders: cutOff. It uses the leaked key.\n');
    expect(world.printed.out).toContain('Dry run: nothing was changed.\n');
  });

  it('ends with 1 if the request is refused, or a dry run ends blocked', async () => {
    const refused = { ...REQUEST, state: 'closed', outcome: 'RefusedNothingToRollBack' };
    expect(await run(play({ replies: [stored(refused)] }), ['rollback', 'demo', '--reason', 'x'])).toBe(1);
    const end = { at: '2031-05-01T00:00:00.000Z', reason: 'SecretDisabled', isBlocked: true };
    const world = play({ replies: [{ body: { ...DRY_RUN, end } }] });
    expect(await run(world, ['rotate', 'demo', '--reason', 'x', '--dry-run'])).toBe(1);
  });

  it('repeats an earlier request by its id', async () => {
    const world = play({ replies: [stored({ ...REQUEST, id: 'mine' }, true)] });
    await run(world, ['rotate', 'demo', '--reason', 'x', '--request-id', 'mine']);
    expect(world.sent[0]?.headers.get('idempotency-key')).toBe('mine');
    expect(world.printed.err).toContain('The request was stored before: mine.');
  });

  it('needs a reason and one account', async () => {
    const world = play();
    expect(await run(world, ['rotate', 'demo'])).toBe(2);
    expect(await run(world, ['rotate', '--reason', 'x'])).toBe(2);
    expect(await run(world, ['rotate', 'a', 'b', '--reason', 'x'])).toBe(2);
    expect(world.sent).toEqual([]);
  });
});

describe('pause and resume', () => {
  it('print the account as it is now, and whether a pass is under way', async () => {
    const pause = { by: 'anna', reason: 'release', at: '2031-05-01T00:00:00.000Z' };
    const world = play({ replies: [{ body: { ...ACCOUNT, pause, isPassUnderWay: true } }] });
    expect(await run(world, ['pause', 'demo', '--reason', 'release'])).toBe(0);
    expect(world.sent).toMatchObject([{ path: '/api/accounts/demo/pause', body: { reason: 'release' } }]);
    expect(world.printed.out).toContain('by anna at 2031-05-01T00:00:00.000Z: release\n');
    expect(world.printed.out).toContain('A pass is under way');
    expect(
      await run(play({ replies: [{ body: { ...ACCOUNT, isPassUnderWay: false } }] }), [
        'resume',
        'demo',
        '--reason',
        'x',
      ]),
    ).toBe(0);
  });
});

describe('requests', () => {
  it('shows the newest ones, or one', async () => {
    const world = play({
      replies: [{ body: { requests: [REQUEST] } }, { body: { ...REQUEST, state: 'closed', outcome: 'Expired' } }],
    });
    expect(await run(world, ['requests', 'demo', '--limit', '5'])).toBe(0);
    expect(await run(world, ['requests', 'demo', '--id', 'id-1'])).toBe(1);
    expect(world.sent.map(({ path }) => path)).toEqual([
      '/api/accounts/demo/requests?limit=5',
      '/api/accounts/demo/requests/id-1',
    ]);
  });
});

describe('watch', () => {
  it('prints an account again only when it has changed, and ends when the time is over', async () => {
    const phases = ['idle', 'idle', 'preparing', 'preparing'];
    const world = play({ replies: () => ({ body: { ...ACCOUNT, phase: phases.shift() ?? 'preparing' } }) });
    expect(await run(world, ['watch', 'demo', '--every', '10', '--for', '30'])).toBe(0);
    expect(world.sent).toHaveLength(4);
    expect(world.printed.out).toBe('demo  idle  ok  key1  NotDue\ndemo  preparing  ok  key1  NotDue\n');
  });

  it('goes on while the service is away, and ends with what it saw last', async () => {
    const replies: Reply[] = [{ body: ACCOUNT }, { status: 503, body: { ...PROBLEM, status: 503 } }, { body: BLOCKED }];
    const world = play({ replies });
    expect(await run(world, ['watch', 'demo', '--every', '10', '--for', '20'])).toBe(1);
    expect(world.printed.err).toContain('Not now.');
  });

  it('ends at once if the service cannot be reached at all', async () => {
    expect(await run(play(), ['watch'])).toBe(3);
  });
});

describe('campaigns', () => {
  const VIEW = {
    id: 'c1',
    state: 'halted',
    reason: 'policy',
    by: 'anna',
    changed: { by: 'service', at: '2031-05-01T00:00:00.000Z', reason: 'too many failures' },
    total: 2,
    open: 1,
    inFlight: 0,
    published: 0,
    done: 0,
    failed: 1,
    failures: [{ account: 'demo', ring: 'canary', reason: 'Overdue' }],
  };

  it('a halted one is wrong, and its failures are listed', async () => {
    const world = play({
      replies: ({ path }) => ({ body: path.includes('/c1') ? VIEW : { campaigns: [VIEW], total: 1 } }),
    });
    expect(await run(world, ['campaigns'])).toBe(1);
    expect(await run(world, ['campaigns', 'c1'])).toBe(1);
    expect(world.printed.out).toContain('demo    canary  Overdue\n');
  });

  it('begin with a filter, once for each id', async () => {
    const world = play({ replies: [{ status: 202, body: { campaign: VIEW, isRepeated: false } }] });
    expect(await run(world, ['start-campaign', '--policy', 'p', '--reason', 'x', '--bake', 'PT1H'])).toBe(0);
    expect(world.sent).toMatchObject([
      { path: '/api/campaigns', body: { reason: 'x', filter: { policy: 'p' }, bake: 'PT1H' } },
    ]);
    expect(world.sent[0]?.headers.get('idempotency-key')).toBe('id-1');
    expect(await run(world, ['start-campaign', '--reason', 'x'])).toBe(2);
    expect(await run(world, ['start-campaign', '--all', '--policy', 'p', '--reason', 'x'])).toBe(2);
    expect(world.sent).toHaveLength(1);
  });

  it('show in a dry run which accounts would take part', async () => {
    const plan = {
      total: 1,
      rings: [{ name: 'canary', total: 1, accounts: ['demo'] }],
      subscriptions: 1,
      skipped: { blocked: 2 },
    };
    const world = play({ replies: [{ body: plan }] });
    expect(await run(world, ['start-campaign', '--all', '--reason', 'x', '--dry-run'])).toBe(0);
    expect(world.sent).toMatchObject([{ body: { filter: {}, dryRun: true } }]);
    expect(world.printed.out).toContain('canary  1         demo\n1 accounts.\nLeft out: 2 with blocked.\n');
  });

  it('are paused, resumed and aborted with a reason', async () => {
    const world = play({ replies: [{ body: { ...VIEW, state: 'aborting' } }] });
    expect(await run(world, ['campaign', 'c1', '--do', 'abort', '--reason', 'wrong filter'])).toBe(0);
    expect(world.sent).toMatchObject([{ path: '/api/campaigns/c1/abort', body: { reason: 'wrong filter' } }]);
  });
});
