// The cause that each refusal gets, over the wire with the real SDKs: by the provider's own code, with its remedy.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { LocalService, WireFault } from '../../local/azure/local-azure.ts';
import type { Account, ETag, RotationId, SecretVersion } from '../../src/rotation/model.ts';
import { SecretValue } from '../../src/rotation/secret.ts';
import { startWire, type Wire } from './wire.ts';

/** How far the clock by which waits are counted is ahead. */
let aheadMs = 0;
const realNow = performance.now.bind(performance);
vi.spyOn(performance, 'now').mockImplementation(() => Math.round(realNow()) + aheadMs);

let wire: Wire;
let account: Account;
beforeAll(async () => {
  wire = await startWire();
  account = wire.newAccount();
  await Promise.all(Object.values(CALLS).map((call) => call().catch(() => undefined)));
});
afterEach(() => {
  wire.azure.faults.clear();
  aheadMs += 60_000;
});
afterAll(() => wire.close());

const VERSION = '11111111111111111111111111111111' as SecretVersion;
const CALLS = {
  'arm list': () => wire.ports.keys.list(account),
  'arm regenerate': () => wire.ports.keys.regenerate(account, 'key2'),
  'keyVault readNewest': () => wire.ports.secrets.readNewest(account),
  'keyVault publish': () =>
    wire.ports.secrets.publish(account, {
      value: new SecretValue('0123456789abcdef0123456789abcdef'),
      slot: 'key1',
      rotationId: 1 as RotationId,
      expiresAt: Date.UTC(2031, 0, 1),
      validityMs: 86_400_000,
    }),
  'appConfiguration read': () => wire.ports.announcements.read(account),
  'appConfiguration writeReference': () =>
    wire.ports.announcements.writeReference(account, VERSION, {
      etag: '"x"' as ETag,
      held: { value: '', tags: {} },
    }),
  'table read': () => wire.ports.records.read(account),
} satisfies Record<string, () => Promise<unknown>>;
type CallName = keyof typeof CALLS;

async function refusalOf(name: CallName, fault: Omit<Extract<WireFault, { kind: 'answer' }>, 'kind'>) {
  const service = name.slice(0, name.indexOf(' ')) as LocalService;
  wire.azure.faults.add({ service, fault: { kind: 'answer', ...fault } });
  return CALLS[name]().then(
    () => expect.unreachable('The call was expected to fail.'),
    (error: unknown) => error,
  );
}

const arm = (code: string, message = 'x') => ({ error: { code, message } });
const vault = (inner: string, message = 'x') => ({
  error: { code: 'Forbidden', message, innererror: { code: inner } },
});
const NETWORK = 'the network rules keep the function app out; let its network in or give it a private endpoint.';
const NOT_ALLOWED = 'the identity is not allowed to do this; grant it';
const LATER = 'new assignments take some minutes.';

describe('Key Vault', () => {
  test.each([
    [
      'keyVault publish',
      'ForbiddenByRbac',
      `${NOT_ALLOWED} Microsoft.KeyVault/vaults/secrets/setSecret/action, ${LATER}`,
    ],
    [
      'keyVault publish',
      'ForbiddenByPolicy',
      'the access policies of the vault do not let the identity in; give it Set on secrets in an access policy.',
    ],
    [
      'keyVault readNewest',
      'AccessDenied',
      'the access policies of the vault do not let the identity in; give it Get on secrets in an access policy.',
    ],
    ['keyVault readNewest', 'ForbiddenByFirewall', NETWORK],
    ['keyVault readNewest', 'ForbiddenByConnection', NETWORK],
    [
      'keyVault readNewest',
      'SomethingNew',
      'the service names no cause that is known here; check that the identity has ' +
        'Microsoft.KeyVault/vaults/secrets/getSecret/action, then the network rules.',
    ],
  ] as const)('%s, 403 %s', async (name, code, remedy) => {
    expect(await refusalOf(name, { status: 403, body: vault(code) })).toMatchObject({
      code: 'Forbidden',
      status: 403,
      providerCode: code,
      message: `${name} (403 ${code}): ${remedy}`,
    });
  });

  test('names the address to allow, if the vault names it', async () => {
    const words =
      'Client address is not authorized and caller is not a trusted service.\r\nClient address: 20.1.2.3\r\n';
    expect(
      await refusalOf('keyVault readNewest', { status: 403, body: vault('ForbiddenByFirewall', words) }),
    ).toMatchObject({
      message: `keyVault readNewest (403 ForbiddenByFirewall): ${NETWORK} The address that was refused is 20.1.2.3.`,
    });
  });

  test.each([
    ['ObjectIsDeletedButRecoverable', 'Misconfigured', 'the secret was deleted and its name is still taken; recover'],
    ['ObjectIsBeingDeleted', 'Unavailable', 'the resource is being changed; the next pass tries again.'],
    ['ObjectIsBeingRecovered', 'Unavailable', 'the resource is being changed; the next pass tries again.'],
  ])('409 %s', async (code, expected, remedy) => {
    const body = { error: { code: 'Conflict', message: 'x', innererror: { code } } };
    expect(await refusalOf('keyVault publish', { status: 409, body })).toMatchObject({
      code: expected,
      message: expect.stringContaining(`keyVault publish (409 ${code}): ${remedy}`) as unknown,
    });
  });
});

