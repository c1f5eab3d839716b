// Obligations of `ProbesPort` for a kind whose service answers a dead key and a closed network alike.
import { describe, expect, test } from 'vitest';
import { SecretValue } from '../../../src/rotation/secret.ts';
import type { MakeHarness } from './harness.ts';

const UNKNOWN_KEY = new SecretValue('00000000000000000000000000000000');
const ACCEPTED = { verdict: 'accepted', finding: 'live', status: 200 };
const AMBIGUOUS = { verdict: 'ambiguous', finding: 'deadOrKeptOut', status: 403 };

export function describeAmbiguousProbesContract(name: string, make: MakeHarness, kind: string): void {
  const makeHarness = () => make({ kind });
  describe(`probes of the kind ${kind}, ${name}`, () => {
    test('accept both keys; an unknown one is ambiguous', async () => {
      const { ports, account } = await makeHarness();
      const { key1, key2 } = await ports.keys.list(account);
      expect(await ports.probes.probe(account, key1)).toEqual(ACCEPTED);
      expect(await ports.probes.probe(account, key2)).toEqual(ACCEPTED);
      expect(await ports.probes.probe(account, UNKNOWN_KEY)).toMatchObject(AMBIGUOUS);
    });

    test('a regenerated value is ambiguous, its successor accepted', async () => {
      const { ports, account } = await makeHarness();
      const before = await ports.keys.list(account);
      const after = await ports.keys.regenerate(account, 'key2');
      expect(await ports.probes.probe(account, before.key2)).toMatchObject(AMBIGUOUS);
      expect(await ports.probes.probe(account, after.key2)).toEqual(ACCEPTED);
    });

    test('a node that lags answers for itself', async () => {
      const { ports, account, world } = await makeHarness();
      world.account(account.id).knobs.nodes = [{ acceptsNewAfterMs: 3_600_000, acceptsOldForMs: 3_600_000 }];
      const before = await ports.keys.list(account);
      const after = await ports.keys.regenerate(account, 'key1');
      expect(await ports.probes.probe(account, before.key1)).toEqual(ACCEPTED);
      expect(await ports.probes.probe(account, after.key1)).toMatchObject(AMBIGUOUS);
    });

    test.each([
      ['behind a firewall', { isDeniedByFirewall: true }],
      ['without public network access', { publicNetworkAccess: 'Disabled' as const }],
    ])('%s a live key gets the same answer as a dead one', async (_name, knobs) => {
      const { ports, account, world } = await makeHarness();
      const { key1 } = await ports.keys.list(account);
      Object.assign(world.account(account.id).knobs, knobs);
      expect(await ports.probes.probe(account, key1)).toMatchObject(AMBIGUOUS);
      expect(await ports.probes.probe(account, UNKNOWN_KEY)).toMatchObject(AMBIGUOUS);
    });

    test('with key authentication off nothing is known', async () => {
      const { ports, account, world } = await makeHarness();
      const { key1 } = await ports.keys.list(account);
      world.account(account.id).knobs.isLocalAuthDisabled = true;
      expect(await ports.probes.probe(account, key1)).toMatchObject({
        verdict: 'inconclusive',
        finding: 'keyAuthenticationOff',
        status: 403,
      });
    });

    test('a service that cannot be found is inconclusive, not an error', async () => {
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
