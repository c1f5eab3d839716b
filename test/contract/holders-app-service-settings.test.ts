// Plain settings of App Service over the wire: found by fingerprint, and no value in anything that comes back.
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type AppServiceStage, SUBSCRIPTION, startAppServiceStage } from './app-service-stage.ts';

const SCOPE = `/subscriptions/${SUBSCRIPTION}`;
const KEY = '0123456789abcdef0123456789abcdef';
/** Of `KEY`, by `printf %s … | sha256sum`. */
const FINGERPRINT = '3eb1bd439947eb76';
/** Longer than any call may take. */
const WITHIN_MS = 60_000;

let stage: AppServiceStage;
beforeAll(async () => {
  stage = await startAppServiceStage();
});
afterAll(() => stage.azure.close());
afterEach(() => {
  for (const { id } of stage.azure.sites.all) stage.azure.sites.remove(id);
  stage.azure.faults.clear();
  stage.azure.access.isEnforced = false;
  stage.pauses.length = 0;
  vi.restoreAllMocks();
});

const content = { has: 'value', fingerprint: FINGERPRINT };
const setting = (resource: string, name: string) => ({ kind: 'appServiceSetting', resource, name }) as const;

describe('list', () => {
  test('has a fingerprint for each value that may be a key, also with a line break behind it', async () => {
    const site = stage.site('plain', { KEY, LINE: `${KEY}\n`, DEBUG: 'true' });
    const slot = stage.site('plain/staging', { KEY });
    expect(await stage.adapters().settings.list([SCOPE])).toEqual({
      holders: [
        { ...setting(site, 'KEY'), content },
        { ...setting(site, 'LINE'), content },
        { ...setting(slot, 'KEY'), content },
      ],
      unseen: [],
      searched: 2,
      isComplete: true,
    });
  });

  test('leaves out what is too short, too long, or a reference', async () => {
    stage.site('lengths', {
      S19: 's'.repeat(19),
      S20: 's'.repeat(20),
      L200: 'l'.repeat(200),
      L201: 'l'.repeat(201),
      VAULT: stage.uri('language-key'),
      STORE: '@Microsoft.AppConfiguration(Endpoint=https://store.azconfig.io; Key=language:Key)',
      EMPTY: '',
    });
    const { holders } = await stage.adapters().settings.list([SCOPE]);
    expect(holders.map(({ name }) => name)).toEqual(['L200', 'S20']);
  });

  test('names the site that refuses, with the right that is missing', async () => {
    const site = stage.site('shut', { KEY });
    stage.grant({ actions: ['*/read'], scope: '/' });
    expect(await stage.adapters().settings.list([SCOPE])).toEqual({
      holders: [],
      unseen: [
        {
          resource: site,
          cause:
            'arm listSettings (403 AuthorizationFailed): the identity is not allowed to do this; grant it ' +
            'Microsoft.Web/sites/config/list/action and sites/slots/config/list/action, new assignments take some minutes.',
        },
      ],
      searched: 0,
      isComplete: true,
    });
  });

  test('goes slower than a search by reads: these calls come out of the writes that an emergency needs', async () => {
    for (let n = 0; n < 50; n++) stage.site(`slow-${n}`, { KEY });
    vi.spyOn(performance, 'now').mockReturnValue(1_000_000);
    expect((await stage.adapters().settings.list([SCOPE])).searched).toBe(50);
    expect(stage.pauses).toEqual([250, 500, 750, 1_000, 1_250, 1_500, 1_750, 2_000, 2_250, 2_500]);
  });
});

test('read has the fingerprint of the value now, and nothing for a setting that is gone', async () => {
  const site = stage.site('read', { KEY });
  const { settings } = stage.adapters();
  expect(await settings.read(setting(site, 'KEY'), WITHIN_MS)).toEqual(content);
  stage.site('read', { KEY: 'f'.repeat(32) });
  expect(await settings.read(setting(site, 'KEY'), WITHIN_MS)).toEqual({
    has: 'value',
    fingerprint: '352302489bc2fcf0',
  });
  stage.site('read', {});
  expect(await settings.read(setting(site, 'KEY'), WITHIN_MS)).toBeUndefined();
});

test.each(['refresh', 'restart', 'write'] as const)(
  '%s is a bug: a plain setting is inspected only',
  async (effect) => {
    const site = stage.site('inspected', { KEY });
    const before = stage.azure.requests.length;
    const published = { version: 'x', value: undefined } as never;
    const performed = stage.adapters().settings.perform(effect, setting(site, 'KEY'), published, WITHIN_MS);
    await expect(performed).rejects.toMatchObject({ code: 'UnsafeStep' });
    expect(stage.azure.requests).toHaveLength(before);
  },
);

describe('a value', () => {
  test('is in nothing that the adapter returns', async () => {
    stage.site('silent', { KEY });
    const inventory = await stage.adapters().settings.list([SCOPE]);
    expect(inventory.holders).toHaveLength(1);
    expect(inspect(inventory, { depth: null, showHidden: true })).not.toContain(KEY);
  });

  test.each([
    ['an answer that is cut off', 200, `{"properties":{"KEY":"${KEY}"`],
    ['an answer of another shape', 200, { properties: [{ name: 'KEY', value: KEY }] }],
    ['a refusal that repeats it', 400, { error: { code: 'BadRequest', message: `The value ${KEY} is not allowed.` } }],
    ['a refusal that is no JSON', 500, `<p>${KEY}</p>`],
  ])('is not in the error after %s', async (_, status, body) => {
    const site = stage.site('leaking', { KEY });
    const fault = { kind: 'answer', status, body } as const;
    stage.azure.faults.add({ service: 'arm', operation: 'listSettings', fault });
    const error: unknown = await stage
      .adapters()
      .settings.read(setting(site, 'KEY'), WITHIN_MS)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'RotationError' });
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain(KEY);
    const { unseen } = await stage.adapters().settings.list([SCOPE]);
    expect(JSON.stringify(unseen)).toContain(site);
    expect(JSON.stringify(unseen)).not.toContain(KEY);
  });
});
