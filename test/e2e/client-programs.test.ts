// The example clients in Python and C# against the local Azure: each way to take a new key, counted on the wire.
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { demoAccounts, resourceGroup, subscriptionId } from '../../local/azure/demo-accounts.ts';
import type { LocalAzure } from '../../local/azure/local-azure.ts';
import { freePort } from '../../local/azure/ports.ts';
import { publishKeys } from '../../local/azure/publish-keys.ts';
import { startLocalAzure } from '../../local/azure/start-local-azure.ts';
import type { AccountState } from '../../local/azure/world/world.ts';
import { DEMO_POLICY } from '../../local/start/seed.ts';
import { setStage } from '../../local/start/stage.ts';
import { type ClientProgram, findCSharpClient, findPythonClient, Running, settingsOf } from './client-programs.ts';
import { eventually, HostClient } from './http-client.ts';

const NAME = 'demo-language-1';
const SECRET = `${NAME}-key`;
const RARELY = { POLL_SECONDS: '3600' };
const NEVER_MS = 86_400_000;
const VAULT_EVENTS = ['Microsoft.KeyVault.SecretNewVersionCreated'];

const found = [await findPythonClient(), await findCSharpClient()];
const programs = found.filter((program) => typeof program !== 'string');
for (const reason of found) {
  if (typeof reason === 'string') it('a client cannot be tried here', ({ skip }) => skip(reason));
}

function start(program: ClientProgram, args: readonly string[], settings: Record<string, string>): Running {
  const running = new Running(program, args, settings);
  onTestFinished(() => running.kill());
  return running;
}

/** Statuses of the program's own calls, in order. */
function statusesOf(azure: LocalAzure, { name }: ClientProgram): number[] {
  return azure.requests.filter(({ caller }) => caller === name).map(({ status }) => status);
}

function readsOf({ requests }: LocalAzure): number {
  return requests.filter(({ operation, isChallenge }) => operation === 'getSecret' && !isChallenge).length;
}

