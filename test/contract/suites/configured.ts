// Obligations of `RecordsPort` about how an account was configured: it is found without App Configuration.
import { describe, expect, test } from 'vitest';
import type { Account, AccountAlias, AccountId, Fingerprint } from '../../../src/rotation/model.ts';
import type { Configured } from '../../../src/rotation/ports.ts';
import { buildPolicy } from '../../support/account.ts';
import type { MakeHarness } from './harness.ts';
import { change, entity } from './stored.ts';

const configuredOf = ({ alias, vaultUrl }: Account, changes: Partial<Configured> = {}): Configured => ({
  alias,
  vaultUrl,
  secretName: 'shop-key',
  referenceKey: 'shop:Key',
  flagName: 'shop-uses-key2',
  label: 'production',
  policyName: 'strict',
  policy: buildPolicy({ consumers: ['shop', 'billing'], confirmProbes: 5 }),
  ...changes,
});

const storing = (configured: Configured | undefined) => change({ entity: entity({ configured }) });

export function describeConfiguredContract(name: string, makeHarness: MakeHarness): void {
  describe(`configured accounts, ${name}`, () => {
    test('how an account is configured is read back, with a label and without', async () => {
      const { ports, account } = await makeHarness();
      const configured = configuredOf(account);
      const etag = await ports.records.write(account, undefined, storing(configured));
      expect((await ports.records.read(account)).entity.configured).toEqual(configured);
      const unlabelled = configuredOf(account, { label: undefined });
      await ports.records.write(account, etag, storing(unlabelled));
      expect((await ports.records.read(account)).entity.configured).toEqual(unlabelled);
    });

    test('windows and validity are not stored, nor is anything besides', async () => {
      const { ports, account } = await makeHarness();
      const windowAt = () => ({ isOpen: false }) as const;
      const policy = { ...buildPolicy(), isInvalid: true, windowAt } as const;
      await ports.records.write(account, undefined, storing({ ...account, ...configuredOf(account, { policy }) }));
      const { configured } = (await ports.records.read(account)).entity;
      expect(configured).toEqual(configuredOf(account, { policy: buildPolicy() }));
      expect(Object.keys(configured?.policy ?? {})).not.toContain('windowAt');
      expect(Object.keys(configured?.policy ?? {})).not.toContain('isInvalid');
    });

    test('the notes of an account are read back, by themselves and with the fleet', async () => {
      const { ports, account } = await makeHarness();
      const renewed = { key2: { at: 7, fingerprint: 'f2' as Fingerprint }, key1: { at: 9 } };
      const notes = { kind: 'OpenAI', location: 'westeurope', renewed };
      await ports.records.write(account, undefined, change({ entity: entity({ notes }) }));
      expect((await ports.records.read(account)).entity.notes).toEqual(notes);
      const row = (await ports.records.listStatus()).find(({ accountId }) => accountId === account.id);
      expect(row?.notes).toEqual(notes);
    });

    test('a configuration that is too long for a column is not stored, and the record is', async () => {
      const { ports, account } = await makeHarness();
      const consumers = Array.from({ length: 2_000 }, (_, index) => `consumer-with-a-long-name-${index}`);
      const configured = configuredOf(account, { policy: buildPolicy({ consumers }) });
      await ports.records.write(account, undefined, storing(configured));
      const stored = await ports.records.read(account);
      expect(stored.entity.configured).toBeUndefined();
      expect(stored.record.state).toBe('present');
    });

    test('an account is found by its alias in any case, with the names of its id', async () => {
      const { ports, account } = await makeHarness();
      const alias = `Shop-${account.alias}` as AccountAlias;
      const named = { ...account, alias };
      await ports.records.write(named, undefined, storing(configuredOf(named)));
      const found = {
        ...configuredOf(named),
        id: account.id,
        subscriptionId: '11111111-2222-3333-4444-555555555555',
        resourceGroup: 'rg-test',
        name: account.name,
      };
      expect(await ports.records.findConfigured({ alias })).toEqual([found]);
      expect(await ports.records.findConfigured({ alias: alias.toUpperCase() })).toEqual([found]);
      expect(await ports.records.findConfigured({ alias: `${alias}x` })).toEqual([]);
      expect(await ports.records.findConfigured({ alias: "x' or RowKey ge '" })).toEqual([]);
    });

    test('all accounts that had the alias are found', async () => {
      const { ports, account } = await makeHarness();
      const another = { ...account, id: `${account.id}-moved` as AccountId };
      await ports.records.write(account, undefined, storing(configuredOf(account)));
      await ports.records.write(another, undefined, storing(configuredOf(account)));
      const ids = (await ports.records.findConfigured({ alias: account.alias })).map(({ id }) => id);
      expect(ids.toSorted()).toEqual([account.id, another.id]);
    });

    test('accounts are found by id; those without entity or configuration are left out', async () => {
      const { ports, account } = await makeHarness();
      const accounts = Array.from({ length: 23 }, (_, n) => ({ ...account, id: `${account.id}-${n}` as AccountId }));
      const ids = accounts.map(({ id }) => id);
      for (const each of accounts) await ports.records.write(each, undefined, storing(configuredOf(account)));
      const plain = { ...account, id: `${account.id}-plain` as AccountId };
      await ports.records.write(plain, undefined, storing(undefined));
      const wanted = [...ids, ...ids, plain.id, account.id];
      const found = (await ports.records.findConfigured({ ids: wanted })).map(({ id }) => id);
      expect(found.toSorted()).toEqual(ids.toSorted());
      expect(await ports.records.findConfigured({ ids: [] })).toEqual([]);
    });

    test('an account whose record cannot be understood is found all the same', async () => {
      const harness = await makeHarness();
      const { ports, account } = harness;
      await ports.records.write(account, undefined, storing(configuredOf(account)));
      await harness.corruptRecord();
      expect(await ports.records.findConfigured({ ids: [account.id] })).toHaveLength(1);
    });
  });
}
