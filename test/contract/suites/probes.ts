// Obligations of `ProbesPort`.
import { describe, expect, test } from 'vitest';
import { SecretValue } from '../../../src/rotation/secret.ts';
import type { MakeHarness } from './harness.ts';

const UNKNOWN_KEY = new SecretValue('00000000000000000000000000000000');

export function describeProbesContract(name: string, makeHarness: MakeHarness, kinds: readonly string[]): void {
  describe(`probes, ${name}`, () => {
    for (const kind of kinds) {
      test(`${kind}: both keys are accepted, an unknown one is rejected`, async () => {
        const { ports, account } = await makeHarness({ kind });
        const { key1, key2 } = await ports.keys.list(account);
        expect(await ports.probes.probe(account, key1)).toMatchObject({ verdict: 'accepted', finding: 'live' });
        expect(await ports.probes.probe(account, key2)).toMatchObject({ verdict: 'accepted', finding: 'live' });
        expect(await ports.probes.probe(account, UNKNOWN_KEY)).toMatchObject({ verdict: 'rejected', finding: 'dead' });
      });

      test(`${kind}: a regenerated value is rejected, its successor accepted`, async () => {
        const { ports, account } = await makeHarness({ kind });
        const before = await ports.keys.list(account);
        const after = await ports.keys.regenerate(account, 'key1');
        expect(await ports.probes.probe(account, before.key1)).toMatchObject({ verdict: 'rejected' });
        expect(await ports.probes.probe(account, after.key1)).toMatchObject({ verdict: 'accepted' });
      });
    }

    test('a new value that is not active yet is rejected', async () => {
      const { ports, account, world } = await makeHarness();
      world.account(account.id).knobs.nodes = [{ acceptsNewAfterMs: 3_600_000, acceptsOldForMs: 0 }];
      const { key2 } = await ports.keys.regenerate(account, 'key2');
      expect(await ports.probes.probe(account, key2)).toMatchObject({ verdict: 'rejected' });
    });

    test('a superseded value that is still accepted is reported as accepted', async () => {
      const { ports, account, world } = await makeHarness();
      world.account(account.id).knobs.nodes = [{ acceptsNewAfterMs: 0, acceptsOldForMs: 3_600_000 }];
      const before = await ports.keys.list(account);
      await ports.keys.regenerate(account, 'key1');
      expect(await ports.probes.probe(account, before.key1)).toMatchObject({ verdict: 'accepted' });
    });

    test('a live key without quota is accepted', async () => {
      const { ports, account, world } = await makeHarness();
      world.account(account.id).knobs.isOutOfQuota = true;
      const { key1 } = await ports.keys.list(account);
      expect(await ports.probes.probe(account, key1)).toMatchObject({
        verdict: 'accepted',
        finding: 'liveOutOfQuota',
        status: 403,
      });
    });

    test('behind a firewall nothing is known', async () => {
      const { ports, account, world } = await makeHarness();
      const { key1 } = await ports.keys.list(account);
      world.account(account.id).knobs.isDeniedByFirewall = true;
      expect(await ports.probes.probe(account, key1)).toMatchObject({
        verdict: 'inconclusive',
        finding: 'deniedByNetwork',
        status: 403,
      });
    });

    test('without public network access nothing is known', async () => {
      const { ports, account, world } = await makeHarness();
      const { key1 } = await ports.keys.list(account);
      world.account(account.id).knobs.publicNetworkAccess = 'Disabled';
      expect(await ports.probes.probe(account, key1)).toMatchObject({
        verdict: 'inconclusive',
        finding: 'deniedByNetwork',
        status: 403,
      });
    });

    test('with key authentication off nothing is known', async () => {
      const { ports, account, world } = await makeHarness();
      const { key1 } = await ports.keys.list(account);
      world.account(account.id).knobs.isLocalAuthDisabled = true;
      expect(await ports.probes.probe(account, key1)).toMatchObject({
        verdict: 'inconclusive',
        finding: 'keyAuthenticationOff',
      });
    });

    test('an account that cannot be found is inconclusive, not an error', async () => {
      const { ports, account, world } = await makeHarness();
      const { key1 } = await ports.keys.list(account);
      world.accounts.delete(account.id);
      expect(await ports.probes.probe(account, key1)).toMatchObject({
        verdict: 'inconclusive',
        finding: 'unreachable',
      });
    });
  });
}
