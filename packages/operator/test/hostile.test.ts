// A service, an address or an argument that is not as expected: nothing breaks the terminal, and each fault is named.
import { describe, expect, it } from 'vitest';
import { baseOf } from '../src/client.ts';
import { Credential } from '../src/credential.ts';
import { run } from '../src/run.ts';
import { jsonOf } from '../src/text.ts';
import { DRY_RUN, play, REQUEST, type Reply } from './played-world.ts';

/** Moves the cursor, begins a sequence in one byte, turns the order of characters, and begins a line. */
const BAD = '\u001B[2J\u009B2J\u202Eevil\u2066\nforged line';
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}]/u;

describe('a service that sends control characters', () => {
  const request = { ...REQUEST, id: BAD, state: BAD, waitsFor: BAD, outcome: BAD };
  const plan = {
    ...DRY_RUN,
    waits: [{ until: BAD, reason: BAD }],
    end: { at: BAD, reason: BAD, isBlocked: false },
    outcome: BAD,
  };
  const findings = [{ check: BAD, result: 'fail', detail: BAD, remedy: BAD }];
  const LINES: readonly (readonly [readonly string[], object])[] = [
    [['rotate', 'demo', '--reason', 'x', '--dry-run'], plan],
    [['rotate', 'demo', '--reason', 'x'], { request, isRepeated: true }],
    [['check', 'demo'], { isHealthy: false, findings }],
    [['start-campaign', '--all', '--reason', 'x', '--dry-run'], { total: 0, rings: [], skipped: { [BAD]: 1 } }],
    [['requests', 'demo', '--id', 'x'], request],
  ];

  it.each(LINES)('%j shows none of them, and no line of its own', async (args, body) => {
    const world = play({ replies: [{ body }] });
    await run(world, args);
    const printed = world.printed.out + world.printed.err;
    expect(printed).toContain('evil');
    expect(printed).not.toMatch(UNSEEN);
    expect(printed).not.toMatch(/^forged line/m);
  });

  it.each(LINES)('%j escapes them in JSON', async (args, body) => {
    const world = play({ replies: [{ body }] });
    await run(world, [...args, '--json']);
    expect(world.printed.out).toContain('evil');
    expect(world.printed.out).not.toMatch(UNSEEN);
    expect(JSON.stringify(JSON.parse(world.printed.out))).toContain(JSON.stringify(BAD).slice(1, -1));
  });

  it('JSON has the same value after the escape', () => {
    expect(JSON.parse(jsonOf({ a: `${BAD}\u{E0041}` }))).toEqual({ a: `${BAD}\u{E0041}` });
    expect(jsonOf('\u{E0041}')).toBe('"\\udb40\\udc41"');
  });
});

describe('a service that sends another shape', () => {
  it.each<[string, Reply, number]>([
    [
      'a problem whose texts are numbers',
      { status: 409, body: { title: 1, detail: {}, remedy: null, fields: 'x' } },
      1,
    ],
    ['a problem with fields that are null', { status: 400, body: { fields: [null, { field: 1 }] } }, 2],
    ['a problem that is null', { status: 500, body: 'null' }, 1],
    ['a redirect with JSON', { status: 302, body: {}, type: 'application/json' }, 3],
    ['a refusal of a gateway with JSON', { status: 429, body: { message: 'slow' }, type: 'application/json' }, 3],
    ['a failure of a gateway with JSON', { status: 500, body: {}, type: 'application/json' }, 3],
  ])('%s is a failure that is shown', async (_, reply, code) => {
    for (const flags of [[], ['--json']]) {
      const world = play({ replies: [reply] });
      expect(await run(world, ['pause', 'demo', '--reason', 'x', ...flags])).toBe(code);
      expect(world.printed).toMatchObject({ out: '', err: expect.stringMatching(/./) as unknown });
      expect(world.printed.err).not.toContain('unexpected');
    }
  });

  it('a check that is not healthy is still its result', async () => {
    const body = { isHealthy: false, findings: [] };
    const world = play({ replies: [{ status: 503, body, type: 'application/json' }] });
    expect(await run(world, ['check', 'demo'])).toBe(1);
    expect(world.printed.out).toContain('NOT HEALTHY');
  });
});

describe('arguments', () => {
  it.each([
    ['status', '..'],
    ['status', '.'],
    ['status', ''],
    ['rotate', '', '--reason', 'x'],
    ['approve', '.', '--reason', 'x'],
    ['requests', 'demo', '--id', '..'],
    ['compromised', '..', '--key', 'key1', '--reason', 'x', '--yes'],
  ])('%s "%s" would be another path, and is refused', async (...args) => {
    const world = play();
    expect(await run(world, args)).toBe(2);
    expect(world.sent).toEqual([]);
  });

  it.each(['a\nb', 'ä', 'x'.repeat(65), 'a b'])('--request-id %j is refused before anything is sent', async (id) => {
    for (const args of [
      ['rotate', 'demo', '--reason', 'x'],
      ['start-campaign', '--all', '--reason', 'x'],
    ]) {
      const world = play();
      expect(await run(world, [...args, '--request-id', id])).toBe(2);
      expect(world.sent).toEqual([]);
      expect(world.printed.err).toContain('--request-id');
    }
  });

  it.each(['constructor', '__proto__', 'toString'])('--%s is no flag', async (name) => {
    const world = play();
    expect(await run(world, ['rotate', 'demo', '--reason', 'x', `--${name}`, 'y'])).toBe(2);
    expect(world.printed.err).toContain('is no flag');
  });

  it('a flag that is given twice is refused: only one of the two could count', async () => {
    const world = play();
    const args = ['compromised', 'demo', '--key', 'key1', '--key', 'key2', '--reason', 'x', '--yes'];
    expect(await run(world, args)).toBe(2);
    expect(world.printed.err).toContain('--key is given twice.');
    expect(world.sent).toEqual([]);
  });

  it.each([[['rotate', 'demo', '--json']], [['rotat', '--json']]])(
    '%j is refused as a problem document',
    async (args) => {
      const world = play();
      expect(await run(world, args)).toBe(2);
      expect(JSON.parse(world.printed.err)).toMatchObject({ title: 'The command cannot be run like this.' });
      expect(world.printed.out).toBe('');
    },
  );
});

it('a password in the address is refused, and not repeated', async () => {
  const world = play();
  expect(await run(world, ['status', '--url', 'https://:made-up@app.example'])).toBe(2);
  expect(world.printed.err).not.toContain('made-up');
  expect(() => baseOf('https://app.example')).not.toThrow();
});

it('a secret with quotation marks is taken out of JSON, too', () => {
  const secret = 'made"up\\secret';
  const credential = Credential.ofFunctionKey(secret);
  for (const text of [secret, JSON.stringify(secret), JSON.stringify(JSON.stringify(secret))]) {
    expect(credential.cleanse(text)).toMatch(/^\W*\[hidden\]\W*$/);
  }
});

it('a warning of az does not hide its error', async () => {
  const az = () => {
    throw new Error('WARNING: an update is there\nERROR: Please run az login\nmore');
  };
  const world = play({ environment: { KEY_ROTATION_RESOURCE: 'app' }, az });
  expect(await run(world, ['status'])).toBe(3);
  expect(world.printed.err).toContain('ERROR: Please run az login.'.slice(0, -1));
});