describe('App Configuration, in problem documents', () => {
  const problem = (type: string, title: string, status = 403, more: object = {}) => ({
    status,
    body: { type: `https://azconfig.io/errors/${type}`, title, status, ...more },
    contentType: 'application/problem+json; charset=utf-8',
  });
  const QUOTA = 'a quota is used up; delete unused content, or raise the tier.';
  test.each([
    ['ip-address-rejected', problem('ip-address-rejected', 'x'), 'Forbidden', NETWORK],
    ['nsp-rejected', problem('nsp-rejected', 'x'), 'Forbidden', NETWORK],
    [
      'forbidden',
      problem('forbidden', 'Access denied'),
      'Forbidden',
      `${NOT_ALLOWED} Microsoft.AppConfiguration/configurationStores/keyValues/write, ${LATER}`,
    ],
    [
      'forbidden with a title about the network',
      problem('forbidden', 'Public access is disabled.'),
      'Forbidden',
      NETWORK,
    ],
    ['forbidden with a title about the quota', problem('forbidden', 'The quota is exceeded.'), 'Misconfigured', QUOTA],
    ['key-locked', problem('key-locked', 'x', 409), 'Misconfigured', 'the key-value is locked; unlock it.'],
    [
      'too-many-requests',
      problem('too-many-requests', 'Resource utilization has surpassed the assigned quota', 429, { policy: 'Storage' }),
      'Throttled',
      'a quota of the store is used up; the next pass comes later. If writes alone fail for hours, the store is full.',
    ],
  ])('%s', async (_name, answer, code, remedy) => {
    const { type } = answer.body;
    expect(await refusalOf('appConfiguration writeReference', answer)).toMatchObject({
      code,
      message: `appConfiguration writeReference (${answer.status} ${type.split('/').at(-1) ?? ''}): ${remedy}`,
    });
  });
});

describe('Tables', () => {
  const ROLE = `${NOT_ALLOWED} the role Storage Table Data Contributor, ${LATER}`;
  const json = (code: string) => ({ 'odata.error': { code, message: { lang: 'en-US', value: 'x' } } });
  test.each([
    [403, 'AuthorizationFailure', 'Forbidden', NETWORK],
    [403, 'AuthorizationPermissionMismatch', 'Forbidden', ROLE],
    [
      403,
      'AuthenticationFailed',
      'Forbidden',
      'the service does not take the credentials; check the connection string, or the tenant of the identity.',
    ],
    [
      403,
      'KeyBasedAuthenticationNotPermitted',
      'Forbidden',
      'the storage account takes no keys; name its table endpoint in the settings instead of a connection string.',
    ],
    [409, 'TableBeingDeleted', 'Unavailable', 'the resource is being changed; the next pass tries again.'],
    [409, 'EntityAlreadyExists', 'LostRace', 'another writer was first; the next pass reads again.'],
  ] as const)('%i %s', async (status, code, expected, remedy) => {
    const expectation = {
      code: expected,
      message: expect.stringContaining(`(${status} ${code}): ${remedy}`) as unknown,
    };
    expect(await refusalOf('table read', { status, body: json(code) })).toMatchObject(expectation);
  });

  test('also when the refusal is XML: the code is read from its header', async () => {
    const body = '<?xml version="1.0"?><error><code>AuthorizationFailure</code></error>';
    const headers = { 'x-ms-error-code': 'AuthorizationFailure' };
    expect(await refusalOf('table read', { status: 403, body, contentType: 'application/xml', headers })).toMatchObject(
      { code: 'Forbidden', message: expect.stringContaining(NETWORK) as unknown },
    );
  });
});

describe('Azure Resource Manager', () => {
  test.each([
    [
      403,
      'AuthorizationFailed',
      'Forbidden',
      `${NOT_ALLOWED} Microsoft.CognitiveServices/accounts/regenerateKey/action or Microsoft.Search/searchServices/regenerateAdminKey/action, ${LATER}`,
    ],
    [
      403,
      'RequestDisallowedByPolicy',
      'Forbidden',
      'an Azure Policy refuses this, and no role of the identity changes that; ask the owner of the policy for an exemption.',
    ],
    [
      403,
      'DenyAssignmentAuthorizationFailed',
      'Forbidden',
      'a deny assignment refuses this, and no role of the identity changes that; ask its owner to leave the identity out.',
    ],
    [401, 'InvalidAuthenticationTokenTenant', 'Forbidden', 'the service does not take the credentials; check the'],
    [409, 'ScopeLocked', 'Misconfigured', 'a read-only lock keeps the account from being changed; remove the lock.'],
    [409, 'RequestConflict', 'Unavailable', 'the resource is being changed; the next pass tries again.'],
    [409, 'AnotherOperationInProgress', 'Unavailable', 'the resource is being changed; the next pass tries again.'],
    [
      409,
      'ReadOnlyDisabledSubscription',
      'Misconfigured',
      'the subscription is disabled, so nothing in it can be changed; enable the subscription.',
    ],
    [409, 'SomethingNew', 'Misconfigured', 'the request was refused as it is; correct the settings or the resource'],
  ] as const)('%i %s', async (status, code, expected, remedy) => {
    expect(await refusalOf('arm regenerate', { status, body: arm(code) })).toMatchObject({
      code: expected,
      message: expect.stringContaining(`arm regenerate (${status} ${code}): ${remedy}`) as unknown,
    });
  });
});
