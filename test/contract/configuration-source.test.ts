// The service's own settings in App Configuration: what is seen at once, what within four minutes, and what reading costs.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type ConfigurationSourceDependencies,
  createConfigurationSource,
} from '../../src/azure/app-configuration/configuration-source.ts';
import { startWire, type Wire } from './wire.ts';

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.close());
beforeEach(() => {
  for (const { key, label } of store().list(() => true)) store().delete(key, label, {});
});

let now = 5_000_000;
const FOUR_MINUTES = 240_000;
const store = () => wire.azure.world.store;
const source = (changes: Partial<ConfigurationSourceDependencies> = {}) =>
  createConfigurationSource({
    endpoint: wire.azure.endpoints.appConfiguration,
    credential: wire.credential,
    cloud: wire.cloud,
    now: () => now,
    ...changes,
  });
const freeze = (value: string): void => void store().set('KeyRotation:Freeze', null, { value });
const touchSentinel = (value: string): void => void store().set('KeyRotation:Sentinel', null, { value });
const account = (number: number): string => `KeyRotation:Accounts:many-${String(number).padStart(3, '0')}`;
const enrol = (from: number, to: number): void => {
  for (let number = from; number < to; number++) store().set(account(number), null, { value: '{}' });
};
const keys = async (reader: ReturnType<typeof source>): Promise<string[]> =>
  (await reader.read()).map(({ key }) => key);

/** The requests of a read, each with its status. */
async function requestsOf(act: () => Promise<unknown>): Promise<string[]> {
  const before = wire.azure.requests.length;
  await act();
  return wire.azure.requests
    .slice(before)
    .filter(({ service }) => service !== 'token')
    .map(({ operation, status }) => `${operation} ${status}`);
}

describe('the settings in App Configuration', () => {
  test('are read in pages, with labels and content types, and only ours', async () => {
    enrol(0, 120);
    store().set('KeyRotation:Freeze', 'staging', { value: 'true', contentType: 'application/json' });
    store().set('SomethingElse', null, { value: 'not ours' });
    const keyValues = await source().read();
    expect(keyValues).toHaveLength(121);
    expect(keyValues.at(-1)).toEqual({
      key: 'KeyRotation:Freeze',
      label: 'staging',
      value: 'true',
      contentType: 'application/json',
      etag: store().get('KeyRotation:Freeze', 'staging')?.etag,
    });
  });

  test('are refused beyond a number of pages, so that no store is read for ever', async () => {
    enrol(0, 201);
    expect(await source({ pagesMaximum: 3 }).read()).toHaveLength(201);
    await expect(source({ pagesMaximum: 2 }).read()).rejects.toMatchObject({
      code: 'Misconfigured',
      service: 'appConfiguration',
      message: 'The store lists more than 2 pages of KeyRotation key-values: remove some.',
    });
  });
});

describe('a list of one page', () => {
  test('costs one conditional request a read, and is the same object while nothing has changed', async () => {
    enrol(0, 3);
    touchSentinel('1');
    const reader = source();
    const former = await reader.read();
    const cost = await requestsOf(async () => {
      expect(await reader.read()).toBe(former);
    });
    expect(cost).toEqual(['listKeyValues 304']);
  });

  test('shows every edit at once, although nobody touches the sentinel', async () => {
    enrol(0, 2);
    touchSentinel('1');
    const reader = source();
    await reader.read();
    freeze('true');
    expect(await reader.read()).toContainEqual(expect.objectContaining({ key: 'KeyRotation:Freeze', value: 'true' }));
    enrol(2, 3);
    store().delete(account(0), null, {});
    expect(await keys(reader)).toEqual([account(1), account(2), 'KeyRotation:Freeze', 'KeyRotation:Sentinel']);
  });

  test('of exactly a hundred key-values grows by a second page while the first stays as it is', async () => {
    enrol(0, 100);
    const reader = source();
    expect(await reader.read()).toHaveLength(100);
    freeze('true');
    const cost = await requestsOf(async () => {
      expect((await keys(reader)).at(-1)).toBe('KeyRotation:Freeze');
    });
    expect(cost).toEqual(['listKeyValues 304', 'listKeyValues 200']);
  });
});

