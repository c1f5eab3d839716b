// The page and who looks: what is served to strangers, under which policy, and which calls of a browser are refused.
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPage } from '../../../scripts/build-page.mjs';
import { composeApp } from '../../../src/compose.ts';
import { answerPage, type Page, preparePage } from '../../../src/http/handlers/page.ts';
import { principal } from './principal.ts';
import { type HttpStage, startHttpStage } from './stage.ts';

const COMPRESSED_MAXIMUM = 100_000;

let stage: HttpStage;
let page: Page;
beforeAll(async () => {
  stage = await startHttpStage();
  stage.addAccount('shop');
  await stage.adopt();
  page = await preparePage((await buildPage()).html);
});
afterAll(() => stage.close());

describe('the page', () => {
  const serve = (headers: Record<string, string> = {}) => answerPage(page, new Headers(headers));
  const headersOf = (answer: ReturnType<typeof serve>) => new Headers(answer.headers);

  it('is one small file that names no other host', () => {
    expect(page.compressed.length).toBeLessThan(COMPRESSED_MAXIMUM);
    const addresses = page.html.match(/https?:\/\/[a-z0-9.-]+/g) ?? [];
    expect(addresses.filter((address) => !address.startsWith('http://www.w3.org'))).toEqual([]);
    expect(page.html).not.toMatch(/<script[^>]+src|<link[^>]+stylesheet|localStorage|sessionStorage|document\.cookie/);
  });
  it('runs nothing but its own script, and is framed by nobody', () => {
    expect(headersOf(serve()).get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'sha256-[\w+/]{43}='; style-src 'sha256-[\w+/]{43}='; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(headersOf(serve()).get('x-content-type-options')).toBe('nosniff');
    expect(headersOf(serve()).get('referrer-policy')).toBe('no-referrer');
  });
  it('names the hash of what stands between the tags', async () => {
    const { policy } = await preparePage('<style>a{}</style><script>alert(1)</script>');
    // As `printf 'alert(1)' | openssl dgst -sha256 -binary | base64` prints it.
    expect(policy).toContain("script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='");
  });
  it('is compressed for whoever takes that, and the same', () => {
    const plain = serve();
    const small = serve({ 'accept-encoding': 'gzip, br' });
    expect(headersOf(plain).get('content-encoding')).toBeNull();
    expect(headersOf(small).get('content-encoding')).toBe('gzip');
    expect(gunzipSync(small.body as Uint8Array).toString()).toBe(plain.body);
  });
  it('is not sent again to whoever has it', () => {
    const etag = headersOf(serve()).get('etag') ?? '';
    expect(serve({ 'if-none-match': `"other", W/${etag}` })).toMatchObject({ status: 304 });
    expect(serve({ 'if-none-match': '"other"' })).toMatchObject({ status: 200 });
  });
});

describe('who looks', () => {
  const me = async (options: object) => (await stage.get('me', options)).body;
  it('may do everything with a function key, and nobody is asked for one outside of App Service', async () => {
    expect(await me({})).toEqual({
      authorization: 'functionKey',
      isLocal: true,
      roles: ['Rotation.Read', 'Rotation.Check', 'Rotation.Operate', 'Rotation.Emergency', 'Rotation.Acknowledge'],
    });
  });
  it('is told by name, with the roles that a role includes', async () => {
    const headers = principal({ roles: ['Rotation.Check'], name: 'Ada', objectId: 'o-1' });
    expect(await me({ authorization: 'entra', headers })).toEqual({
      authorization: 'entra',
      isLocal: true,
      name: 'Ada',
      roles: ['Rotation.Read', 'Rotation.Check'],
    });
    expect(await me({ authorization: 'entra', headers: principal({ name: 'Bob' }) })).toMatchObject({ roles: [] });
  });
  it('is told where the runbook is, if the service knows it', async () => {
    stage.serving = composeApp({ ...stage.azure.environment(), RUNBOOK_URL: 'https://docs.example/runbook' });
    const answer = await me({});
    stage.serving = stage.app;
    expect(answer).toMatchObject({ runbookUrl: 'https://docs.example/runbook' });
  });
  it('is nobody without a principal', async () => {
    expect((await stage.get('me', { authorization: 'entra' })).status).toBe(401);
  });
  it('is told whatever the settings are', async () => {
    stage.serving = composeApp({ WEBSITE_SITE_NAME: 'rotator' });
    const answer = await me({});
    stage.serving = stage.app;
    expect(answer).toMatchObject({ isLocal: false });
  });
});

describe('a call that a browser sends on behalf of another site', () => {
  const signedIn = principal({ roles: ['Rotation.Operate'], name: 'Ada' });
  const pause = async (headers: Record<string, string>) =>
    stage.post(
      'accounts/shop/resume',
      { reason: 'x' },
      { authorization: 'entra', headers: { ...signedIn, ...headers } },
    );
  const COOKIE = { cookie: 'AppServiceAuthSession=x' };
  const FORM = { 'content-type': 'text/plain' };

  it.each([
    ['says so', { ...COOKIE, 'sec-fetch-site': 'cross-site' }],
    ['comes from a sibling host', { ...COOKIE, 'sec-fetch-site': 'same-site' }],
    ['has another origin', { ...COOKIE, origin: 'https://evil.example' }],
    ['hides its origin', { ...COOKIE, origin: 'null' }],
    ['is a form with a cookie', { ...COOKIE, ...FORM }],
    ['says so without a cookie, to a local host', { 'sec-fetch-site': 'cross-site' }],
  ])('is refused when it %s', async (_, headers) => {
    const answer = await pause(headers);
    expect(answer).toMatchObject({ status: 403, body: { type: 'urn:ai-services-key-rotation:problem:cross-site' } });
  });
  it.each([
    ['the page itself', { ...COOKIE, 'sec-fetch-site': 'same-origin' }],
    ['the page in an old browser', { ...COOKIE, ...FORM, 'x-requested-with': 'status-page' }],
    ['its own origin', { ...COOKIE, origin: 'https://rotation.example' }],
    ['a program', {}],
    ['a page elsewhere with a token of its own', { authorization: 'Bearer x', 'sec-fetch-site': 'cross-site' }],
  ])('is not %s', async (_, headers) => {
    expect((await pause(headers)).status).toBe(200);
  });
  it('is refused also with function keys unless it brings one', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect((await stage.post('accounts/shop/check', {}, { headers })).status).toBe(403);
    const withKey = { ...headers, 'x-functions-key': 'k' };
    expect((await stage.post('accounts/shop/check', {}, { headers: withKey })).status).not.toBe(403);
  });
});

