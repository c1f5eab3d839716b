// The doctor over a local Azure: what it finds, what it recommends, and that it changes nothing and shows no key.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../doctor/environment.ts';
import { type Examination, examine } from '../../doctor/examine.ts';
import { textOf } from '../../doctor/print.ts';
import type { AccountKnobs, AccountState } from '../../local/azure/world/world.ts';
import { type HttpStage, startHttpStage } from './http/stage.ts';

/** Everything that the doctor may send. */
const READS = new Set([
  'managedIdentity',
  'listKeyValues',
  'listSecrets',
  'getSecret',
  'getSecretVersion',
  'queryEntities',
  'getAccount',
  'listKeys',
  'listPermissions',
  'analyzeText',
  'issueToken',
]);

const READS_OF_TABLE = new Set(['table queryEntities', 'table getEntity']);

let stage: HttpStage;
let shop: AccountState;
let untouched: AccountKnobs;
beforeAll(async () => {
  stage = await startHttpStage();
  shop = stage.addAccount('shop');
  untouched = { ...shop.knobs };
});
afterEach(() => {
  Object.assign(shop.knobs, untouched);
  stage.azure.faults.clear();
});
afterAll(() => stage.close());

const look = (
  changes: Record<string, string | undefined> = {},
  timeoutMs = 60_000,
  account?: string,
): Promise<Examination> => examine({ ...stage.azure.environment(), ...changes }, { timeoutMs, account });
const find = ({ lines }: Examination, area: string, check: string) =>
  lines.filter((line) => line.area === area && line.check === check);

describe('before the first tick', () => {
  it('says that the table is not there yet, and does not make it', async () => {
    const examination = await look({ HOLDERS: `appServiceReference=/subscriptions/${shop.seed.subscriptionId}` });
    expect(find(examination, 'table', 'read')).toMatchObject([
      { mark: 'open', finding: 'Table KeyRotation is not there yet.' },
    ]);
    expect(find(examination, 'shop', 'recordFollows')).toMatchObject([{ mark: 'open' }]);
    expect(examination.isWell).toBe(true);
    expect(stage.azure.requests.filter(({ operation }) => operation === 'createTable')).toEqual([]);
  });
});

describe('a healthy installation', () => {
  beforeAll(() => stage.adopt());

  it('is well, and nothing was written', async () => {
    const before = stage.azure.requests.length;
    const examination = await look();
    expect(examination.lines.filter(({ mark }) => mark === 'no')).toEqual([]);
    expect(examination.isWell).toBe(true);
    expect(find(examination, 'identity', 'token')).toMatchObject([
      { mark: 'yes', finding: expect.stringContaining('cccccccc-5555-4666-8777-888888888888') as unknown },
    ]);
    expect(find(examination, 'table', 'read')).toMatchObject([{ mark: 'yes' }]);
    expect(find(examination, 'shop', 'recordFollows')).toMatchObject([{ mark: 'yes' }]);
    const sent = stage.azure.requests.slice(before);
    expect(sent.length).toBeGreaterThan(10);
    expect(sent.filter(({ operation }) => !READS.has(operation))).toEqual([]);
  });

  it('says of each permission to write that it is not proven', async () => {
    const examination = await look();
    for (const area of ['appConfiguration', 'keyVault', 'table']) {
      const unproven = examination.lines.filter(
        ({ area: at, finding, mark }) =>
          at === area && mark === 'open' && finding.startsWith('Not provable without a write'),
      );
      expect([area, unproven.length]).toEqual([area, 1]);
    }
  });

  it('shows no key and no token, as text and as JSON', async () => {
    const examination = await look();
    const said = `${textOf(examination)}${JSON.stringify(examination)}`;
    expect([...stage.everyKey()].filter((key) => said.includes(key))).toEqual([]);
    expect(said).not.toMatch(/eyJ[A-Za-z0-9_-]{10,}|AccountKey/);
  });
});

