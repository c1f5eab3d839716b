// How the command calls the service: addresses, attempts, sign-in, and answers that are none of the service's.
import { describe, expect, it } from 'vitest';
import { run } from '../src/run.ts';
import { ACCOUNT, PROBLEM, play } from './played-world.ts';

const STATUS = ['status', 'demo'] as const;

describe('the address', () => {
  it.each([
    ['https://app.example', '/api/accounts/demo'],
    ['https://app.example/api/', '/api/accounts/demo'],
    ['https://gateway.example/rotation', '/rotation/api/accounts/demo'],
    ['http://localhost:7071', '/api/accounts/demo'],
  ])('%s has the API at %s', async (url, path) => {
    const world = play({ replies: [{ body: ACCOUNT }] });
    expect(await run(world, [...STATUS, '--url', url])).toBe(0);
    expect(world.sent.map((call) => call.path)).toEqual([path]);
  });

  it.each(['http://app.example', 'app.example', 'ftp://app.example', 'https://me:word@app.example'])(
    '%s is refused, and nothing is sent',
    async (url) => {
      const world = play({ environment: { KEY_ROTATION_FUNCTION_KEY: 'a-function-key' } });
      expect(await run(world, [...STATUS, '--url', url])).toBe(2);
      expect(world.printed.err).toContain('--url');
      expect(world.sent).toEqual([]);
    },
  );

  it('is needed', async () => {
    const world = play({ environment: { KEY_ROTATION_URL: '' } });
    expect(await run(world, STATUS)).toBe(2);
    expect(world.printed.err).toContain('Give --url, or set KEY_ROTATION_URL.');
  });

  it('escapes the name of an account', async () => {
    const world = play({ replies: [{ body: ACCOUNT }] });
    await run(world, ['status', '../health']);
    expect(world.sent[0]?.path).toBe('/api/accounts/..%2Fhealth');
  });
});

describe('attempts', () => {
  it('are three, and then the service cannot be reached', async () => {
    const world = play({ replies: ['no answer'] });
    expect(await run(world, STATUS)).toBe(3);
    expect(world.sent).toHaveLength(3);
    expect(world.printed.err).toContain('app.example gives no answer: refused.');
  });

  it.each([
    ['a gateway answers while the service starts', { status: 503, body: '<html>', type: 'text/html' }],
    ['an answer ends half-way', 'half an answer'],
  ] as const)('go on if %s', async (_, first) => {
    const world = play({ replies: [first, { body: ACCOUNT }] });
    expect(await run(world, STATUS)).toBe(0);
    expect(world.sent).toHaveLength(2);
  });

  it('of a request all have the same idempotency key', async () => {
    const stored = { request: { id: 'id-1', kind: 'rotate', state: 'open' }, isRepeated: false };
    const world = play({ replies: ['no answer', 'no answer', { status: 202, body: stored }] });
    expect(await run(world, ['rotate', 'demo', '--reason', 'audit'])).toBe(0);
    expect(world.sent.map(({ headers }) => headers.get('idempotency-key'))).toEqual(['id-1', 'id-1', 'id-1']);
  });
});

