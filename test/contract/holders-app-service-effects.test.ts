// The adapter of references of App Service over the wire: refresh and restart, each sent once, with and without an answer.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PublishedKey } from '../../src/holders/ports.ts';
import type { SecretVersion } from '../../src/rotation/model.ts';
import { SecretValue } from '../../src/rotation/secret.ts';
import { type AppServiceStage, HOUR, startAppServiceStage } from './app-service-stage.ts';

const PUBLISHED: PublishedKey = { version: 'x' as SecretVersion, value: new SecretValue('never-sent-to-app-service') };
/** Longer than any call may take. */
const WITHIN_MS = 60_000;

let stage: AppServiceStage;
beforeAll(async () => {
  stage = await startAppServiceStage();
});
afterAll(() => stage.azure.close());
afterEach(() => {
  vi.restoreAllMocks();
  stage.azure.faults.clear();
  stage.azure.access.isEnforced = false;
  stage.azure.sites.restartsOnRefresh = false;
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

describe('perform', () => {
  const keyOf = (site: string): string | undefined => stage.azure.sites.environmentOf(site, 'KEY');

  test.each(['shop', 'shop/staging'])(
    'refresh and restart bring %s to the published version, each with one effect',
    async (name) => {
      publish('brought', 'first');
      const site = stage.site(name, { KEY: stage.uri('brought') });
      publish('brought', 'second');
      const { references } = stage.adapters();
      const kind = name.includes('/') ? 'Slot' : '';
      const refresh = await seen(() => references.perform('refresh', holder(site), PUBLISHED, WITHIN_MS));
      expect(refresh).toEqual({ calls: [`refresh${kind}References 200`], error: undefined });
      expect(keyOf(site)).toBe('first');
      const restart = await seen(() => references.perform('restart', holder(site), PUBLISHED, WITHIN_MS));
      const [get, post] = kind === '' ? ['getSite', 'restartSite'] : ['getSlot', 'restartSlot'];
      expect(restart).toEqual({ calls: [`${get} 200`, `${post} 200`], error: undefined });
      expect(keyOf(site)).toBe('second');
    },
  );

  test('restart alone leaves the application with its old value', async () => {
    publish('alone', 'first');
    const site = stage.site('alone', { KEY: stage.uri('alone') });
    publish('alone', 'second');
    await stage.adapters().references.perform('restart', holder(site), PUBLISHED, WITHIN_MS);
    expect(keyOf(site)).toBe('first');
    stage.advance(24 * HOUR);
    expect(keyOf(site)).toBe('second');
  });

  test.each(['refresh', 'restart'] as const)(
    '%s whose answer is lost is sent once, and has happened',
    async (effect) => {
      publish('lost', 'first');
      stage.azure.sites.restartsOnRefresh = effect === 'refresh';
      const site = stage.site('lost', { KEY: stage.uri('lost') });
      publish('lost', 'second');
      const { references } = stage.adapters();
      if (effect === 'restart') await references.perform('refresh', holder(site), PUBLISHED, WITHIN_MS);
      expect(keyOf(site)).toBe('first');
      const operation = effect === 'refresh' ? 'refreshReferences' : 'restartSite';
      stage.azure.faults.add({ service: 'arm', operation, account: 'lost', fault: { kind: 'applyThenCut' } });
      const { calls, error } = await seen(() => references.perform(effect, holder(site), PUBLISHED, WITHIN_MS));
      expect(calls.filter((call) => call === `${operation} 0`)).toHaveLength(1);
      expect(error).toMatchObject({ code: 'Unavailable', isUnsent: false });
      expect(keyOf(site)).toBe('second');
    },
  );

  test.each([
    ['refresh', 'Microsoft.Web/sites/config/*/action'],
    ['restart', 'Microsoft.Web/sites/restart/action'],
  ] as const)('%s that is refused says which right is missing', async (effect, action) => {
    const site = stage.site('refused', { KEY: stage.uri('lost') });
    stage.grant({ actions: ['*/read'], scope: '/' });
    const refused = stage.adapters().references.perform(effect, holder(site), PUBLISHED, WITHIN_MS);
    await expect(refused).rejects.toMatchObject({
      code: 'Forbidden',
      message: expect.stringContaining(action) as unknown,
    });
  });

  test('a call ends with the time of its caller, and after 20 seconds', async () => {
    const site = stage.site('timed', { KEY: stage.uri('timed') });
    const { references } = stage.adapters();
    const timeout = vi.spyOn(AbortSignal, 'timeout');
    await references.perform('refresh', holder(site), PUBLISHED, 5_000);
    await references.perform('restart', holder(site), PUBLISHED, 60_000);
    await references.read(holder(site), 4_000);
    await references.read(holder(site), 60_000);
    expect(timeout.mock.calls).toEqual([[5_000], [20_000], [4_000], [20_000]]);
  });

  test('restart leaves an application alone that its owner has stopped: it reads its settings when it starts', async () => {
    const site = stage.site('stopped', { KEY: stage.uri('stopped') });
    const state = stage.azure.sites.find(site);
    if (state === undefined) throw new Error('The site is missing.');
    state.isStopped = true;
    const { calls, error } = await seen(() =>
      stage.adapters().references.perform('restart', holder(site), PUBLISHED, WITHIN_MS),
    );
    expect([calls, error, state.isStopped]).toEqual([['getSite 200'], undefined, true]);
  });

  test('write is a bug: nothing is sent', async () => {
    const { calls, error } = await seen(() =>
      stage.adapters().references.perform('write', holder('/x'), PUBLISHED, WITHIN_MS),
    );
    expect([calls, error]).toEqual([[], expect.objectContaining({ code: 'UnsafeStep' })]);
  });
});
