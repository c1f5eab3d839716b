import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { demoAccounts, resourceGroup, subscriptionId } from '../../local/azure/demo-accounts.ts';
import type { LocalAzure } from '../../local/azure/local-azure.ts';
import { startLocalAzure } from '../../local/azure/start-local-azure.ts';
import type { AccountState } from '../../local/azure/world/world.ts';

interface Run {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

async function run(example: string, input = '', settings: Readonly<Record<string, string>> = {}): Promise<Run> {
  const script = fileURLToPath(new URL(`../../examples/${example}/main.ts`, import.meta.url));
  const child = spawn(process.execPath, [script], { env: { ...process.env, ...settings } });
  let output = '';
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, errors };
}

it('rest-test: the old key fails after regeneration, the new one and the published one succeed', async () => {
  const { code, output } = await run('rest-test');
  expect(output).toMatch(
    /^key2 \(\w{16}\): 200\nold key2 after regenerateKey \(\w{16}\): 401\nnew key2 \(\w{16}\): 200\npublished key, all the while \(\w{16}\): 200\n$/,
  );
  expect(code).toBe(0);
});

it('keyvault-client: detects the language of what is typed until quit, also when the key is rotated', async () => {
  const { code, output } = await run(
    'keyvault-client',
    'Hallo Welt\nrotate\n\nBonjour tout le monde\nquit\nnot read\n',
  );
  expect(output).toBe('text> German\ntext> key2 is published, key1 is dead\ntext> text> French\ntext> ');
  expect(code).toBe(0);
});

it('consumer-function-app: goes on through a rotation without a refused call', async () => {
  const { code, output } = await run('consumer-function-app');
  expect(output).toBe(
    'key1 is published: 200 French\nkey2 is published, and the event has brought it: 200 French\n' +
      'key1 is dead: 200 French\ncalls that were refused: 0\n',
  );
  expect(code).toBe(0);
});

it('keyvault-client: signs in as the service principal that the environment names', async () => {
  const accounts = demoAccounts(1);
  const azure = await startLocalAzure({ subscriptionId, resourceGroup, accounts, withStorage: false });
  try {
    const [account] = azure.world.accounts.values();
    azure.world.vault.set('some-secret', { value: account?.keys.key2.value ?? '' });
    const { tenantId, clientId, clientSecret } = azure.servicePrincipal;
    const { output, errors } = await run('keyvault-client', 'Hola mundo\nquit\n', {
      KEY_VAULT_URL: azure.endpoints.keyVault,
      SECRET_NAME: 'some-secret',
      ENDPOINT: azure.dataPlaneEndpoint(account?.seed.name ?? ''),
      AZURE_TENANT_ID: tenantId,
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: clientSecret,
      AZURE_AUTHORITY_HOST: azure.endpoints.authority,
      NODE_EXTRA_CA_CERTS: azure.caFile,
    });
    expect([output, errors]).toEqual(['text> Spanish\ntext> ', '']);
    expect(azure.requests.filter(({ operation }) => operation === 'clientCredentials')).toHaveLength(1);
  } finally {
    await azure.close();
  }
});

/** A vault with the account's key, and the settings of a program that signs in with a password. */
async function withService(
  act: (azure: LocalAzure, account: AccountState, settings: Record<string, string>) => Promise<void>,
): Promise<void> {
  const accounts = demoAccounts(1);
  const azure = await startLocalAzure({ subscriptionId, resourceGroup, accounts, withStorage: false });
  try {
    const account = azure.world.accountNamed('demo-language-1');
    azure.world.vault.set('AI-Services-Key', { value: account.keys.key1.value });
    const { tenantId, clientId, clientSecret } = azure.servicePrincipal;
    await act(azure, account, {
      KEY_VAULT_URL: azure.endpoints.keyVault,
      SECRET_NAME: 'AI-Services-Key',
      ENDPOINT: azure.dataPlaneEndpoint(account.seed.name),
      AZURE_TENANT_ID: tenantId,
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: clientSecret,
      AZURE_AUTHORITY_HOST: azure.endpoints.authority,
      NODE_EXTRA_CA_CERTS: azure.caFile,
    });
  } finally {
    await azure.close();
  }
}

