// What becomes of the errors that `@azure/identity` really throws when there is no token, over the wire.
// Retries of the SDK are off, because they wait. MSAL keeps tokens by client id, so each credential has its own.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import {
  AuthenticationError,
  ChainedTokenCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
} from '@azure/identity';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { WireFault } from '../../local/azure/local-azure.ts';
import { classifyError } from '../../src/azure/client/classify-error.ts';
import { startWire, type Wire } from './wire.ts';

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterEach(() => wire.azure.faults.clear());
afterAll(() => wire.close());

const SCOPE = 'https://vault.azure.net/.default';
const retryOptions = { maxRetries: 0 };
const managedIdentity = () => new ManagedIdentityCredential({ clientId: randomUUID(), retryOptions });
const servicePrincipal = (secret = wire.azure.servicePrincipal.clientSecret) => {
  const { tenantId, clientId } = wire.azure.servicePrincipal;
  const options = { authorityHost: wire.azure.endpoints.authority, disableInstanceDiscovery: true, retryOptions };
  return new ClientSecretCredential(tenantId, clientId, secret, options);
};
const chain = () => new ChainedTokenCredential(managedIdentity());
const CREDENTIALS = { managedIdentity, servicePrincipal, chain };

async function thrownBy(credential: { getToken(scope: string): Promise<unknown> }, fault?: WireFault) {
  if (fault !== undefined) wire.azure.faults.add({ service: 'token', fault });
  const thrown: unknown = await credential.getToken(SCOPE).catch((error: unknown) => error);
  const { code, message } = classifyError('keyVault', 'publish', thrown);
  return { name: thrown instanceof Error ? thrown.name : 'a token', code, message };
}

const answer = (status: number): WireFault => ({ kind: 'answer', status, body: { statusCode: status, message: 'x' } });
const page = (status: number): WireFault => ({
  kind: 'answer',
  status,
  body: '<html></html>',
  contentType: 'text/html',
});

describe('an identity endpoint that fails is Unavailable, and a later pass tries again', () => {
  const UNAVAILABLE = {
    code: 'Unavailable',
    message:
      'keyVault publish: no token was given, because the identity endpoint failed; nothing was sent, the next pass tries again.',
  };
  test.each([
    ['managedIdentity', 'a cut connection', { kind: 'refuse' }, 'CredentialUnavailableError'],
    ['managedIdentity', '503', answer(503), 'CredentialUnavailableError'],
    ['managedIdentity', '503 with a page', page(503), 'CredentialUnavailableError'],
    ['managedIdentity', '500', answer(500), 'CredentialUnavailableError'],
    ['managedIdentity', '429', answer(429), 'CredentialUnavailableError'],
    ['managedIdentity', '404, while it is updated', answer(404), 'CredentialUnavailableError'],
    ['chain', '503', answer(503), 'AggregateAuthenticationError'],
    ['servicePrincipal', 'a cut connection', { kind: 'refuse' }, 'CredentialUnavailableError'],
    ['servicePrincipal', '503', answer(503), 'CredentialUnavailableError'],
  ] as const)('%s: %s', async (kind, _fault, fault, name) => {
    expect(await thrownBy(CREDENTIALS[kind](), fault)).toEqual({ name, ...UNAVAILABLE });
  });

  test.each([
    ['503', { kind: 'serverError', status: 503 }],
    ['503 with a page', page(503)],
    ['a cut connection', { kind: 'refuse' }],
  ] as const)('servicePrincipal: its authority is found, and the token fails with %s', async (_fault, fault) => {
    wire.azure.faults.add({ service: 'token', operation: 'clientCredentials', fault });
    const { name, ...rest } = await thrownBy(servicePrincipal());
    expect([name, rest]).toEqual(['AuthenticationRequiredError', UNAVAILABLE]);
  });

  test.each([429, 500, 503])('an AuthenticationError with status %i', (status) => {
    expect(classifyError('keyVault', 'publish', new AuthenticationError(status, 'x'))).toMatchObject(UNAVAILABLE);
  });

  test('managedIdentity: refused connections, as at a cold start', async () => {
    // A process of its own: MSAL keeps the first endpoint that a process has named.
    const code = `
      import { ManagedIdentityCredential } from '@azure/identity';
      import { classifyError } from './src/azure/client/classify-error.ts';
      const credential = new ManagedIdentityCredential({ retryOptions: { maxRetries: 0 } });
      const thrown = await credential.getToken('${SCOPE}').catch((error) => error);
      const { code, message } = classifyError('keyVault', 'publish', thrown);
      console.log(JSON.stringify({ name: thrown.name, code, message }));`;
    const env = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi/token', IDENTITY_HEADER: 'x' };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], { env });
    expect(JSON.parse(stdout)).toEqual({ name: 'CredentialUnavailableError', ...UNAVAILABLE });
  });
});

describe('an identity that is refused is Forbidden', () => {
  const FORBIDDEN = {
    code: 'Forbidden',
    message:
      'keyVault publish: no token was given; check AZURE_CLIENT_ID and that the identity is assigned to the app.',
  };
  test('managedIdentity: the identity is not assigned to the app', async () => {
    expect(await thrownBy(managedIdentity())).toEqual({ name: 'CredentialUnavailableError', ...FORBIDDEN });
  });
  test('servicePrincipal: the secret is wrong', async () => {
    expect(await thrownBy(servicePrincipal('wrong'))).toEqual({ name: 'AuthenticationRequiredError', ...FORBIDDEN });
  });
  test('an AuthenticationError with status 400', () => {
    expect(classifyError('keyVault', 'publish', new AuthenticationError(400, 'x'))).toMatchObject(FORBIDDEN);
  });
  test('chain: nothing is signed in', async () => {
    expect(await thrownBy(chain())).toEqual({ name: 'AggregateAuthenticationError', ...FORBIDDEN });
  });
});
