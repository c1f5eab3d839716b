// Who may do what: roles with Entra, and that a header means nothing without it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Claims, principal, raw } from './principal.ts';
import { type HttpStage, startHttpStage } from './stage.ts';

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
  stage.addAccount('shop');
  await stage.adopt();
});
afterAll(() => stage.close());

const as = (claims: Claims) => ({ authorization: 'entra' as const, headers: principal(claims) });
const READER = [{ typ: 'roles', val: 'Rotation.Read' }];
const READ = (options: object) => stage.get('accounts/shop', options);
const CHECK = (options: object) => stage.post('accounts/shop/check', {}, options);
const PAUSE = (options: object) => stage.post('accounts/shop/resume', { reason: 'x' }, options);
const ROTATE = (options: object) => stage.post('accounts/shop/rotate', { reason: 'x', overlap: 'PT1H' }, options);
const KILL = (options: object) => stage.post('accounts/shop/rotate', { reason: 'x', compromised: 'key2' }, options);

describe('with Entra a call needs its role', () => {
  it.each([
    ['Rotation.Read', { read: 200, check: 403, pause: 403, rotate: 403, kill: 403 }],
    ['Rotation.Check', { read: 200, check: 200, pause: 403, rotate: 403, kill: 403 }],
    // 400: the body is wrong on purpose, so that the call has got past the door and changes nothing.
    ['Rotation.Operate', { read: 200, check: 200, pause: 200, rotate: 400, kill: 403 }],
    ['Rotation.Emergency', { read: 200, check: 200, pause: 200, rotate: 400, kill: 202 }],
    ['Rotation.Acknowledge', { read: 403, check: 403, pause: 403, rotate: 403, kill: 403 }],
    ['rotation.read', { read: 403, check: 403, pause: 403, rotate: 403, kill: 403 }],
  ])('%s', async (role, expected) => {
    const options = as({ roles: [role], name: 'Ada' });
    expect({
      read: (await READ(options)).status,
      check: (await CHECK(options)).status,
      pause: (await PAUSE(options)).status,
      rotate: (await ROTATE(options)).status,
      kill: (await KILL(options)).status,
    }).toEqual(expected);
  });
  it('and the refusal names the role that is missing', async () => {
    expect(await KILL(as({ roles: ['Rotation.Operate'] }))).toMatchObject({
      status: 403,
      body: { role: 'Rotation.Emergency', remedy: expect.stringContaining('Rotation.Emergency') as unknown },
    });
    expect(await READ(as({}))).toMatchObject({ status: 403, body: { role: 'Rotation.Read' } });
  });
  it.each([
    ['the short name', 'roles'],
    ['the long name', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role'],
    ['a name of its own, told in role_typ', 'urn:role'],
  ])('a role counts under %s', async (_, roleType) => {
    expect((await READ(as({ roles: ['Rotation.Read'], roleType }))).status).toBe(200);
  });
  it('a claim of another type is no role', async () => {
    const claims = [{ typ: 'groups', val: 'Rotation.Read' }];
    const headers = raw({ auth_typ: 'aad', claims, role_typ: 'roles' });
    expect((await READ({ authorization: 'entra', headers })).status).toBe(403);
  });
});

describe('without a principal nobody is let in', () => {
  it.each([
    ['no header', {}],
    ['an empty header', { 'x-ms-client-principal': '' }],
    ['no base64', { 'x-ms-client-principal': '%%%' }],
    ['no JSON', raw('{"claims":')],
    ['null', raw('null')],
    ['a list', raw([])],
    ['claims that are no list', raw({ auth_typ: 'aad', claims: 'Rotation.Emergency' })],
    ['a header that is too long', { 'x-ms-client-principal': 'A'.repeat(70_000) }],
    [
      'another provider in a header',
      { ...principal({ roles: ['Rotation.Read'] }), 'x-ms-client-principal-idp': 'github' },
    ],
    ['another provider in the principal', raw({ auth_typ: 'github', claims: READER })],
    ['no provider in the principal', raw({ claims: READER })],
    ['a provider that is no text', raw({ auth_typ: ['aad'], claims: READER })],
  ])('%s: 401', async (_, headers) => {
    const answer = await READ({ authorization: 'entra', headers });
    expect(answer).toMatchObject({ status: 401, body: { status: 401, remedy: expect.any(String) as unknown } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });
  it('odd claims are passed over, the good ones count', async () => {
    const claims = [null, 5, { typ: 5, val: {} }, { typ: 'roles' }, { typ: 'roles', val: 'Rotation.Read' }];
    const headers = raw({ auth_typ: 'AAD', claims, role_typ: 7 });
    expect((await READ({ authorization: 'entra', headers })).status).toBe(200);
  });
  it.each([
    [{}, 401],
    [{ WEBSITE_AUTH_ENABLED: '' }, 401],
    [{ WEBSITE_AUTH_ENABLED: 'False' }, 401],
    [{ WEBSITE_AUTH_ENABLED: '1' }, 401],
    [{ WEBSITE_AUTH_ENABLED: 'True' }, 200],
    [{ WEBSITE_AUTH_ENABLED: ' true ' }, 200],
  ])(
    'the header counts only if the platform says that it authenticates callers: %j gives %i',
    async (environment, status) => {
      expect((await READ({ ...as({ roles: ['Rotation.Emergency'] }), environment })).status).toBe(status);
    },
  );
});

describe('who did it', () => {
  const pausedBy = async (options: object) => {
    stage.advance(1_000);
    await stage.post('accounts/shop/pause', { reason: 'x' }, options);
    const { body } = await stage.get('accounts/shop/history?limit=1');
    await stage.post('accounts/shop/resume', { reason: 'x' });
    return (body['entries'] as { by: string }[])[0]?.by;
  };
  it('is named in the history', async () => {
    expect(await pausedBy(as({ roles: ['Rotation.Operate'], name: 'Ada', objectId: 'o-1' }))).toBe('Ada (o-1)');
    expect(await pausedBy(as({ roles: ['Rotation.Operate'], appId: 'a-1' }))).toBe('a-1');
    const ofVersion2 = [
      { typ: 'roles', val: 'Rotation.Operate' },
      { typ: 'azp', val: 'a-2' },
    ];
    expect(await pausedBy({ authorization: 'entra', headers: raw({ auth_typ: 'aad', claims: ofVersion2 }) })).toBe(
      'a-2',
    );
    expect(await pausedBy(as({ roles: ['Rotation.Operate'] }))).toBe('unnamed principal');
  });
  it('is never taken from the header with function keys: a forged one changes nothing', async () => {
    const headers = principal({ roles: ['Rotation.Emergency'], name: 'The Director', objectId: 'o-9' });
    expect(await pausedBy({ headers })).toBe('function key');
    expect((await READ({ headers: { 'x-ms-client-principal': '%%%' } })).status).toBe(200);
  });
});
