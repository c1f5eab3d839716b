// The example clients in Python and C# against the local Azure: each way to take a new key, counted on the wire.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demoAccounts, resourceGroup, subscriptionId } from '../../local/azure/demo-accounts.ts';
import type { LocalAzure, WireRequest } from '../../local/azure/local-azure.ts';
import { freePort } from '../../local/azure/ports.ts';
import { publishKeys } from '../../local/azure/publish-keys.ts';
import { startLocalAzure } from '../../local/azure/start-local-azure.ts';
import type { AccountState } from '../../local/azure/world/world.ts';
import { receiveAcknowledgements, untilAcknowledged } from './acknowledgements.ts';
import { findCSharpClient, findPythonClient, type Running, settingsOf, start, statusesOf } from './client-programs.ts';
import { rotateUnder } from './client-programs-rotation.ts';
import { eventually } from './http-client.ts';

const NAME = 'demo-language-1';
const SECRET = `${NAME}-key`;
const RARELY = { POLL_SECONDS: '3600' };
const NEVER_MS = 86_400_000;
const REFERENCE = 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8';
const FLAG = 'application/vnd.microsoft.appconfig.ff+json;charset=utf-8';
const VAULT_EVENTS = ['Microsoft.KeyVault.SecretNewVersionCreated'];