describe('signing in', () => {
  const signedIn = async (environment: Readonly<Record<string, string>>, ...flags: readonly string[]) => {
    const world = play({ environment, replies: [{ body: ACCOUNT }], az: () => 'token-of-az\n' });
    const code = await run(world, [...STATUS, ...flags]);
    const [headers] = world.sent.map((call) => call.headers);
    return { world, code, token: headers?.get('authorization'), key: headers?.get('x-functions-key') };
  };

  it('takes a token of az for the application', async () => {
    const { world, token, key } = await signedIn({}, '--resource', 'api://00000000-0000-0000-0000-000000000000');
    expect({ token, key }).toEqual({ token: 'Bearer token-of-az', key: null });
    const resource = 'api://00000000-0000-0000-0000-000000000000';
    const query = ['--query', 'accessToken', '--output', 'tsv'];
    expect(world.ranAz).toEqual([['account', 'get-access-token', '--resource', resource, ...query]]);
  });

  it('takes a token or a function key from the environment, and then does not ask az', async () => {
    const both = {
      KEY_ROTATION_TOKEN: 'given-token',
      KEY_ROTATION_FUNCTION_KEY: 'given-key',
      KEY_ROTATION_RESOURCE: 'x',
    };
    const { world, token, key } = await signedIn(both);
    expect({ token, key, az: world.ranAz }).toEqual({ token: 'Bearer given-token', key: null, az: [] });
    const { KEY_ROTATION_FUNCTION_KEY } = both;
    expect(await signedIn({ KEY_ROTATION_FUNCTION_KEY })).toMatchObject({ token: null, key: 'given-key' });
  });

  it('sends nothing to a service on this machine that asks for nothing', async () => {
    expect(await signedIn({})).toMatchObject({ code: 0, token: null, key: null });
  });

  it.each(['api://x; rm', 'x&y', '--query', '%PATH%', 'a b'])('refuses the application "%s"', async (resource) => {
    const { world, code } = await signedIn({ KEY_ROTATION_RESOURCE: resource });
    expect({ code, az: world.ranAz }).toEqual({ code: 2, az: [] });
  });

  it('refuses a token with a line break, which would add a header', async () => {
    const { world, code } = await signedIn({ KEY_ROTATION_TOKEN: 'a\nx-functions-key: b' });
    expect({ code, sent: world.sent }).toEqual({ code: 2, sent: [] });
  });

  it('says what az says if there is no token', async () => {
    const fail = () => {
      throw new Error("ERROR: Please run 'az login' to setup account.\nmore");
    };
    const world = play({ az: fail });
    expect(await run(world, [...STATUS, '--resource', 'app'])).toBe(3);
    expect(world.printed.err).toContain("az gives no token: ERROR: Please run 'az login' to setup account.");
    expect(world.printed.err).not.toContain('more');
  });

  it('asks az again once when the service does not take the token any more', async () => {
    let count = 0;
    const isFirst = ({ headers }: { readonly headers: Headers }) => headers.get('authorization') === 'Bearer token-1';
    const world = play({
      az: () => `token-${String(++count)}`,
      replies: (sent) => (isFirst(sent) ? { status: 401, body: '', type: 'text/plain' } : { body: ACCOUNT }),
    });
    expect(await run(world, [...STATUS, '--resource', 'app'])).toBe(0);
    expect(count).toBe(2);
  });
});

describe('what comes back', () => {
  it('is never a redirect that was followed: another host would get the function key', async () => {
    const world = play({ replies: [{ body: ACCOUNT }] });
    await run(world, STATUS);
    expect(world.sent.map(({ redirect }) => redirect)).toEqual(['manual']);
  });

  it.each([
    ['a refusal of the account', { status: 409, body: PROBLEM }, 1],
    ['an account that is not there', { status: 404, body: { ...PROBLEM, status: 404 } }, 2],
    ['a wrong field', { status: 400, body: { ...PROBLEM, fields: [{ field: 'reason', expected: 'a text' }] } }, 2],
    ['no sign-in, by the host', { status: 401, body: '', type: 'text/plain' }, 3],
    ['no role', { status: 403, body: { ...PROBLEM, status: 403 } }, 3],
    ['a page of another server', { status: 200, body: '<html>', type: 'text/html' }, 3],
    ['no route', { status: 404, body: '', type: 'text/plain' }, 3],
    ['a redirect', { status: 302, body: '', type: 'text/plain' }, 3],
    ['JSON that ends half-way', { status: 200, body: '{"a"' }, 3],
    ['a problem without its fields', { status: 502, body: {} }, 1],
  ])('%s', async (_, reply, code) => {
    const world = play({ replies: [reply] });
    expect(await run(world, STATUS)).toBe(code);
    expect(world.printed.out).toBe('');
    expect(world.printed.err).toMatch(/^.+\n {2}.+\n( {2}.+\n)* {2}What to do: .+\n$/);
  });

  it('is a problem with title, detail, fields and remedy', async () => {
    const fields = [{ field: 'reason', expected: 'a text that says why' }];
    const world = play({ replies: [{ status: 400, body: { ...PROBLEM, fields } }] });
    await run(world, STATUS);
    expect(world.printed.err).toBe(
      'Not now.\n  A rotation is under way.\n  reason: a text that says why\n  What to do: Ask again later.\n',
    );
  });

  it('is JSON with --json, also if it is a problem', async () => {
    const world = play({ replies: [{ status: 409, body: PROBLEM }] });
    expect(await run(world, [...STATUS, '--json'])).toBe(1);
    expect(JSON.parse(world.printed.err)).toEqual(PROBLEM);
  });
});
