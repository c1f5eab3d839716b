// Whatever a document may put into a URL arrives as it was written: echoed by servers that refuse what they do not know.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createManagement } from '../../src/azure/arm/account-keys.ts';
import { createPosture } from '../../src/azure/arm/posture.ts';
import { parseFleet } from '../../src/config/fleet.ts';
import { readCalendar } from '../../src/config/policies/calendar.ts';
import { PROBE_VERSIONS } from '../../src/config/probe-versions.ts';
import type { Account, SecretVersion } from '../../src/rotation/model.ts';
import { TEST_SUBSCRIPTION } from '../support/account.ts';
import { startWire, UNGOVERNED, type Wire } from './wire.ts';

const VERSION = '0123456789abcdef0123456789abcdef' as SecretVersion;

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.close());

interface Names {
  readonly alias?: string;
  readonly group?: string;
  readonly label?: string;
}
/** The account that the configuration makes of a document, or the problem that it reports. */
function configured({ alias = 'shop', group = 'rg', label }: Names) {
  const resourceId = `/subscriptions/${TEST_SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.CognitiveServices/accounts/shop`;
  const document = { resourceId, ...(label === undefined ? {} : { label }) };
  const keyValue = { key: `KeyRotation:Accounts:${alias}`, value: JSON.stringify(document) };
  const fleet = parseFleet([keyValue], { keyVaultUrl: wire.azure.endpoints.keyVault }, { readCalendar });
  return { account: fleet.accounts[0], problem: fleet.problems[0] };
}
function accountOf(names: Names): Account {
  const { account, problem } = configured(names);
  if (account === undefined) throw new Error(JSON.stringify(problem));
  return account;
}

describe('a label', () => {
  const everything = 'AZaz09 -_.:@/Zürich/生产';

  test.each([...new Set(everything.replaceAll(' ', ''))].map((sign) => [sign]))('of %j is echoed', async (label) => {
    const account = accountOf({ label });
    await wire.ports.announcements.writeReference(account, VERSION, undefined);
    const labels = [...wire.azure.world.store.list(() => true)].map((entry) => entry.label);
    expect(labels).toContain(label);
    expect((await wire.ports.announcements.read(account)).reference?.version).toBe(VERSION);
  });

  test('of all allowed characters together is echoed', async () => {
    const account = accountOf({ alias: 'together', label: everything });
    const reference = await wire.ports.announcements.writeReference(account, VERSION, undefined);
    await wire.ports.announcements.writeReference(account, VERSION, reference);
    await wire.ports.announcements.writeFlag(account, 'key1', VERSION, undefined);
    const written = wire.azure.world.store.list(({ key }) => key === 'together:Key');
    expect(written.map(({ label }) => label)).toEqual([everything]);
    expect((await wire.ports.announcements.read(account)).flag?.version).toBe(VERSION);
  });

  test.each(['R&D', 'C++', 'a=b', 'a;b', '"a"', ' a', 'a ', 'a\u00a0b', "it's", 'a~b', '😀'])(
    'of %j is refused',
    (label) => {
      const { account, problem } = configured({ label });
      expect(account).toBeUndefined();
      expect(problem).toMatchObject({
        expected: 'A label of 1 to 64 letters, digits, and `-`, `_`, `.`, `:`, `@`, `/`, with spaces only in between.',
      });
    },
  );

  test.each(['R&D', 'C++'])('of %j would not arrive: the service refuses what becomes of it', async (label) => {
    const account = { ...accountOf({}), label };
    await expect(wire.ports.announcements.writeReference(account, VERSION, undefined)).rejects.toMatchObject({
      service: 'appConfiguration',
    });
  });
});

describe('a resource group', () => {
  test.each(['AZ-az_09.(x)', 'Zürich', '生产'])('of %j is echoed by Azure Resource Manager', async (group) => {
    const state = wire.azure.world.addAccount({
      subscriptionId: TEST_SUBSCRIPTION,
      resourceGroup: group,
      name: 'shop',
      kind: 'Face',
      location: 'westeurope',
      keyShape: 'hex32',
    });
    const account = accountOf({ group });
    expect((await wire.ports.keys.list(account)).key1.reveal()).toBe(state.keys.key1.value);
    const { credential, cloud } = wire;
    const { rest } = createManagement({ credential, cloud, governor: UNGOVERNED });
    const posture = createPosture({ rest, credential, cloud, versions: PROBE_VERSIONS });
    expect(await posture.read(account)).toMatchObject({ kind: 'Face' });
    expect(await posture.listGrants(account)).toHaveLength(1);
  });

  test.each(['R&D', 'C++', 'a=b', "it's", 'a;b', 'a{b}', 'ends.'])('of %j is refused: Azure has none', (group) => {
    expect(configured({ group }).account).toBeUndefined();
  });
});
