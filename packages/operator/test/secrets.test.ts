// No token and no function key is in anything that a command prints, also if the service sends it back; and none is on a command line.
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../src/commands.ts';
import { Credential } from '../src/credential.ts';
import { run } from '../src/run.ts';
import { play, type Reply, type Sent } from './played-world.ts';

const TOKEN = 'eyJ0.made-up.token';
const KEY = 'made-up-function-key==';
const LINES = [
  ['status', 'demo'],
  ['status'],
  ['check', 'demo'],
  ['rotate', 'demo', '--reason', 'x'],
  ['compromised', 'demo', '--key', 'key1', '--reason', 'x', '--yes'],
  ['pause', 'demo', '--reason', 'x'],
  ['watch', 'demo', '--for', '1'],
  ['requests', 'demo'],
  ['campaigns'],
];

/** The service sends back every header that it was given, in each place that is printed. */
const echo =
  (status: number) =>
  ({ headers }: Sent): Reply => {
    const text = JSON.stringify([...headers]);
    return {
      status,
      body: { title: text, detail: text, remedy: text, account: text, reason: text, timer: { detail: text } },
    };
  };

describe.each([
  ['a token of az', { KEY_ROTATION_RESOURCE: 'app' }, TOKEN],
  ['a given token', { KEY_ROTATION_TOKEN: TOKEN }, TOKEN],
  ['a function key', { KEY_ROTATION_FUNCTION_KEY: KEY }, KEY],
])('%s', (_, environment, secret) => {
  it.each(LINES)('is not printed by %s', async (...line) => {
    for (const args of [line, [...line, '--json']]) {
      for (const replies of [echo(200), echo(400), echo(503), () => 'no answer' as const]) {
        const world = play({ environment, replies, az: () => TOKEN });
        await run(world, args);
        expect(world.sent.length).toBeGreaterThan(0);
        expect(`${world.printed.out}${world.printed.err}`).not.toContain(secret);
        expect(world.printed.out + world.printed.err).not.toBe('');
      }
    }
  });

  it('is sent in a header, so the service has it to send back', async () => {
    const world = play({ environment, replies: echo(400), az: () => TOKEN });
    await run(world, ['status', 'demo']);
    expect(JSON.stringify([...(world.sent[0]?.headers ?? [])])).toContain(secret);
    expect(world.printed.err).toContain('[hidden]');
  });
});

it('a credential cannot be printed or serialised', () => {
  const credential = Credential.ofToken(TOKEN, false);
  expect(
    `${JSON.stringify({ credential })} ${inspect(credential, { showHidden: true })} ${JSON.stringify(Object.entries(credential))}`,
  ).not.toContain(TOKEN);
});

it('no flag takes a secret', () => {
  const help = COMMANDS.map((entry) => entry.read(['--help'], play())).flatMap((read) =>
    read.kind === 'help' ? [read.text] : [],
  );
  expect(help).toHaveLength(COMMANDS.length);
  const flags = help.flatMap((text) => [...text.matchAll(/^ {2}--([\w-]+)/gm)].map(([, flag]) => flag));
  expect(flags.filter((flag) => /token|secret|password|code|function/i.test(flag ?? ''))).toEqual([]);
});
