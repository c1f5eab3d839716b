// Named values of API Management, over the wire: the adapter against a local Azure with a four-hour cache.
import { beforeEach, describe, expect, it } from 'vitest';
import { subscriptionId } from '../../local/azure/demo-accounts.ts';
import { createNamedValues } from '../../src/azure/holders/api-management.ts';
import type { HolderContent, HolderEffect } from '../../src/holders/model.ts';
import type { HolderAdapter } from '../../src/holders/ports.ts';
import {
  contents,
  GROUP,
  holder,
  holdersAzure,
  MINUTE,
  ONE,
  published,
  SUBSCRIPTION,
  saying,
  TWO,
} from './holders-azure.ts';

const { azure, rest, now, advance, grant, asked } = holdersAzure();
const HOUR = 60 * MINUTE;
const SERVICE = `${GROUP}/providers/Microsoft.ApiManagement/service/gateway`;
const READ = 'Microsoft.ApiManagement/service/read';
const READ_VALUES = 'Microsoft.ApiManagement/service/namedValues/read';

const apim = () => azure().holders.apiManagement;
const adapter = (): HolderAdapter => createNamedValues({ rest: rest() });
const named = (name: string) => holder('namedValue', SERVICE, name);
const perform = (effect: HolderEffect, name: string, key: { readonly value: string }): Promise<void> =>
  adapter().perform(effect, named(name), published(key), 10_000);
const identifier = (rest = ''): string => `${azure().endpoints.keyVault}/secrets/my-key${rest}`;
const readOf = (name: string): Promise<HolderContent | undefined> => adapter().read(named(name), 10_000);
const inUse = (name: string): string | undefined => apim().find(SERVICE, name)?.value;
const reference = (more: object): object => ({
  has: 'reference',
  vaultUrl: azure().endpoints.keyVault,
  secretName: 'my-key',
  isResolved: true,
  detail: 'Success',
  ...more,
});

let start = 0;
let versions: readonly string[];
/** Each test begins an hour after the former one: time does not go back. */
beforeEach(() => {
  advance(HOUR);
  start = now();
  apim().services.clear();
  apim().refreshLagMs = 5_000;
  apim().addService(SERVICE);
  const { vault } = azure().world;
  vault.secrets.clear();
  versions = [vault.set('my-key', { value: ONE.value }).version];
  apim().put(SERVICE, 'reference', { secretIdentifier: identifier() });
  apim().put(SERVICE, 'secret', { value: ONE.value, isSecret: true });
  apim().put(SERVICE, 'plain', { value: TWO.value });
});

