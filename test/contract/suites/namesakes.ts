// Obligations of `RecordsPort` about accounts with the same ARM name: an account that was moved is found by it.
import { describe, expect, test } from 'vitest';
import type { Account, AccountId } from '../../../src/rotation/model.ts';
import { NAMESAKES_MAXIMUM } from '../../../src/rotation/ports.ts';
import type { MakeHarness } from './harness.ts';
import { change, entity, line, NOW, RECORD } from './stored.ts';

const ADOPTION = change({ history: [line(NOW, 'Adopted')] });

/** The account in another resource group; its alias differs, too. */
function elsewhere(account: Account, group: string): Account {
  const id = account.id.replace(`/${account.resourceGroup.toLowerCase()}/`, `/${group}/`) as AccountId;
  return { ...account, id, resourceGroup: group };
}

export function describeNamesakesContract(name: string, makeHarness: MakeHarness): void {
  describe(`namesakes, ${name}`, () => {
    test('an account that was adopted is found under another id of the same name, whatever its case', async () => {
      const { ports, account } = await makeHarness();
      await ports.records.write(account, undefined, ADOPTION);
      const moved = elsewhere({ ...account, name: account.name.toUpperCase() }, 'rg-moved');
      expect(await ports.records.readNamesakes(moved)).toEqual([{ accountId: account.id, record: RECORD }]);
    });

    test('an account is no namesake of itself, nor of another name that begins or ends like it', async () => {
      const { ports, account } = await makeHarness();
      await ports.records.write(account, undefined, ADOPTION);
      expect(await ports.records.readNamesakes(account)).toEqual([]);
      for (const other of [`${account.name}-2`, account.name.slice(1), `my-${account.name}`]) {
        expect(await ports.records.readNamesakes({ ...elsewhere(account, 'rg-moved'), name: other })).toEqual([]);
      }
    });

    test('a record of an earlier version is found once its next rotation is completed', async () => {
      const { ports, account } = await makeHarness();
      const moved = elsewhere(account, 'rg-moved');
      const etag = await ports.records.write(account, undefined, change());
      expect(await ports.records.readNamesakes(moved)).toEqual([]);
      await ports.records.write(account, etag, change({ history: [line(NOW, 'RotationCompleted')] }));
      expect(await ports.records.readNamesakes(moved)).toHaveLength(1);
    });

    test('a record that was closed or cannot be understood is left out', async () => {
      const harness = await makeHarness();
      const { ports, account } = harness;
      const moved = elsewhere(account, 'rg-moved');
      const etag = await ports.records.write(account, undefined, ADOPTION);
      const closed = change({ entity: entity({ record: undefined }) });
      await ports.records.write(account, etag, closed);
      expect(await ports.records.readNamesakes(moved)).toEqual([]);
      const { etag: now } = await ports.records.read(account);
      await ports.records.write(account, now, { ...ADOPTION, entity: entity({ revision: 2 }) });
      await harness.corruptRecord();
      expect(await ports.records.readNamesakes(moved)).toEqual([]);
    });

    test('at most twenty are read', async () => {
      const { ports, account } = await makeHarness();
      for (let count = 0; count <= NAMESAKES_MAXIMUM; count++) {
        await ports.records.write(elsewhere(account, `rg-${count}`), undefined, ADOPTION);
      }
      expect(await ports.records.readNamesakes(account)).toHaveLength(NAMESAKES_MAXIMUM);
    });
  });
}
