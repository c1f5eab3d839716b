// A leaked key: what is shown and asked before, what is sent, and what is waited for.
import { describe, expect, it } from 'vitest';
import { run } from '../src/run.ts';
import { DRY_RUN, PROBLEM, play, REQUEST, type Reply, type Sent } from './played-world.ts';

const LEAKED = ['compromised', 'demo', '--key', 'published', '--reason', 'in a repository'] as const;
const REPLACED = {
  ...REQUEST,
  state: 'replaced',
  replacedAt: '2031-05-01T00:01:00.000Z',
  waitsFor: 'ConfirmationTimeNotOver',
};
const CLOSED = { ...REPLACED, state: 'closed', outcome: 'KeyIsDead', provenAt: '2031-05-01T00:16:00.000Z' };

/** A service that returns the dry run, stores the request, and shows it further each time that it is looked at. */
function served(
  further: readonly Reply[] = [{ body: CLOSED }],
  dryRun: Reply = { body: DRY_RUN },
): (sent: Sent) => Reply {
  const looks = [...further];
  return ({ method, body }) => {
    if (method === 'GET') return (looks.length > 1 ? looks.shift() : looks[0]) ?? 'no answer';
    return isDryRun(body) ? dryRun : { status: 202, body: { request: REQUEST, isRepeated: false } };
  };
}
const isDryRun = (body: unknown): boolean => (body as { readonly dryRun?: boolean }).dryRun === true;
const requestsIn = (sent: readonly Sent[]) => sent.filter(({ method, body }) => method === 'POST' && !isDryRun(body));

describe('before anything is sent', () => {
  it('the dry run and its consequence are shown, and the name is asked for', async () => {
    const world = play({ replies: served(), types: 'Demo' });
    expect(await run(world, LEAKED)).toBe(0);
    const { err } = world.printed;
    const order = ['regenerateKey', 'orders: cutOff', 'Applications that use it fail', '(demo): ', 'Request id-1'];
    expect(order.map((text) => err.indexOf(text))).toEqual(
      order.map((text) => err.indexOf(text)).toSorted((a, b) => a - b),
    );
    expect(order.filter((text) => !err.includes(text))).toEqual([]);
    expect(requestsIn(world.sent)).toHaveLength(1);
  });

  it.each([
    ['another name', 'other'],
    ['nothing', ''],
    ['no terminal', undefined],
  ])('%s sends nothing', async (_, types) => {
    const world = play({ replies: served(), ...(types === undefined ? {} : { types }) });
    expect(await run(world, LEAKED)).toBe(2);
    expect(requestsIn(world.sent)).toEqual([]);
    expect(world.printed.err).toContain('--yes');
  });

  it('--yes asks nothing and makes no dry run', async () => {
    const world = play({ replies: served() });
    expect(await run(world, [...LEAKED, '--yes'])).toBe(0);
    expect(world.sent.filter(({ method, body }) => method === 'POST' && isDryRun(body))).toEqual([]);
    expect(world.printed.err).not.toContain('Type the name');
  });

  it('a dry run that the state of the account or of Azure refuses does not stop the emergency', async () => {
    const world = play({ replies: served(undefined, { status: 503, body: PROBLEM }), types: 'demo' });
    expect(await run(world, LEAKED)).toBe(0);
    expect(world.printed.err).toContain('There is no dry run. The request needs less than it:\nNot now.');
    expect(requestsIn(world.sent)).toHaveLength(1);
  });

  it('a dry run without an answer is not repeated, and does not stop it either', async () => {
    const world = play({ replies: served(undefined, 'no answer'), types: 'demo' });
    expect(await run(world, LEAKED)).toBe(0);
    expect(world.sent.filter(({ method, body }) => method === 'POST' && isDryRun(body))).toHaveLength(1);
    expect(requestsIn(world.sent)).toHaveLength(1);
  });

  it.each([401, 403])('a caller who is not let in (%i) does', async (status) => {
    const world = play({ replies: served(undefined, { status, body: PROBLEM }), types: 'demo' });
    expect(await run(world, LEAKED)).toBe(3);
    expect(requestsIn(world.sent)).toEqual([]);
  });

  it('an account that does not exist does', async () => {
    const world = play({ replies: served(undefined, { status: 404, body: PROBLEM }), types: 'demo' });
    expect(await run(world, LEAKED)).toBe(2);
    expect(requestsIn(world.sent)).toEqual([]);
  });

  it('a key in place of its name is refused, and not repeated', async () => {
    const key = 'deadbeefdeadbeefdeadbeefdeadbeef';
    const world = play({ replies: served() });
    expect(await run(world, ['compromised', 'demo', '--key', key, '--reason', 'x', '--yes'])).toBe(2);
    expect(world.sent).toEqual([]);
    expect(world.printed.err).not.toContain(key);
  });
});

describe('the request', () => {
  it('names the key, the risk and the overlap, and has an idempotency key', async () => {
    const world = play({ replies: served() });
    await run(world, [...LEAKED, '--yes', '--accept', 'outage', '--overlap', 'PT30M']);
    const [request] = requestsIn(world.sent);
    expect(request?.path).toBe('/api/accounts/demo/rotate');
    expect(request?.headers.get('idempotency-key')).toBe('id-1');
    expect(request?.body).toEqual({
      reason: 'in a repository',
      compromised: 'published',
      accept: 'outage',
      overlap: 'PT30M',
    });
  });

  it('is followed until its end, and both instants are printed', async () => {
    const world = play({ replies: served([{ body: REPLACED }, { status: 503, body: PROBLEM }, { body: CLOSED }]) });
    expect(await run(world, [...LEAKED, '--yes'])).toBe(0);
    expect(world.printed.err).toContain('replaced, waits for ConfirmationTimeNotOver\n');
    expect(world.printed.out).toContain('outcome     KeyIsDead\n');
    expect(world.printed.out).toContain('replacedAt  2031-05-01T00:01:00.000Z\nprovenAt    2031-05-01T00:16:00.000Z\n');
  });

  it('that is not over in time is wrong, unless the command does not wait', async () => {
    const world = play({ replies: served([{ body: REPLACED }]) });
    expect(await run(world, [...LEAKED, '--yes', '--wait', '60'])).toBe(1);
    expect(world.elapsedMs()).toBe(60_000);
    expect(await run(play({ replies: served([{ body: REPLACED }]) }), [...LEAKED, '--yes', '--wait', '0'])).toBe(0);
  });

  it.each([
    ['published', 'earlier', 1],
    ['key1', 'earlier', 1],
    ['0123456789abcdef', 'earlier', 0],
    ['published', 'id-1', 0],
  ])(
    '%s that an earlier request (%s) has replaced ends with %i: its present key is another one',
    async (key, id, code) => {
      const request = { ...CLOSED, id };
      const world = play({ replies: [{ status: 202, body: { request, isRepeated: true } }] });
      expect(await run(world, ['compromised', 'demo', '--key', key, '--reason', 'again', '--yes'])).toBe(code);
      expect(world.printed.err.includes('Nothing was done for the keys of now.')).toBe(code === 1);
    },
  );

  it('may be a dry run alone', async () => {
    const world = play({ replies: served() });
    expect(await run(world, [...LEAKED, '--dry-run'])).toBe(0);
    expect(requestsIn(world.sent)).toEqual([]);
  });
});