describe.each(programs)('$name', (program) => {
  let azure: LocalAzure;
  let account: AccountState;
  let settings: Record<string, string>;
  /** Every value that was a key. */
  let values: string[];

  beforeEach(async () => {
    azure = await startLocalAzure({ subscriptionId, resourceGroup, accounts: demoAccounts(1), withStorage: false });
    publishKeys(azure);
    const [only] = azure.world.accounts.values();
    if (only === undefined) throw new Error('The local Azure has no account.');
    account = only;
    settings = { ...settingsOf(azure, NAME), ...RARELY };
    values = [];
    noteKeys();
  });
  afterEach(() => azure.close());

  function noteKeys(): void {
    values.push(account.keys.key1.value, account.keys.key2.value);
  }

  function publish(slot: 'key1' | 'key2'): void {
    azure.world.vault.set(SECRET, { value: account.keys[slot].value });
  }

  function regenerate(slot: 'key1' | 'key2'): void {
    azure.world.regenerateKey(account.id, slot);
    noteKeys();
  }

  async function endsWell(running: Running): Promise<void> {
    expect(await running.end()).toBe(0);
    expect(running.errors).toBe('');
    for (const value of values) expect(running.output).not.toContain(value);
  }

  async function haveRead(times: number): Promise<void> {
    expect(
      await eventually(
        () => Promise.resolve(readsOf(azure)),
        (reads) => reads >= times,
      ),
    ).toBeGreaterThanOrEqual(times);
  }

  it('rest-test: one call over plain HTTP with the key', async () => {
    const running = start(program, ['rest-test', 'Bonjour', 'tout', 'le', 'monde'], settings);
    await endsWell(running);
    expect(running.output).toBe('French\n');
    expect(statusesOf(azure, program)).toEqual([200]);
  });

  it('detect, until quit: a refused call causes one look, and is repeated once', async () => {
    const running = start(program, ['detect'], settings);
    await running.ready();
    expect(await running.ask('Hallo Welt')).toBe('German');
    publish('key2');
    regenerate('key1');
    expect(await running.ask('')).toBe('');
    expect(await running.ask('Bonjour tout le monde')).toBe('French');
    expect(await running.ask('Hola mundo')).toBe('Spanish');
    await endsWell(running);
    expect(running.output).not.toContain('not read');
    expect(statusesOf(azure, program)).toEqual([200, 401, 200, 200]);
    expect(readsOf(azure)).toBe(2);
  });

  it('the event brings the new key before any call is refused', async () => {
    const port = await freePort();
    const running = start(program, ['detect'], { ...settings, EVENTS_PORT: String(port) });
    await running.ready();
    await azure.events.subscribe({ endpoint: `http://127.0.0.1:${port}/`, schema: 'eventGrid', types: VAULT_EVENTS });
    publish('key2');
    await haveRead(2);
    expect(await running.ask('Hallo Welt')).toBe('German');
    regenerate('key1');
    expect(await running.ask('Bonjour tout le monde')).toBe('French');
    await endsWell(running);
    expect(statusesOf(azure, program)).toEqual([200, 200]);
  });

  it('the poll brings the new key before any call is refused, also after a look that failed', async () => {
    const remove = azure.faults.add({
      service: 'keyVault',
      operation: 'getSecret',
      fault: { kind: 'answer', status: 403, body: { error: { code: 'Forbidden' } } },
    });
    remove();
    const running = start(program, ['detect'], { ...settings, POLL_SECONDS: '0.1' });
    await running.ready();
    publish('key2');
    await haveRead(readsOf(azure) + 2);
    regenerate('key1');
    expect(await running.ask('Bonjour tout le monde')).toBe('French');
    await endsWell(running);
    expect(statusesOf(azure, program)).toEqual([200]);
  });

  it('tries the former key while a node of the gateway has not learned of the new one', async () => {
    const port = await freePort();
    const running = start(program, ['detect'], { ...settings, EVENTS_PORT: String(port) });
    await running.ready();
    await azure.events.subscribe({ endpoint: `http://127.0.0.1:${port}/`, schema: 'eventGrid', types: VAULT_EVENTS });
    account.knobs.nodes = [{ acceptsNewAfterMs: NEVER_MS, acceptsOldForMs: 0 }];
    regenerate('key2');
    publish('key2');
    await haveRead(2);
    expect(await running.ask('Bonjour tout le monde')).toBe('French');
    await endsWell(running);
    expect(statusesOf(azure, program)).toEqual([401, 200]);
  });

  it('a key that stays refused is told in one sentence, and no call is made three times', async () => {
    const running = start(program, ['detect'], settings);
    await running.ready();
    regenerate('key1');
    expect(await running.ask('Hallo Welt')).toBe('The key was refused (401).');
    await endsWell(running);
    expect(statusesOf(azure, program)).toEqual([401]);
  });

  it('an address that is refused is not taken for a refused key', async () => {
    const running = start(program, ['detect'], settings);
    await running.ready();
    account.knobs.isDeniedByFirewall = true;
    expect(await running.ask('Hallo Welt')).toBe('The address of this machine was refused, or its right to call (403).');
    account.knobs.isDeniedByFirewall = false;
    expect(await running.ask('Hallo Welt')).toBe('German');
    await endsWell(running);
    expect(readsOf(azure)).toBe(1);
  });

  it('with a reference of App Service there is nothing to do: the vault is not read', async () => {
    const { SECRET_NAME: _, ...others } = settings;
    const running = start(program, ['rest-test', 'Hallo Welt'], { ...others, LANGUAGE_KEY: account.keys.key1.value });
    await endsWell(running);
    expect(running.output).toBe('German\n');
    expect(readsOf(azure)).toBe(0);
  });

  it('a missing setting and a vault that refuses are told in one sentence, without a trace of an SDK', async () => {
    const { SECRET_NAME: _, ...others } = settings;
    const partly = start(program, ['rest-test'], others);
    expect([await partly.end(), partly.output, partly.errors]).toEqual([1, '', 'Set SECRET_NAME.\n']);
    const fault = { kind: 'answer', status: 403, body: { error: { code: 'Forbidden', message: 'no' } } } as const;
    azure.faults.add({ service: 'keyVault', operation: 'getSecret', fault });
    const refused = start(program, ['rest-test'], settings);
    expect(await refused.end()).toBe(1);
    expect(refused.output).toBe('');
    expect(refused.errors).toMatch(/^It did not work: \w+\.\n$/);
  });
});
