// Obligations of `AnnouncementsPort`.
import { describe, expect, test } from 'vitest';
import type { ETag, SecretVersion } from '../../../src/rotation/model.ts';
import type { MakeHarness } from './harness.ts';

const V1 = '11111111111111111111111111111111' as SecretVersion;
const V2 = '22222222222222222222222222222222' as SecretVersion;
const STALE = {
  etag: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' as ETag,
  held: { value: undefined, tags: {} },
};

export function describeAnnouncementsContract(name: string, makeHarness: MakeHarness): void {
  describe(`announcements, ${name}`, () => {
    test('what is absent is undefined', async () => {
      const { ports, account } = await makeHarness();
      expect(await ports.announcements.read(account)).toEqual({ reference: undefined, flag: undefined });
    });

    test('reference and flag are created and read back with their ETags', async () => {
      const { ports, account } = await makeHarness();
      const reference = await ports.announcements.writeReference(account, V1, undefined);
      const flag = await ports.announcements.writeFlag(account, 'key2', V1, undefined);
      expect(await ports.announcements.read(account)).toMatchObject({
        reference: { etag: reference.etag, version: V1 },
        flag: { etag: flag.etag, slot: 'key2', version: V1 },
      });
    });

    test('a key-value of more than 10 KB is refused', async () => {
      const { ports, account, world } = await makeHarness();
      const tags = { note: 'n'.repeat(10_240) };
      const former = await ports.announcements.writeReference(account, V1, undefined);
      const large = { ...former, held: { ...former.held, tags } };
      const written = ports.announcements.writeReference(account, V2, large);
      await expect(written).rejects.toMatchObject({ code: 'Misconfigured' });
      expect(world.store.get(account.referenceKey, null)?.tags).not.toHaveProperty('note');
      expect(await ports.announcements.read(account)).toMatchObject({ reference: { etag: former.etag, version: V1 } });
    });

    test('a write with the ETag that was read replaces; each write has a new ETag', async () => {
      const { ports, account } = await makeHarness();
      const reference = await ports.announcements.writeReference(account, V1, undefined);
      const flag = await ports.announcements.writeFlag(account, 'key2', V1, undefined);
      const nextReference = await ports.announcements.writeReference(account, V2, reference);
      const nextFlag = await ports.announcements.writeFlag(account, 'key1', V2, flag);
      expect(nextReference.etag).not.toBe(reference.etag);
      expect(nextFlag.etag).not.toBe(flag.etag);
      expect(await ports.announcements.read(account)).toMatchObject({
        reference: { etag: nextReference.etag, version: V2 },
        flag: { etag: nextFlag.etag, slot: 'key1', version: V2 },
      });
    });

    test('what must not exist but does is a lost race, and nothing changes', async () => {
      const { ports, account } = await makeHarness();
      await ports.announcements.writeReference(account, V1, undefined);
      await ports.announcements.writeFlag(account, 'key1', V1, undefined);
      const before = await ports.announcements.read(account);
      await expect(ports.announcements.writeReference(account, V2, undefined)).rejects.toMatchObject({
        code: 'LostRace',
      });
      await expect(ports.announcements.writeFlag(account, 'key2', V2, undefined)).rejects.toMatchObject({
        code: 'LostRace',
      });
      expect(await ports.announcements.read(account)).toEqual(before);
    });

    test('a stale ETag is a lost race, and nothing changes', async () => {
      const { ports, account } = await makeHarness();
      const stale = await ports.announcements.writeReference(account, V1, undefined);
      await ports.announcements.writeReference(account, V2, stale);
      await ports.announcements.writeFlag(account, 'key1', V1, undefined);
      const before = await ports.announcements.read(account);
      await expect(ports.announcements.writeReference(account, V1, stale)).rejects.toMatchObject({ code: 'LostRace' });
      await expect(ports.announcements.writeFlag(account, 'key2', V2, STALE)).rejects.toMatchObject({
        code: 'LostRace',
      });
      expect(await ports.announcements.read(account)).toEqual(before);
    });

    test('an ETag of something that is gone is a lost race', async () => {
      const { ports, account } = await makeHarness();
      await expect(ports.announcements.writeReference(account, V1, STALE)).rejects.toMatchObject({ code: 'LostRace' });
      await expect(ports.announcements.writeFlag(account, 'key1', V1, STALE)).rejects.toMatchObject({
        code: 'LostRace',
      });
    });

    for (const kind of ['toAnotherSecret', 'malformed'] as const) {
      test(`a reference ${kind} names no version, and can be replaced by its ETag`, async () => {
        const harness = await makeHarness();
        const { ports, account } = harness;
        harness.putReference(kind);
        const { reference } = await ports.announcements.read(account);
        expect(reference?.etag).toEqual(expect.any(String));
        expect(reference?.version).toBeUndefined();
        await ports.announcements.writeReference(account, V1, reference);
        expect((await ports.announcements.read(account)).reference?.version).toBe(V1);
      });
    }

    test('tags that others have added survive a write', async () => {
      const { ports, account, world } = await makeHarness();
      await ports.announcements.writeReference(account, V1, undefined);
      const held = world.store.get(account.referenceKey, null);
      if (held === undefined) throw new Error('The reference was not written.');
      world.store.set(account.referenceKey, null, { ...held, tags: { owner: 'billing' } });
      const { reference } = await ports.announcements.read(account);
      await ports.announcements.writeReference(account, V2, reference);
      expect(world.store.get(account.referenceKey, null)?.tags).toEqual({ owner: 'billing' });
    });

    test('a locked key-value is Misconfigured', async () => {
      const { ports, account, world } = await makeHarness();
      await ports.announcements.writeReference(account, V1, undefined);
      world.store.setLock(account.referenceKey, account.label ?? null, true);
      const { reference } = await ports.announcements.read(account);
      await expect(ports.announcements.writeReference(account, V2, reference)).rejects.toMatchObject({
        code: 'Misconfigured',
      });
    });

    test('key-values under another label are not read', async () => {
      const { ports, account } = await makeHarness();
      await ports.announcements.writeReference({ ...account, label: 'staging' }, V1, undefined);
      expect(await ports.announcements.read(account)).toEqual({ reference: undefined, flag: undefined });
      const labelled = await ports.announcements.read({ ...account, label: 'staging' });
      expect(labelled.reference?.version).toBe(V1);
    });
  });
}