describe('a list of several pages', () => {
  const several = async () => {
    enrol(0, 250);
    touchSentinel('1');
    const reader = source();
    const former = await reader.read();
    return { reader, former };
  };

  test('costs its pages and the signals once, then one conditional request a read', async () => {
    enrol(0, 250);
    touchSentinel('1');
    const reader = source();
    const cost = await requestsOf(() => reader.read());
    expect(cost).toEqual(['listKeyValues 200', 'listKeyValues 200', 'listKeyValues 200', 'listKeyValues 200']);
    expect(await requestsOf(() => reader.read())).toEqual(['listKeyValues 304']);
  });

  test('shows a freeze at once, although nobody touches the sentinel, and its end', async () => {
    const { reader } = await several();
    freeze('true');
    expect(await reader.read()).toContainEqual(expect.objectContaining({ key: 'KeyRotation:Freeze', value: 'true' }));
    store().delete('KeyRotation:Freeze', null, {});
    expect(await keys(reader)).not.toContain('KeyRotation:Freeze');
  });

  test('shows an edit at once when the sentinel has changed, and asks only for the pages that have', async () => {
    const { reader } = await several();
    store().set(account(7), null, { value: '{"mode":"observe"}' });
    touchSentinel('2');
    const cost = await requestsOf(async () => {
      expect(await reader.read()).toContainEqual(
        expect.objectContaining({ key: account(7), value: '{"mode":"observe"}' }),
      );
    });
    expect(cost).toEqual(['listKeyValues 200', 'listKeyValues 200', 'listKeyValues 304', 'listKeyValues 200']);
  });

  test('shows an edit without the sentinel when it is four minutes old, and is the same object if there is none', async () => {
    const { reader, former } = await several();
    now += FOUR_MINUTES - 1;
    expect(await requestsOf(() => reader.read())).toEqual(['listKeyValues 304']);
    now += 1;
    const cost = await requestsOf(async () => {
      expect(await reader.read()).toBe(former);
    });
    expect(cost).toEqual(['listKeyValues 304', 'listKeyValues 304', 'listKeyValues 304', 'listKeyValues 304']);
    store().delete(account(3), null, {});
    now += FOUR_MINUTES - 1;
    expect(await reader.read()).toBe(former);
    now += 1;
    expect(await keys(reader)).not.toContain(account(3));
  });

  test('is too old when its clock was set back', async () => {
    const { reader } = await several();
    store().delete(account(3), null, {});
    now -= 1;
    expect(await keys(reader)).not.toContain(account(3));
  });

  test('shrinks to one page and grows again, and is whole each time', async () => {
    const { reader } = await several();
    for (let number = 50; number < 250; number++) store().delete(account(number), null, {});
    touchSentinel('2');
    expect(await reader.read()).toHaveLength(51);
    expect(await requestsOf(() => reader.read())).toEqual(['listKeyValues 304']);
    enrol(50, 250);
    expect(await reader.read()).toHaveLength(251);
    // It grew without signals: these are read once, and the pages with them.
    expect(await requestsOf(() => reader.read())).toHaveLength(4);
    expect(await requestsOf(() => reader.read())).toEqual(['listKeyValues 304']);
  });

  test('that cannot be read is not taken for read: what the signals told of is looked for again', async () => {
    const { reader } = await several();
    freeze('true');
    const page = { service: 'appConfiguration', operation: 'listKeyValues' } as const;
    const stop = wire.azure.onRequest(() => {
      stop();
      wire.azure.faults.add({ ...page, times: 1, fault: { kind: 'serverError', status: 500 } });
    });
    await expect(reader.read()).rejects.toMatchObject({ code: 'Unavailable', status: 500 });
    expect(await keys(reader)).toContain('KeyRotation:Freeze');
  });

  test('has a deadline for each request, not one for all of them', async () => {
    const { reader } = await several();
    touchSentinel('2');
    const timeout = vi.spyOn(AbortSignal, 'timeout');
    const requests = await requestsOf(() => reader.read());
    const deadlines = timeout.mock.calls.filter(([ms]) => ms === 30_000);
    timeout.mockRestore();
    expect(requests).toHaveLength(4);
    expect(deadlines).toHaveLength(4);
  });
});
