// How the local host begins and ends, whom it lets in, and how it is used as a library. Each host is a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BuiltApp,
  buildFixtureApp,
  type RunningHost,
  runToExit,
  startLocalHost,
  until,
} from './fixtures/run-host.ts';

let app: BuiltApp;

beforeAll(async () => {
  app = await buildFixtureApp('app');
});
afterAll(() => app.remove());

describe('a host that demands keys', () => {
  const keys = {
    masterKey: 'master-1',
    functionKeys: { default: 'function-1' },
    systemKeys: { eventgrid_extension: 'system-1' },
  };
  let guarded: RunningHost;

  beforeAll(async () => {
    const settings = join(app.folder, 'local.settings.json');
    const values = {
      AzureWebJobsHostKeys: JSON.stringify(keys),
      NIGHTLY_SCHEDULE: 'not a schedule',
    };
    await writeFile(settings, JSON.stringify({ IsEncrypted: false, Values: values }));
    guarded = await startLocalHost(app, ['--require-keys', '--settings', settings], {
      NIGHTLY_SCHEDULE: '0 0 3 * * *',
    });
  });
  afterAll(() => guarded.stop());

  it.each([
    ['/api/problems', undefined, 401],
    ['/api/problems', 'wrong', 401],
    ['/api/problems', 'system-1', 401],
    ['/api/problems', 'function-1', 409],
    ['/api/problems', 'master-1', 409],
    ['/api/purge', 'function-1', 401],
    ['/api/purge', 'master-1', 204],
    ['/api/accounts/a', undefined, 200],
    ['/admin/functions/nightly', 'function-1', 401],
    ['/admin/functions/nightly', 'master-1', 202],
    ['/runtime/webhooks/EventGrid?functionName=onEvent', 'function-1', 401],
    ['/runtime/webhooks/EventGrid?functionName=onEvent', 'system-1', 202],
  ])('answers POST %s with key %s by %i', async (path, key, status) => {
    const headers: Record<string, string> = {
      'aeg-event-type': 'Unsubscribe',
      'content-type': 'application/json',
    };
    if (key !== undefined) headers['x-functions-key'] = key;
    const answer = await fetch(`${guarded.url}${path}`, { method: 'POST', headers, body: '{}' });
    expect(answer.status).toBe(status);
  });

  it('takes a key from the query too', async () => {
    const answer = await fetch(`${guarded.url}/api/problems?code=function-1`, { method: 'POST' });
    expect(answer.status).toBe(409);
  });

  it('lets the environment win over the settings file', () => {
    expect(guarded.ready.functions).toContain('nightly');
  });
});

describe('an end', () => {
  it('lets a running invocation finish, refuses new ones, runs the appTerminate hooks and exits with 0', async () => {
    const ending = await startLocalHost(app);
    const slow = fetch(`${ending.url}/api/slow/700`);
    await until(
      () => ending.logLines().some(({ function: name, message }) => name === 'slow' && message.startsWith('Executing')),
      5_000,
    );
    const code = ending.stop();
    expect(await (await slow).text()).toBe('done');
    expect(await code).toBe(0);
    expect(ending.errorText()).toContain('the app was terminated');
    await expect(fetch(`${ending.url}/api/seen`)).rejects.toThrow();
  });

  it('comes when the parent lets go', async () => {
    const orphan = await startLocalHost(app);
    const exit = once(orphan.child, 'exit');
    orphan.child.disconnect();
    expect(await exit).toEqual([0, null]);
  });
});

