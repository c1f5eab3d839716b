// Whose the content of a former secret is, after the account was moved to another resource group.
import { describe, expect, it } from 'vitest';
import type { RotationRecord } from '../../src/rotation/model.ts';
import { interpret } from '../../src/rotation/pass/observe.ts';
import { placeOf } from '../../src/rotation/place.ts';
import type { StoredAccount } from '../../src/rotation/ports.ts';
import { SecretValue } from '../../src/rotation/secret.ts';
import { buildAccount } from '../support/account.ts';
import { idle, V1, V2 } from './given.ts';

const account = buildAccount('language');
const KEY1 = new SecretValue('first');
const NOTHING = { reference: undefined, flag: undefined };

describe('the former secret of an account that was moved', () => {
  const place = { ...placeOf(account), secretName: 'former-key' };
  const formerId = account.id.replace('rg-test', 'rg-former') as typeof account.id;
  const record: RotationRecord = { ...idle, place: placeOf(account), former: { place, accountId: formerId } };
  const STORED: StoredAccount = {
    etag: undefined,
    record: { state: 'present', record },
    entity: { lease: undefined, record, nextObservationAt: 0, lastPass: undefined, revision: 1 },
    requests: [],
    acknowledgements: [],
    pause: undefined,
  };
  const formerTagged = (accountId: typeof account.id) =>
    interpret(account, {
      stored: STORED,
      newest: { state: 'enabled', version: V1, value: KEY1, tags: {}, held: { tags: {} } },
      announcement: NOTHING,
      keys: { key1: KEY1, key2: new SecretValue('second') },
      values: new Map(),
      verdicts: new Map(),
      superseded: undefined,
      namesakes: [],
      former: {
        place,
        newest: {
          state: 'enabled',
          version: V2,
          value: new SecretValue('neither'),
          tags: { slot: 'key1', accountId },
          held: { tags: {} },
        },
        announcement: NOTHING,
      },
    }).former?.state;

  it('is kept with a dead value that was published under the former id', () => {
    expect(formerTagged(formerId)).toBe('kept');
  });
  it('is left to another account of the same name that has taken the secret over', () => {
    expect(formerTagged(account.id.replace('rg-test', 'rg-stranger') as typeof account.id)).toBe('left');
  });
});
