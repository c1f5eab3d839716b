// Obligations of `SecretsPort`.
import { describe, expect, test } from 'vitest';
import type { Account, RotationId, SecretVersion } from '../../../src/rotation/model.ts';
import type { PublishContent } from '../../../src/rotation/ports.ts';
import { SecretValue } from '../../../src/rotation/secret.ts';
import type { MakeHarness } from './harness.ts';

const NEVER_PUBLISHED = '00000000000000000000000000000000' as SecretVersion;
const FIRST = '0123456789abcdef0123456789abcdef';
const SECOND = 'fedcba9876543210fedcba9876543210';

function content(value: string, changes: Partial<PublishContent> = {}): PublishContent {
  return {
    value: new SecretValue(value),
    slot: 'key2',
    rotationId: 7 as RotationId,
    expiresAt: Date.UTC(2031, 4, 5, 6, 7, 8),
    validityMs: 30 * 86_400_000,
    ...changes,
  };
}

export function describeSecretsContract(name: string, makeHarness: MakeHarness): void {
  describe(`secrets, ${name}`, () => {
    test('a secret that was never written is missing', async () => {
      const { ports, account } = await makeHarness();
      expect(await ports.secrets.readNewest(account)).toEqual({ state: 'missing' });
      expect(await ports.secrets.readVersion(account, NEVER_PUBLISHED)).toEqual({ state: 'missing' });
    });

    test('what was published is read back with its tags, as newest and by its version', async () => {
      const { ports, account } = await makeHarness();
      const version = await ports.secrets.publish(account, content(FIRST));
      const newest = await ports.secrets.readNewest(account);
      expect(newest).toMatchObject({ state: 'enabled', version, tags: { slot: 'key2', accountId: account.id } });
      expect(newest.state === 'enabled' && newest.value.reveal() === FIRST).toBe(true);
      const read = await ports.secrets.readVersion(account, version);
      expect(read).toMatchObject({ state: 'enabled', tags: { slot: 'key2', accountId: account.id } });
      expect(read.state === 'enabled' && read.value.reveal() === FIRST).toBe(true);
    });

    test('each publish is a new version; the former stays readable', async () => {
      const { ports, account } = await makeHarness();
      const first = await ports.secrets.publish(account, content(FIRST));
      const second = await ports.secrets.publish(account, content(SECOND, { slot: 'key1' }));
      expect(second).not.toBe(first);
      expect(await ports.secrets.readNewest(account)).toMatchObject({ version: second, tags: { slot: 'key1' } });
      expect(await ports.secrets.readVersion(account, first)).toMatchObject({
        state: 'enabled',
        tags: { slot: 'key2' },
      });
    });

    test('tags and content type of others are carried to the next version, as far as Key Vault takes them', async () => {
      const { ports, account, world } = await makeHarness();
      const others = { owner: 'team-a', 'cost-center': '42' };
      const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`x${index}`, 'y']));
      const tags = { CredentialId: 'key1', ...others, ...many };
      world.vault.set(account.secretName, { value: SECOND, tags, contentType: 'api-key' });
      const newest = await ports.secrets.readNewest(account);
      if (newest.state !== 'enabled') throw new Error('The secret is enabled.');
      const version = await ports.secrets.publish(account, content(FIRST, { held: newest.held }));
      const state = world.vault.find(account.secretName, version);
      expect(state.contentType).toBe('api-key');
      expect(state.tags).toMatchObject({ ...others, CredentialId: 'key2', x6: 'y' });
      expect(Object.keys(state.tags).length).toBeLessThanOrEqual(15);
      const next = await ports.secrets.readNewest(account);
      expect(next).toMatchObject({ held: { contentType: 'api-key', tags: others }, tags: { slot: 'key2' } });
    });

    test('a version that another installation published names it; an own one and one of an earlier release do not', async () => {
      const { ports, account, world } = await makeHarness();
      await ports.secrets.publish(account, content(FIRST));
      const { tags } = world.vault.find(account.secretName);
      const { RotatedBy: own, ...unnamed } = tags;
      expect(own).toMatch(/^[a-z0-9]+\/KeyRotation$/);
      expect((await ports.secrets.readNewest(account)) as unknown).not.toHaveProperty('tags.otherInstallation');
      world.vault.set(account.secretName, { value: SECOND, tags: unnamed });
      expect((await ports.secrets.readNewest(account)) as unknown).not.toHaveProperty('tags.otherInstallation');
      world.vault.set(account.secretName, { value: SECOND, tags: { ...tags, RotatedBy: 'elsewhere/KeyRotation' } });
      expect(await ports.secrets.readNewest(account)).toMatchObject({
        tags: { otherInstallation: { publisher: 'elsewhere/KeyRotation', reader: own }, accountId: account.id },
      });
    });

    test('a disabled newest version is told from a missing one', async () => {
      const { ports, account, world } = await makeHarness();
      await ports.secrets.publish(account, content(FIRST));
      world.vault.update(account.secretName, undefined, { isEnabled: false });
      expect(await ports.secrets.readNewest(account)).toEqual({ state: 'disabled' });
    });

    test('disable marks the rejection and keeps the other tags, in one write', async () => {
      const { ports, account, world } = await makeHarness();
      const version = await ports.secrets.publish(account, content(FIRST));
      await ports.secrets.publish(account, content(SECOND));
      const before = { ...world.vault.find(account.secretName, version).tags };
      await ports.secrets.disable(account, version, Date.UTC(2030, 0, 2, 3, 4, 5));
      const state = world.vault.find(account.secretName, version);
      expect(state.isEnabled).toBe(false);
      expect(state.tags).toEqual(before);
      expect(state.contentType).toBe('text/plain; rejected-at=2030-01-02T03:04:05.000Z');
      expect(await ports.secrets.readVersion(account, version)).toEqual({
        state: 'disabled',
        tags: { slot: 'key2', accountId: account.id, rejectedAt: '2030-01-02T03:04:05.000Z' },
      });
    });

    test('disable of a version that others have disabled adds the mark', async () => {
      const { ports, account, world } = await makeHarness();
      const version = await ports.secrets.publish(account, content(FIRST));
      world.vault.update(account.secretName, version, { isEnabled: false });
      expect(await ports.secrets.readVersion(account, version)).toMatchObject({
        state: 'disabled',
        tags: { slot: 'key2' },
      });
      await ports.secrets.disable(account, version, Date.UTC(2030, 0, 2));
      expect(await ports.secrets.readVersion(account, version)).toMatchObject({
        tags: { slot: 'key2', rejectedAt: '2030-01-02T00:00:00.000Z' },
      });
    });

    // Lists come in pages of 25 in an order of their own: of thirty versions some stand behind the first page.
    test('a disabled version is found among many', async () => {
      const { ports, account, world } = await makeHarness();
      const versions = [await ports.secrets.publish(account, content(FIRST))];
      while (versions.length < 30) versions.push(await ports.secrets.publish(account, content(FIRST)));
      for (let count = 0; count < 30; count++) world.vault.set(account.secretName, { value: `other-${count}` });
      for (const version of versions) world.vault.update(account.secretName, version, { isEnabled: false });
      for (const version of versions) {
        const read = await ports.secrets.readVersion(account, version);
        expect(read).toMatchObject({ state: 'disabled', tags: { slot: 'key2' } });
      }
    });

    test('disable of a version that does not exist is NotFound', async () => {
      const { ports, account } = await makeHarness();
      await ports.secrets.publish(account, content(FIRST));
      await expect(ports.secrets.disable(account, NEVER_PUBLISHED, 0)).rejects.toMatchObject({ code: 'NotFound' });
    });

    test('a deleted secret is missing, and its name cannot be published to before it is recovered', async () => {
      const { ports, account, world } = await makeHarness();
      await ports.secrets.publish(account, content(FIRST));
      world.vault.delete(account.secretName);
      expect(await ports.secrets.readNewest(account)).toEqual({ state: 'missing' });
      await expect(ports.secrets.publish(account, content(SECOND))).rejects.toMatchObject({
        code: 'Misconfigured',
        providerCode: 'ObjectIsDeletedButRecoverable',
      });
    });

    test('what Key Vault refuses is refused: a name, a value, tags and a content type beyond its limits', async () => {
      const { ports, account, world } = await makeHarness();
      const tags = (count: number) => Object.fromEntries([...Array(count).keys()].map((index) => [`t${index}`, 'x']));
      const held = (contentType: string, count: number) => ({ tags: tags(count), contentType });
      const refused = { code: 'Misconfigured', providerCode: 'BadParameter' };
      const publish = (changes: object, of: Account = account) =>
        ports.secrets.publish(of, { ...content(FIRST), ...changes });
      await expect(publish({}, { ...account, secretName: 'under_score' })).rejects.toMatchObject(refused);
      await expect(publish({ value: new SecretValue('k'.repeat(25_601)) })).rejects.toMatchObject(refused);
      await expect(publish({ held: held('text/plain', 14) })).rejects.toMatchObject(refused);
      await expect(publish({ held: held('t'.repeat(256), 0) })).rejects.toMatchObject(refused);
      expect(world.vault.secrets.has(account.secretName.toLowerCase())).toBe(false);
      await publish({ held: held('t'.repeat(255), 9) });
    });

    test('a version that somebody else wrote has no tags of ours', async () => {
      const { ports, account, world } = await makeHarness();
      world.vault.set(account.secretName, { value: FIRST, tags: { owner: 'somebody', CredentialId: 'primary' } });
      expect(await ports.secrets.readNewest(account)).toMatchObject({ state: 'enabled', tags: {} });
    });

    test('a tag that names another account is read as it is', async () => {
      const { ports, account, world } = await makeHarness();
      const other: Account['id'] = account.id.replace('/accounts/', '/accounts/other-') as Account['id'];
      world.vault.set(account.secretName, { value: FIRST, tags: { CredentialId: 'key1', ProviderAddress: other } });
      expect(await ports.secrets.readNewest(account)).toMatchObject({ tags: { slot: 'key1', accountId: other } });
    });
  });
}