describe('a time-out of a function', () => {
  it('replaces the worker with everything that runs in it, as in the real host: 500 for each, then an app without memory', async () => {
    const hasty = await buildFixtureApp('app', { version: '2.0', functionTimeout: '00:00:01' });
    const running = await startLocalHost(hasty);
    const memory = async (): Promise<unknown> => {
      const answer = await fetch(`${running.url}/api/seen`).catch(() => undefined);
      return ((await answer?.json()) as { events: unknown } | undefined)?.events;
    };
    const began = (count: number) => (): boolean =>
      running.logLines().filter(({ function: name, message }) => name === 'slow' && message.startsWith('Executing'))
        .length === count;
    await fetch(`${running.url}/runtime/webhooks/EventGrid?functionName=onEvent`, {
      method: 'POST',
      headers: { 'aeg-event-type': 'Notification' },
      body: '{"id":"1","subject":"accounts/a","data":{}}',
    });
    expect(await memory()).toHaveLength(1);
    const late = fetch(`${running.url}/api/slow/600000`);
    await until(began(1), 5_000);
    const other = fetch(`${running.url}/api/slow/600000`);
    await until(began(2), 5_000);
    expect([(await late).status, (await other).status]).toEqual([500, 500]);
    await until(async () => (await memory()) !== undefined, 10_000);
    expect(await memory()).toEqual([]);
    const line = running.logLines().find(({ level, function: name }) => level === 'error' && name === 'slow');
    expect(line?.message).toContain('Timeout value of 1000 ms was exceeded by the function.');
    expect(running.errorText()).not.toContain('the app was terminated');
    expect(await running.stop()).toBe(0);
    expect(running.errorText()).toContain('the app was terminated');
    await hasty.remove();
  });
});

describe('a start that fails', () => {
  it('says in one sentence what is wrong and exits with 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const taken = String((other.address() as AddressInfo).port);
    const empty = await buildFixtureApp('broken-app');
    await writeFile(join(empty.folder, 'package.json'), '{"main":"nowhere/*.js"}');
    const cases: readonly [readonly string[], RegExp][] = [
      [
        ['--app', app.folder, '--port', taken],
        new RegExp(`^Port ${taken} is in use: choose another with --port\\.\n$`),
      ],
      [['--app', '/nonexistent', '--port', '0'], /^There is no app in \/nonexistent: it has no host\.json\.\n$/],
      [
        ['--app', empty.folder, '--port', '0'],
        /^There is no app in .*: nothing matches its "main", nowhere\/\*\.js\. Build it first\.\n$/,
      ],
      [['--app', app.folder, '--port', 'many'], /^--port must be a number from 0 to 65535, not "many"\.\n$/],
      [['--application', app.folder], /^Unknown option '--application'\. Usage: .*\n$/],
      [['--port', '0'], /^--app is missing\. Usage: .*\n$/],
      [
        ['--app', app.folder, '--port', '0', '--settings', '/nonexistent.json'],
        /^The file \/nonexistent\.json cannot be read\.\n$/,
      ],
      [
        ['--app', app.folder, '--port', '0', '--require-keys'],
        /^To demand keys, the setting AzureWebJobsHostKeys must hold them as .*\n$/,
      ],
    ];
    for (const [args, sentence] of cases) {
      const exit = await runToExit(args);
      const words = exit.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
      expect({ code: exit.code, stdout: exit.stdout }).toEqual({ code: 1, stdout: '' });
      expect(`${words.join('\n')}\n`).toMatch(sentence);
    }
    other.close();
    await empty.remove();
  });

  it('of one entry file leaves the app running without any function, not even those loaded before', async () => {
    const broken = await buildFixtureApp('broken-app');
    const running = await startLocalHost(broken);
    expect(running.ready.functions).toEqual([]);
    expect((await fetch(`${running.url}/api/good`)).status).toBe(404);
    expect(running.logLines().map(({ level, message }) => [level, message])).toEqual([
      [
        'error',
        'Worker was unable to load entry point "dist/functions/second.js": No setting FOO. The app runs without any function.',
      ],
    ]);
    await running.stop();
    await broken.remove();
  });
});

describe('the host as a library', () => {
  it('serves further kinds of trigger, runs a timer by name, refuses a second app and closes', async () => {
    const driver = fileURLToPath(new URL('fixtures/drive-host.ts', import.meta.url));
    const child = spawn(process.execPath, [driver, app.folder], {
      env: { ...process.env, NODE_OPTIONS: '', NIGHTLY_SCHEDULE: '0 0 3 * * *' },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 20_000,
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(child, 'close');
    expect(JSON.parse(text.trimEnd().split('\n').at(-1) ?? '')).toEqual({
      functions: expect.arrayContaining(['onQueue', 'nightly']) as string[],
      status: 'succeeded',
      unknownTimer: "HostError: There is no timer function 'echo'.",
      second: 'HostError: This process already runs an app: start each app in a process of its own.',
      started: ['onQueue', 'stopped'],
    });
  });
});
