// The adapter of references of App Service over the wire: found and read, each as Azure has it.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { WireFault } from '../../local/azure/local-azure.ts';
import type { ArmRest } from '../../src/azure/client/arm-rest.ts';
import { createAppServiceReferences } from '../../src/azure/holders/app-service.ts';
import type { HolderContent } from '../../src/holders/model.ts';
import type { PublishedKey } from '../../src/holders/ports.ts';
import type { SecretVersion } from '../../src/rotation/model.ts';
import { SecretValue } from '../../src/rotation/secret.ts';
import { type AppServiceStage, GROUP, SUBSCRIPTION, startAppServiceStage } from './app-service-stage.ts';

const SCOPE = `/subscriptions/${SUBSCRIPTION}`;
const IN_GROUP = `${SCOPE}/resourceGroups/${GROUP}`;
const PUBLISHED: PublishedKey = { version: 'x' as SecretVersion, value: new SecretValue('never-sent-to-app-service') };
/** Longer than any call may take. */
const WITHIN_MS = 60_000;

let stage: AppServiceStage;
beforeAll(async () => {
  stage = await startAppServiceStage();
});
afterAll(() => stage.azure.close());
beforeEach(() => {
  for (const { id } of stage.azure.sites.all) stage.azure.sites.remove(id);
  stage.azure.access.isEnforced = false;
  stage.azure.sites.restartsOnRefresh = false;
  stage.azure.sites.showsActiveVersion = false;
  stage.pauses.length = 0;
});
afterEach(() => {
  stage.azure.faults.clear();
  vi.restoreAllMocks();
});

const publish = (name: string, value: string): string => stage.azure.world.vault.set(name, { value }).version;
const holder = (resource: string, name = 'KEY') => ({ kind: 'appServiceReference', resource, name }) as const;

/** Operations that reached Azure while `act` ran, and how it ended. */
async function seen(act: () => Promise<unknown>): Promise<{ calls: readonly string[]; error: unknown }> {
  const from = stage.azure.requests.length;
  let error: unknown;
  try {
    await act();
  } catch (thrown) {
    error = thrown;
  }
  const calls = stage.azure.requests.slice(from).filter(({ service }) => service === 'arm');
  return { calls: calls.map(({ operation, status }) => `${operation} ${status}`), error };
}

