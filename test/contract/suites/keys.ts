// Obligations of `KeysPort`.
import { describe, expect, test } from 'vitest';
import type { MakeHarness } from './harness.ts';

/** `kind`: of the account; absent: one of Azure AI services. */
export function describeKeysContract(name: string, make: MakeHarness, kind?: string): void {
  const makeHarness = () => make(kind === undefined ? {} : { kind });
  describe(`keys, ${name}`, () => {
    test('lists both keys of the account', async () => {
      const { ports, account, world } = await makeHarness();
      const keys = await ports.keys.list(account);
      const { key1, key2 } = world.account(account.id).keys;
      expect([keys.key1.reveal() === key1.value, keys.key2.reveal() === key2.value]).toEqual([true, true]);
    });

    for (const [slot, other] of [
      ['key1', 'key2'],
      ['key2', 'key1'],
    ] as const) {
      test(`regenerates ${slot} only and answers both`, async () => {
        const { ports, account } = await makeHarness();
        const before = await ports.keys.list(account);
        const answered = await ports.keys.regenerate(account, slot);
        const after = await ports.keys.list(account);
        expect(after[slot].fingerprint).not.toBe(before[slot].fingerprint);
        expect(after[other].fingerprint).toBe(before[other].fingerprint);
        expect(answered.key1.fingerprint).toBe(after.key1.fingerprint);
        expect(answered.key2.fingerprint).toBe(after.key2.fingerprint);
      });
    }

    test('an account that does not exist is NotFound', async () => {
      const { ports, account, world } = await makeHarness();
      world.accounts.delete(account.id);
      await expect(ports.keys.list(account)).rejects.toMatchObject({
        code: 'NotFound',
        service: 'arm',
        operation: 'list',
      });
    });

    test('an account without key authentication is Misconfigured', async () => {
      const { ports, account, world } = await makeHarness();
      world.account(account.id).knobs.isLocalAuthDisabled = true;
      await expect(ports.keys.list(account)).rejects.toMatchObject({ code: 'Misconfigured' });
      await expect(ports.keys.regenerate(account, 'key1')).rejects.toMatchObject({ code: 'Misconfigured' });
    });

    test('an account that is still being made is Unavailable', async () => {
      const { ports, account, world } = await makeHarness();
      world.account(account.id).knobs.provisioningState = 'Accepted';
      await expect(ports.keys.list(account)).rejects.toMatchObject({ code: 'Unavailable' });
    });
  });
}