describe('holders', () => {
  it('that are not searched are explained, with the setting that searches them', async () => {
    expect(find(await look(), 'settings', 'HOLDERS')).toMatchObject([
      { mark: 'open', finding: expect.stringContaining('holds a key, or points at its secret') as unknown },
    ]);
  });

  it('that are found are named with how they stand, and nothing is kept', async () => {
    const { subscriptionId, resourceGroup } = shop.seed;
    const settings = { KEY: `@Microsoft.KeyVault(SecretUri=${stage.azure.endpoints.keyVault}/secrets/shop-key)` };
    for (const name of ['web', 'jobs']) stage.azure.sites.put({ subscriptionId, resourceGroup, name, settings });
    const before = stage.azure.requests.length;
    const examination = await look({ HOLDERS: `appServiceReference=/subscriptions/${subscriptionId}` });
    expect(find(examination, 'settings', 'HOLDERS')).toEqual([]);
    const found = find(examination, 'shop', 'holders');
    expect(found.map(({ mark }) => mark)).toEqual(['yes', 'yes']);
    expect(found.map(({ finding }) => finding).join('\n')).toMatch(
      /sites\/web#KEY points at the secret, and is brought along/,
    );
    expect(textOf(examination)).toContain('holders (2)');
    const sent = stage.azure.requests.slice(before).map(({ service, operation }) => `${service} ${operation}`);
    expect(sent.filter((call) => call.startsWith('table ') && !READS_OF_TABLE.has(call))).toEqual([]);
  });
});

describe('what is wrong', () => {
  it('settings: every problem at once with its remedy, and no call', async () => {
    const before = stage.azure.requests.length;
    const examination = await look({ KEY_VAULT_URL: 'http://contoso', RECONCILE_SCHEDULE: 'often' });
    expect(examination.isWell).toBe(false);
    expect(examination.lines.filter(({ area }) => area === 'settings')).toMatchObject([
      {
        check: 'KEY_VAULT_URL',
        mark: 'no',
        remedy: 'Write an https URL without user, query and fragment, and without a path.',
      },
      { check: 'RECONCILE_SCHEDULE', mark: 'no' },
    ]);
    expect(stage.azure.requests.length).toBe(before);
  });

  it('a missing permission: which, and what to assign', async () => {
    shop.knobs.missingActions = ['Microsoft.CognitiveServices/accounts/regenerateKey/action'];
    const examination = await look();
    expect(examination.isWell).toBe(false);
    expect(find(examination, 'shop', 'armPermissions')).toMatchObject([
      {
        mark: 'no',
        remedy:
          'Assign a role with Microsoft.CognitiveServices/accounts/regenerateKey/action on the account; new assignments take some minutes.',
      },
    ]);
  });

  it('an account that does not exist; the others are looked at all the same', async () => {
    const resourceId = shop.id.replace('/shop', '/nobody');
    stage.configure('KeyRotation:Accounts:nobody', { resourceId });
    const examination = await look();
    stage.azure.world.store.delete('KeyRotation:Accounts:nobody', null);
    expect(examination.isWell).toBe(false);
    expect(find(examination, 'nobody', 'armReachable')).toMatchObject([
      { mark: 'no', remedy: expect.stringContaining('it does not exist') as unknown },
    ]);
    expect(find(examination, 'shop', 'publishedIsLive')).toMatchObject([{ mark: 'yes' }]);
  });

  it('a document that is not understood: which field', async () => {
    stage.configure('KeyRotation:Accounts:typing', { resourceID: 'x' });
    const examination = await look();
    stage.azure.world.store.delete('KeyRotation:Accounts:typing', null);
    expect(examination.lines).toContainEqual(
      expect.objectContaining({
        area: 'appConfiguration',
        check: 'KeyRotation:Accounts:typing.resourceId',
        mark: 'no',
      }),
    );
  });

  it('an identity that is not assigned: no token, and nothing else is asked', async () => {
    const examination = await look({ AZURE_CLIENT_ID: 'dddddddd-1111-4222-8333-444444444444' });
    expect(examination.isWell).toBe(false);
    expect(find(examination, 'identity', 'token')).toMatchObject([{ mark: 'no' }]);
    expect(find(examination, 'appConfiguration', 'read')).toMatchObject([
      { mark: 'open', finding: 'Not looked at: without a token nothing is answered.' },
    ]);
  });

  it('services that do not answer: it ends in the time that it was given, with what it has seen', async () => {
    stage.azure.faults.add({ service: 'arm', fault: { kind: 'delay', ms: 20_000 } });
    const examination = await look({}, 1_500);
    expect(find(examination, 'doctor', 'time')).toMatchObject([{ mark: 'no' }]);
    expect(find(examination, 'settings', 'all')).toMatchObject([{ mark: 'yes' }]);
  });
});