describe('list', () => {
  test('has the references of sites and slots, and no other setting', async () => {
    const version = publish('language-key', 'value');
    const site = stage.site('shop', {
      KEY: stage.uri('language-key'),
      PINNED: stage.uri(`language-key/${version}`),
      NAMES: '@Microsoft.KeyVault(VaultName=Local-Vault;SecretName=language-key)',
      SLASH: stage.uri('language-key/'),
      GONE: stage.uri('nowhere'),
      BROKEN: '@Microsoft.KeyVault(Secret=language-key)',
      PLAIN: 'a plain value of some length',
    });
    const slot = stage.site('shop/staging', { KEY: stage.uri('language-key') });
    const vaultUrl = stage.azure.endpoints.keyVault;
    const common = { has: 'reference', vaultUrl, secretName: 'language-key', isResolved: true, detail: 'Resolved' };
    const expected: [string, string, object][] = [
      [
        site,
        'GONE',
        {
          ...common,
          secretName: 'nowhere',
          isResolved: false,
          detail: expect.stringMatching(/^SecretNotFound: .+ secret was not found\.$/) as unknown,
        },
      ],
      [site, 'KEY', common],
      [site, 'NAMES', { ...common, vaultUrl: 'https://local-vault.vault.azure.net' }],
      [site, 'PINNED', { ...common, pinnedTo: version }],
      [
        site,
        'SLASH',
        {
          ...common,
          detail:
            'Resolved; its SecretUri ends in a slash, and was reported to stay at an old version: remove the slash',
        },
      ],
      [slot, 'KEY', common],
    ];
    expect(await stage.adapters().references.list([SCOPE])).toEqual({
      holders: expected.map(([resource, name, content]) => ({ kind: 'appServiceReference', resource, name, content })),
      unseen: [],
      searched: 2,
      isComplete: true,
    });
  });

  test('looks into a site once, although two scopes have it, and only into the scopes', async () => {
    stage.site('inside', {});
    stage.site('outside', {}, 'rg-other');
    const { references } = stage.adapters();
    expect(
      await references.list([IN_GROUP, IN_GROUP.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions')]),
    ).toMatchObject({ searched: 1 });
    expect(await references.list([IN_GROUP, SCOPE])).toMatchObject({ searched: 2 });
    expect(await references.list([])).toEqual({ holders: [], unseen: [], searched: 0, isComplete: true });
  });

  test('reads all pages of two hundred sites, each once, and slows down after the first 150', async () => {
    publish('many', 'value');
    for (let n = 0; n < 200; n++) stage.site(`many-${n}`, { KEY: stage.uri('many') });
    vi.spyOn(performance, 'now').mockReturnValue(1_000_000);
    const { references } = stage.adapters();
    const { calls } = await seen(async () => {
      const { holders, searched, isComplete } = await references.list([SCOPE]);
      expect([holders.length, new Set(holders.map(({ resource }) => resource)).size]).toEqual([200, 200]);
      expect([searched, isComplete]).toEqual([200, true]);
    });
    expect(calls.filter((call) => call === 'listResources 200')).toHaveLength(2);
    expect(calls.filter((call) => call === 'listReferences 200')).toHaveLength(200);
    // 20 a second from there on: 50 ms, 100 ms, … on a clock that stands still.
    expect(stage.pauses).toHaveLength(50);
    expect([stage.pauses[0], stage.pauses[49]]).toEqual([50, 2_500]);
  });

  test('sends at most four calls at once', async () => {
    let [running, most] = [0, 0];
    const list: ArmRest['list'] = async (operation) => {
      const ids = Array.from({ length: 12 }, (_, n) => ({ id: `/site-${n}` }));
      if (operation === 'listSites') return { items: ids as never, isComplete: true };
      running++;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running--;
      return { items: [], isComplete: true };
    };
    const rest = { list } as ArmRest;
    const references = createAppServiceReferences({ rest, vaultSuffix: 'vault.azure.net' });
    expect([(await references.list([SCOPE])).searched, most]).toEqual([12, 4]);
  });

  test('names the site that refuses, with the right that is missing, and shows the others', async () => {
    publish('refusing', 'value');
    const open = stage.site('open', { KEY: stage.uri('refusing') });
    const shut = stage.site('shut/staging', { KEY: stage.uri('refusing') });
    stage.grant(
      { actions: ['Microsoft.Web/sites/read', 'Microsoft.Web/sites/slots/read'], scope: SCOPE },
      { actions: ['Microsoft.Web/sites/config/read'], scope: open },
    );
    const { holders, unseen, searched, isComplete } = await stage.adapters().references.list([SCOPE]);
    expect(holders.map(({ resource }) => resource)).toEqual([open]);
    expect(unseen).toEqual([
      {
        resource: shut,
        cause:
          'arm listReferences (403 AuthorizationFailed): the identity is not allowed to do this; grant it ' +
          'Microsoft.Web/sites/config/read and sites/slots/config/read, new assignments take some minutes.',
      },
    ]);
    expect([searched, isComplete]).toEqual([1, true]);
  });

  test('forgets a site that was deleted since it was listed', async () => {
    stage.site('stays', {});
    const goes = stage.site('goes', {});
    const off = stage.azure.onRequest(({ operation }) => {
      if (operation === 'listResources') stage.azure.sites.remove(goes);
    });
    const inventory = await stage.adapters().references.list([SCOPE]);
    off();
    expect(inventory).toMatchObject({ unseen: [], searched: 1, isComplete: true });
  });

  test('names a site for which Azure knows no such list: it is not known to hold nothing', async () => {
    const site = stage.site('elsewhere', {});
    const fault: WireFault = { kind: 'answer', status: 404, body: { error: { code: 'NotFound', message: 'No.' } } };
    stage.azure.faults.add({ service: 'arm', operation: 'listReferences', account: 'elsewhere', fault });
    const { unseen, searched } = await stage.adapters().references.list([SCOPE]);
    expect([unseen.map(({ resource }) => resource), searched]).toEqual([[site], 0]);
  });

  test('throws if a scope cannot be listed, or asks to wait', async () => {
    stage.site('listed', {});
    const { references } = stage.adapters();
    await expect(references.list(['/subscriptions/none'])).rejects.toMatchObject({ code: 'NotFound' });
    stage.azure.faults.add({
      service: 'arm',
      operation: 'listResources',
      fault: { kind: 'throttle', retryAfterSeconds: 7 },
    });
    await expect(references.list([SCOPE])).rejects.toMatchObject({ code: 'Throttled', retryAfterMs: 7_000 });
  });

  test('names each site that it could not ask while Azure asked to wait', async () => {
    for (let n = 0; n < 6; n++) stage.site(`busy-${n}`, {});
    const fault: WireFault = { kind: 'throttle', retryAfterSeconds: 60 };
    stage.azure.faults.add({ service: 'arm', operation: 'listReferences', fault });
    const { calls } = await seen(async () => {
      const { unseen, searched } = await stage.adapters().references.list([SCOPE]);
      expect([unseen.length, searched]).toEqual([6, 0]);
      expect(unseen[5]?.cause).toContain('too many requests');
    });
    // Four were on their way; nothing is sent after that.
    expect(calls.filter((call) => call.startsWith('listReferences')).length).toBeLessThanOrEqual(4);
  });

  test('is not complete if its time is over, and looks into no further site', async () => {
    stage.site('too-late', {});
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => (ms === 100_000 ? AbortSignal.abort() : timeout(ms)));
    expect(await stage.adapters().references.list([SCOPE])).toMatchObject({ searched: 0, isComplete: false });
  });

  test('gives a call 20 seconds and the lists 120', async () => {
    stage.site('deadlines', {});
    const timeout = vi.spyOn(AbortSignal, 'timeout');
    await stage.adapters().references.list([SCOPE]);
    expect(timeout.mock.calls.map(([ms]) => ms).toSorted((a, b) => a - b)).toEqual([20_000, 100_000, 120_000]);
  });
});

describe('read', () => {
  test('has what the platform says now: the active version where it shows one', async () => {
    const first = publish('read', 'first');
    const site = stage.site('read', { KEY: stage.uri('read') });
    const { references } = stage.adapters();
    expect(await references.read(holder(site), WITHIN_MS)).not.toHaveProperty('activeVersion');
    stage.azure.sites.showsActiveVersion = true;
    const second = publish('read', 'second');
    const active = async (): Promise<unknown> =>
      ((await references.read(holder(site, 'key'), WITHIN_MS)) as HolderContent & { activeVersion?: unknown })
        .activeVersion;
    expect(await active()).toBe(first);
    await references.perform('refresh', holder(site), PUBLISHED, WITHIN_MS);
    expect(await active()).toBe(second);
  });

  test('has nothing for a setting, and for a site, that is gone', async () => {
    const site = stage.site('going', { KEY: stage.uri('read') });
    const { references } = stage.adapters();
    expect(await references.read(holder(site), WITHIN_MS)).toMatchObject({ has: 'reference' });
    stage.site('going', { OTHER: stage.uri('read') });
    expect(await references.read(holder(site), WITHIN_MS)).toBeUndefined();
    stage.azure.sites.remove(site);
    expect(await references.read(holder(site), WITHIN_MS)).toBeUndefined();
  });

  test.each<[string, WireFault, string]>([
    ['a cut connection', { kind: 'refuse' }, 'Unavailable'],
    ['an answer that is no list', { kind: 'answer', status: 200, body: 'nonsense' }, 'Unavailable'],
    ['a server that fails', { kind: 'serverError', status: 503 }, 'Unavailable'],
    ['a server that asks to wait', { kind: 'throttle', retryAfterSeconds: 5 }, 'Throttled'],
  ])('throws after %s', async (_, fault, code) => {
    const site = stage.site('failing', { KEY: stage.uri('read') });
    stage.azure.faults.add({ service: 'arm', operation: 'listReferences', fault });
    await expect(stage.adapters().references.read(holder(site), WITHIN_MS)).rejects.toMatchObject({
      code,
      operation: 'listReferences',
    });
  });
});