const found = [await findPythonClient(), await findCSharpClient()];
const programs = found.filter((program) => typeof program !== 'string');
for (const reason of found) {
  if (typeof reason === 'string') it('a client cannot be tried here', ({ skip }) => skip(reason));
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
    settings = { ...settingsOf(azure, NAME), SECRET_NAME: SECRET, ...RARELY };
    values = [];
    noteKeys();
  });
  afterEach(() => azure.close());

  function noteKeys(): void {
    values.push(account.keys.key1.value, account.keys.key2.value);
  }

  /** Returns the new version of the secret. */
  function publish(slot: 'key1' | 'key2'): string {
    return azure.world.vault.set(SECRET, { value: account.keys[slot].value }).version;
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

  function setFlag(enabled: boolean): void {
    const id = `${NAME}-uses-key2`;
    azure.world.store.set(`.appconfig.featureflag/${id}`, null, {
      value: JSON.stringify({ id, enabled, conditions: { client_filters: [] } }),
      contentType: FLAG,
    });
  }

  /** A console with a webhook that the vault's events reach. */
  async function startWithEvents(others: Record<string, string>): Promise<Running> {
    const port = await freePort();
    const running = start(program, ['detect'], { ...settings, ...others, EVENTS_PORT: String(port) });
    await running.ready();
    await azure.events.subscribe({ endpoint: `http://127.0.0.1:${port}/`, schema: 'eventGrid', types: VAULT_EVENTS });
    return running;
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

  it('the event brings the new key before any call is refused, and the version is acknowledged', async () => {
    const acknowledgements = await receiveAcknowledgements(program);
    const running = await startWithEvents(acknowledgements.settings);
    await untilAcknowledged(acknowledgements, program, azure.world.vault.get(SECRET).version);
    await untilAcknowledged(acknowledgements, program, publish('key2'));
    regenerate('key1');
    expect(await running.ask('Bonjour tout le monde')).toBe('French');
    await endsWell(running);
    expect(statusesOf(azure, program)).toEqual([200]);
    expect(acknowledgements.sent).toHaveLength(2);
  });

  it('the poll brings the new key, also after a look that failed; an acknowledgement is sent until received', async () => {
    const acknowledgements = await receiveAcknowledgements(program);
    acknowledgements.status = 503;
    const running = start(program, ['detect'], { ...settings, ...acknowledgements.settings, POLL_SECONDS: '0.1' });
    await running.ready();
    const attempts = await eventually(
      () => Promise.resolve(acknowledgements.sent.length),
      (count) => count >= 2,
    );
    expect(attempts).toBeGreaterThanOrEqual(2);
    acknowledgements.status = 200;
    const fault = { kind: 'answer', status: 403, body: { error: { code: 'Forbidden' } } } as const;
    azure.faults.add({ service: 'keyVault', operation: 'getSecret', times: 1, fault });
    await untilAcknowledged(acknowledgements, program, publish('key2'));
    regenerate('key1');
    expect(await running.ask('Bonjour tout le monde')).toBe('French');
    expect(await running.end()).toBe(0);
    expect(statusesOf(azure, program)).toEqual([200]);
    expect(running.errors).toMatch(
      /^(The version could not be acknowledged: \w+\.\n)+The key could not be read: \w+\.\n$/,
    );
  });

  it('tries the former key while a node of the gateway has not learned of the new one', async () => {
    const acknowledgements = await receiveAcknowledgements(program);
    const running = await startWithEvents(acknowledgements.settings);
    account.knobs.nodes = [{ acceptsNewAfterMs: NEVER_MS, acceptsOldForMs: 0 }];
    regenerate('key2');
    await untilAcknowledged(acknowledgements, program, publish('key2'));
    expect(await running.ask('Bonjour tout le monde')).toBe('French');
    // A former key that is refused is dropped: the third call has no second try.
    regenerate('key1');
    expect(await running.ask('Bonjour tout le monde')).toBe('The key was refused (401).');
    expect(await running.ask('Bonjour tout le monde')).toBe('The key was refused (401).');
    await endsWell(running);
    expect(statusesOf(azure, program)).toEqual([401, 200, 401, 401, 401]);
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
    expect(await running.ask('Hallo Welt')).toBe(
      'The address of this machine was refused, or its right to call (403).',
    );
    account.knobs.isDeniedByFirewall = false;
    expect(await running.ask('Hallo Welt')).toBe('German');
    await endsWell(running);
    expect(readsOf(azure)).toBe(1);
  });

  it('with a reference of App Service there is nothing to do: the vault is not read', async () => {
    const reference = { ...settingsOf(azure, NAME), LANGUAGE_KEY: account.keys.key1.value };
    const running = start(program, ['rest-test', 'Hallo Welt'], reference);
    await endsWell(running);
    expect(running.output).toBe('German\n');
    expect(readsOf(azure)).toBe(0);
  });

  it("App Configuration's provider brings the new key when the flag is set", async ({ skip }) => {
    if (program.missingProvider !== undefined) skip(program.missingProvider);
    const provider = { ALIAS: NAME, APP_CONFIGURATION_ENDPOINT: azure.endpoints.appConfiguration, POLL_SECONDS: '1' };
    setFlag(false);
    const running = start(program, ['detect'], { ...settings, ...provider });
    await running.ready();
    expect(await running.ask('Hallo Welt')).toBe('German');
    const uri = `${azure.endpoints.keyVault}/secrets/${SECRET}/${publish('key2')}`;
    azure.world.store.set(`${NAME}:Key`, null, { value: JSON.stringify({ uri }), contentType: REFERENCE });
    setFlag(true);
    const readNewVersion = ({ operation, status }: WireRequest): boolean =>
      operation === 'getSecretVersion' && status === 200;
    expect(
      await eventually(
        () => Promise.resolve(azure.requests.some(readNewVersion)),
        (hasRead) => hasRead,
      ),
    ).toBe(true);
    expect(await running.ask('Hallo Welt')).toBe('German');
    regenerate('key1');
    // The program may still be taking the key that it has read.
    const isFrench = (answer: string): boolean => answer === 'French';
    expect(await eventually(() => running.ask('Bonjour tout le monde'), isFrench)).toBe('French');
    await endsWell(running);
  });

  it('a missing setting and a vault that refuses are told in one sentence, without a trace of an SDK', async () => {
    const partly = start(program, ['rest-test'], settingsOf(azure, NAME));
    expect([await partly.end(), partly.output, partly.errors]).toEqual([1, '', 'Set SECRET_NAME.\n']);
    const fault = { kind: 'answer', status: 403, body: { error: { code: 'Forbidden', message: 'no' } } } as const;
    azure.faults.add({ service: 'keyVault', operation: 'getSecret', fault });
    const refused = start(program, ['rest-test'], settings);
    expect(await refused.end()).toBe(1);
    expect(refused.output).toBe('');
    expect(refused.errors).toMatch(/^It did not work: \w+\.\n$/);
  });
});

describe.skipIf(programs.length === 0)('under the service', () => {
  it('a whole rotation ends with the acknowledgements of all clients, and no call of theirs is refused', async () => {
    const { account, clients } = await rotateUnder(programs);
    expect(account).toMatchObject({ phase: 'idle', rotationId: 1, publishedSlot: 'key2' });
    for (const client of clients) {
      expect(client).toMatchObject({ code: 0, errors: '', answers: ['French'], statuses: [200] });
      expect(client.calls).toBeGreaterThan(10);
    }
  });
});