describe('--account', () => {
  it('looks at one account, besides the services', async () => {
    stage.addAccount('desk');
    const examination = await look({}, 60_000, 'shop');
    const areas = new Set(examination.lines.map(({ area }) => area));
    expect([...areas]).toEqual(['settings', 'identity', 'appConfiguration', 'keyVault', 'table', 'shop']);
    expect(new Set((await look()).lines.map(({ area }) => area)).has('desk')).toBe(true);
  });

  it('names the accounts that there are when it knows none of the name', async () => {
    expect(find(await look({}, 60_000, 'nobody'), 'doctor', 'account')).toMatchObject([
      { mark: 'no', remedy: 'Give --account one of: desk, shop.' },
    ]);
  });
});

describe('the settings file', () => {
  it('stands under the process environment, and a broken one is refused without quoting it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'doctor-'));
    const file = join(folder, 'settings.json');
    try {
      await writeFile(file, JSON.stringify({ Values: { KEY_VAULT_URL: 'https://a', AUTHORIZATION: 'entra' } }));
      expect(await readEnvironment({ KEY_VAULT_URL: 'https://b' }, file)).toEqual({
        KEY_VAULT_URL: 'https://b',
        AUTHORIZATION: 'entra',
      });
      await writeFile(file, '{"Values": hidden');
      await expect(readEnvironment({}, file)).rejects.toThrow(
        `${file} is not a settings file: JSON with an object "Values" of texts.`,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
    await expect(readEnvironment({}, file)).rejects.toThrow(`${file} could not be read.`);
  });
});

describe('npm run doctor', () => {
  const script = fileURLToPath(new URL('../../doctor/main.ts', import.meta.url));
  const run = async (args: readonly string[], env: NodeJS.ProcessEnv) => {
    const child = spawn(process.execPath, [script, ...args], { env, cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout };
  };

  it('--local --json: three accounts, exit code 0, also behind a proxy', async () => {
    const { PATH } = process.env;
    const refusing = 'http://127.0.0.1:9';
    const { code, stdout } = await run(['--local', '--json'], { PATH, HTTPS_PROXY: refusing, HTTP_PROXY: refusing });
    expect(code).toBe(0);
    const { isWell, lines } = JSON.parse(stdout) as Examination;
    expect(isWell).toBe(true);
    const accounts = lines.filter(({ check }) => check === 'keysListed').map(({ area }) => area);
    expect(accounts).toEqual(['demo-language-1', 'demo-openai-2', 'demo-speech-3']);
  });

  it('without settings: problems with remedies, exit code 1', async () => {
    const { PATH } = process.env;
    const { code, stdout } = await run([], { PATH });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^To be corrected\n\n✗ settings {2}KEY_VAULT_URL\n(?: {4}[^→\n].*\n)+ {4}→ Copy the vault URI/,
    );
    expect(stdout).toContain('✗ 0 well, 3 to be corrected, 1 to know or not provable. Nothing was changed.');
  });
});
