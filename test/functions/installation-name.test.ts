// Azure compares the names of tables without regard to case: one table is one installation.
import { expect, it } from 'vitest';
import { otherThan } from '../../src/azure/key-vault/secret-tags.ts';
import { installationNameOf } from '../../src/config/installation.ts';

const nameOf = (tableName: string): string =>
  installationNameOf({ kind: 'identity', endpoint: 'https://contoso.table.core.windows.net', tableName });

it('an installation does not take itself for another one when its table is written in another case', () => {
  expect(otherThan({ name: nameOf('keyrotation') }, nameOf('KeyRotation'))).toBeUndefined();
});
it('takes over a former installation that is written in another case', () => {
  const reader = { name: nameOf('KeyRotation2'), former: 'contoso/keyrotation' };
  expect(otherThan(reader, nameOf('KeyRotation'))).toBeUndefined();
});