describe('what the page draws of an account', () => {
  it('is its policy, its interval, and since when it is in its phase', async () => {
    const { body } = await stage.get('accounts/shop');
    expect(body).toMatchObject({ policy: 'shop', rotationIntervalSeconds: 2_592_000, phase: 'idle', consumers: [] });
    expect(typeof body['phaseSince']).toBe('string');
    const fleet = await stage.get('accounts');
    expect(fleet.body['accounts']).toMatchObject([{ account: 'shop', policy: 'shop', phase: 'idle' }]);
  });
  it('is who has acknowledged during an overlap, and the bounds of it', async () => {
    stage.addAccount('pair', { onMissing: 'hold' }, { consumers: ['web', 'batch'] });
    await stage.adopt();
    await stage.post('accounts/pair/rotate', { reason: 'x' });
    await stage.activate();
    const before = (await stage.get('accounts/pair')).body;
    await stage.post('accounts/pair/acknowledgements', { consumer: 'web', version: before['publishedVersion'] });
    const { overlap, phaseSince } = (await stage.get('accounts/pair')).body as {
      phaseSince: string;
      overlap: Record<string, string>;
    };
    expect(overlap['since']).toBe(phaseSince);
    expect(Date.parse(overlap['minimumEndsAt'] ?? '') - Date.parse(phaseSince)).toBe(3_600_000);
    expect(Date.parse(overlap['maximumEndsAt'] ?? '') - Date.parse(phaseSince)).toBe(172_800_000);
    expect(overlap['consumers']).toEqual([
      { consumer: 'web', acknowledgedAt: expect.any(String) as unknown },
      { consumer: 'batch' },
    ]);
  });
});