describe('a list', () => {
  it('has every named value of a subscription: references, secret values by their fingerprint, plain values', async () => {
    const pinned = versions[0] ?? '';
    apim().put(SERVICE, 'pinned', { secretIdentifier: identifier(`/${pinned}`) });
    apim().put(SERVICE, 'empty', { value: '' });
    const found = await adapter().list([SUBSCRIPTION]);
    expect(found).toMatchObject({ unseen: [], searched: 1, isComplete: true });
    expect(contents(found)).toEqual({
      reference: reference({ resolvedAt: start }),
      pinned: reference({ pinnedTo: pinned, resolvedAt: start }),
      secret: { has: 'value', fingerprint: ONE.fingerprint },
      plain: { has: 'value', fingerprint: TWO.fingerprint },
    });
    expect(found.holders[0]).toMatchObject({ kind: 'namedValue', resource: SERVICE.toLowerCase() });
    expect(JSON.stringify(found)).not.toMatch(/key-(?:one|two)/);
  });

  it('of a group has only its services, and a service in two scopes once', async () => {
    azure().world.addGroup(subscriptionId, 'other', 'westeurope');
    apim().addService(`${SUBSCRIPTION}/resourceGroups/other/providers/Microsoft.ApiManagement/service/second`);
    expect((await adapter().list([GROUP])).searched).toBe(1);
    const both = await adapter().list([SUBSCRIPTION, GROUP]);
    expect([both.searched, both.holders.length]).toEqual([2, 3]);
  });

  it('reads all pages of services and of named values', async () => {
    azure().holders.pageSize = 2;
    for (const name of ['second', 'third']) apim().addService(SERVICE.replace('gateway', name));
    const found = await adapter().list([GROUP]);
    expect([found.searched, found.holders.length]).toEqual([3, 3]);
    expect(asked().filter((operation) => operation === 'listApiServices')).toHaveLength(2);
  });

  it('says of secret values that they are unseen when the right for them is missing, and asks once', async () => {
    apim().put(SERVICE, 'secret-2', { value: ONE.value, isSecret: true });
    apim().put(SERVICE, 'secret-3', { value: ONE.value, isSecret: true });
    apim().put(SERVICE, 'secret-4', { value: ONE.value, isSecret: true });
    grant(READ, READ_VALUES);
    const found = contents(await adapter().list([GROUP]));
    const cause = saying('Microsoft.ApiManagement/service/namedValues/listValue/action');
    expect(found['secret']).toEqual({ has: 'unseen', cause });
    expect(found['secret-4']).toEqual({ has: 'unseen', cause });
    expect(found['reference']).toMatchObject({ has: 'reference' });
    // Two at a time: the second was sent before the first was refused.
    expect(asked().filter((operation) => operation === 'listNamedValue').length).toBeLessThan(3);
  });

  it('names a service whose named values it may not read', async () => {
    grant(READ);
    expect(await adapter().list([GROUP])).toEqual({
      holders: [],
      unseen: [{ resource: SERVICE.toLowerCase(), cause: saying(READ_VALUES) }],
      searched: 0,
      isComplete: true,
    });
  });

  it('is thrown when the services themselves cannot be listed, and cut lists are read again', async () => {
    azure().faults.add({ service: 'arm', operation: 'listApiServices', fault: { kind: 'serverError', status: 503 } });
    await expect(adapter().list([GROUP])).rejects.toMatchObject({ code: 'Unavailable', operation: 'listApiServices' });
    azure().faults.clear();
    azure().faults.add({ service: 'arm', operation: 'listNamedValue', times: 1, fault: { kind: 'applyThenCut' } });
    expect(contents(await adapter().list([GROUP]))['secret']).toMatchObject({ has: 'value' });
  });

  it('names a service that throttles, and asks nothing more', async () => {
    for (const name of ['second', 'third']) apim().addService(SERVICE.replace('gateway', name));
    const fault = { kind: 'throttle', retryAfterSeconds: 3_600 } as const;
    azure().faults.add({ service: 'arm', operation: 'listNamedValues', fault });
    const { unseen } = await adapter().list([GROUP]);
    expect(unseen.map(({ cause }) => cause)).toEqual(Array.from({ length: 3 }, () => saying('too many requests')));
  });

  it('cannot place a reference whose identifier names no secret', async () => {
    apim().put(SERVICE, 'odd', { secretIdentifier: 'https://vault.example/keys/my-key' });
    expect(contents(await adapter().list([GROUP]))['odd']).toMatchObject({ has: 'unseen' });
  });
});

describe('a reference', () => {
  it('keeps the former version for four hours', async () => {
    azure().world.vault.set('my-key', { value: TWO.value });
    advance(4 * HOUR - 1);
    expect([await readOf('reference'), inUse('reference')]).toEqual([reference({ resolvedAt: start }), ONE.value]);
    advance(1);
    const later = reference({ resolvedAt: start + 4 * HOUR });
    expect([await readOf('reference'), inUse('reference')]).toEqual([later, TWO.value]);
  });

  it('is fetched some seconds after a refresh was accepted', async () => {
    azure().world.vault.set('my-key', { value: TWO.value });
    advance(MINUTE);
    await perform('refresh', 'reference', TWO);
    expect(await readOf('reference')).toEqual(reference({ resolvedAt: start }));
    advance(5_000);
    const refreshed = reference({ resolvedAt: start + MINUTE + 5_000 });
    expect([await readOf('reference'), inUse('reference')]).toEqual([refreshed, TWO.value]);
  });

  it('to one version never follows', async () => {
    apim().put(SERVICE, 'pinned', { secretIdentifier: identifier(`/${versions[0] ?? ''}`) });
    azure().world.vault.set('my-key', { value: TWO.value });
    await perform('refresh', 'pinned', TWO);
    advance(5 * HOUR);
    expect(await readOf('pinned')).toMatchObject({ pinnedTo: versions[0], isResolved: true });
    expect(inUse('pinned')).toBe(ONE.value);
  });

  it('is unresolved when the secret cannot be fetched', async () => {
    azure().world.vault.delete('my-key');
    advance(4 * HOUR);
    const failed = { isResolved: false, detail: 'SecretNotFound', resolvedAt: start + 4 * HOUR };
    expect(await readOf('reference')).toEqual(reference(failed));
    expect(inUse('reference')).toBe(ONE.value);
  });

  it('needs a right of its own for a refresh', async () => {
    grant(READ, READ_VALUES);
    await expect(perform('refresh', 'reference', TWO)).rejects.toMatchObject({
      code: 'Forbidden',
      message: saying('Microsoft.ApiManagement/service/namedValues/refreshSecret/action'),
    });
  });

  it('has been refreshed although the answer was lost', async () => {
    azure().faults.add({ service: 'arm', operation: 'refreshNamedValue', fault: { kind: 'applyThenCut' } });
    const lost = perform('refresh', 'reference', TWO);
    await expect(lost).rejects.toMatchObject({ code: 'Unavailable' });
    expect(asked().filter((operation) => operation === 'refreshNamedValue')).toHaveLength(1);
    advance(5_000);
    expect(await readOf('reference')).toEqual(reference({ resolvedAt: start + 5_000 }));
  });
});