it("keyvault-client: detects the languages of the exercise's own inputs", async () => {
  const { output } = await run('keyvault-client', 'Hello\nBonjour\nGracias\nquit\n');
  expect(output).toBe('text> English\ntext> French\ntext> Spanish\ntext> ');
});

it('keyvault-client: says in one sentence whether the address or the key was refused', async () => {
  await withService(async (azure, account, settings) => {
    account.knobs.networkRules = { defaultAction: 'Deny', ipRules: ['198.51.100.0/24'] };
    const denied = await run('keyvault-client', 'Hello\nquit\n', settings);
    expect([denied.output, denied.errors]).toEqual([
      "text> The address of this machine was refused (403), with any key: the account's address rules do not let it in.\ntext> ",
      '',
    ]);
    account.knobs.networkRules = undefined;
    azure.world.vault.set('AI-Services-Key', { value: 'no-key-of-this-account-at-all-000' });
    const bad = await run('keyvault-client', 'Hello\nquit\n', settings);
    expect(bad.output).toBe('text> The key was refused (401): it is no key of the account at this endpoint.\ntext> ');
  });
});

it('keyvault-client: says in one sentence why the sign-in or the vault was refused', async () => {
  await withService(async (azure, _account, settings) => {
    const wrong = await run('keyvault-client', 'Hello\nquit\n', { ...settings, AZURE_CLIENT_SECRET: 'wrong' });
    expect([wrong.output, wrong.errors]).toEqual([
      'text> The sign-in was refused: the password of the application is wrong.\ntext> ',
      '',
    ]);
    azure.access.isEnforced = true;
    const denied = await run('keyvault-client', 'Hello\nquit\n', settings);
    expect(denied.output).toBe(
      'text> The vault was reached, but this identity may not read the secret (403): give it the role or the access policy.\ntext> ',
    );
  });
});

it('keyless: calls with a token and a role; no key is read, and none is needed', async () => {
  const own = await run('keyless', 'Gracias\nquit\n');
  expect([own.output, own.errors, own.code]).toEqual(['text> Spanish\ntext> ', '', 0]);
  await withService(async (azure, account, settings) => {
    account.knobs.isLocalAuthDisabled = true;
    const { output } = await run('keyless', 'Hello\nquit\n', settings);
    expect(output).toBe('text> English\ntext> ');
    const operations = new Set(azure.requests.map(({ operation }) => operation));
    expect([operations.has('analyzeText'), operations.has('getSecret')]).toEqual([true, false]);
    account.knobs.hasCustomSubdomain = false;
    const refused = await run('keyless', 'Hello\nquit\n', settings);
    expect(refused.output).toBe(
      'text> The token was refused (400): the account needs a custom subdomain, and the call its endpoint.\ntext> ',
    );
  });
});

it('settings that are set in part are told in one sentence', async () => {
  const { code, output, errors } = await run('keyvault-client', '', { ENDPOINT: 'https://x.test' });
  expect([code, output, errors]).toEqual([1, '', 'Set these too, or none: KEY_VAULT_URL, SECRET_NAME.\n']);
});

it('rest-test does not regenerate a key of real Azure unasked', async () => {
  const settings = { KEY_VAULT_URL: 'https://x.test', SECRET_NAME: 's', ENDPOINT: 'https://x.test' };
  const id = '/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/contoso';
  const { code, errors } = await run('rest-test', '', { ...settings, RESOURCE_ID: id });
  expect(code).toBe(1);
  expect(errors).toBe('This regenerates the key of contoso that is not in the vault; say so with --regenerate.\n');
});