describe('a value', () => {
  it('is written with the ETag, and read back', async () => {
    await perform('write', 'secret', TWO);
    expect(asked()).toEqual(['getNamedValue', 'updateNamedValue', 'getNamedValue', 'listNamedValue']);
    expect(await readOf('secret')).toEqual({ has: 'value', fingerprint: TWO.fingerprint });
    expect(inUse('secret')).toBe(TWO.value);
  });

  it('is not written over the change of another', async () => {
    const stale = { 'content-type': 'application/json', etag: '"stale"' };
    const body = { name: 'secret', properties: { secret: true } };
    const fault = { kind: 'answer', status: 200, body, headers: stale } as const;
    azure().faults.add({ service: 'arm', operation: 'getNamedValue', times: 1, fault });
    const write = perform('write', 'secret', TWO);
    await expect(write).rejects.toMatchObject({ code: 'LostRace', status: 412 });
    expect(inUse('secret')).toBe(ONE.value);
  });

  it('is not written without an ETag, nor where a reference has come in its place', async () => {
    const body = { name: 'secret', properties: { secret: true } };
    azure().faults.add({
      service: 'arm',
      operation: 'getNamedValue',
      times: 1,
      fault: { kind: 'answer', status: 200, body },
    });
    await expect(perform('write', 'secret', TWO)).rejects.toThrow('no ETag');
    const write = perform('write', 'reference', TWO);
    await expect(write).rejects.toMatchObject({ code: 'LostRace' });
    expect(asked()).not.toContain('updateNamedValue');
  });

  it('fails when another value is read back', async () => {
    const fault = { kind: 'answer', status: 200, body: {} } as const;
    azure().faults.add({ service: 'arm', operation: 'updateNamedValue', times: 1, fault });
    const write = perform('write', 'secret', TWO);
    await expect(write).rejects.toThrow('another value or none was read back');
  });

  it('is written although the answer was lost, and one read shows it', async () => {
    azure().faults.add({ service: 'arm', operation: 'updateNamedValue', fault: { kind: 'applyThenCut' } });
    const lost = perform('write', 'secret', TWO);
    await expect(lost).rejects.toMatchObject({ code: 'Unavailable' });
    expect(asked().filter((operation) => operation === 'updateNamedValue')).toHaveLength(1);
    expect(await readOf('secret')).toEqual({ has: 'value', fingerprint: TWO.fingerprint });
  });

  it('is named in no error', async () => {
    const body = { error: { code: 'ValidationError', message: `'${'a1'.repeat(16)}' is not allowed` } };
    const fault = { kind: 'answer', status: 400, body } as const;
    azure().faults.add({ service: 'arm', operation: 'updateNamedValue', fault });
    const error: unknown = await perform('write', 'secret', { value: 'a1'.repeat(16) }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'Misconfigured' });
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('a1a1');
  });
});

describe('a read', () => {
  it('is undefined for a named value, or a service, that is gone', async () => {
    expect(await readOf('nothing')).toBeUndefined();
    apim().services.clear();
    expect(await readOf('secret')).toBeUndefined();
  });

  it('is unseen without the right to the value, and throws for a passing failure', async () => {
    azure().faults.add({ service: 'arm', operation: 'listNamedValue', fault: { kind: 'serverError', status: 500 } });
    await expect(readOf('secret')).rejects.toMatchObject({ code: 'Unavailable' });
    azure().faults.clear();
    grant(READ_VALUES);
    expect(await readOf('secret')).toMatchObject({ has: 'unseen' });
    grant(READ);
    await expect(readOf('secret')).rejects.toMatchObject({ code: 'Forbidden' });
  });
});
