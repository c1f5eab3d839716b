// What is read of the place that an account leaves, and the cause when it cannot be read.
import { describe, expect, it } from 'vitest';
import { RotationError } from '../../src/rotation/errors.ts';
import type { ETag } from '../../src/rotation/model.ts';
import { interpret, look } from '../../src/rotation/pass/observe.ts';
import { placeOf } from '../../src/rotation/place.ts';
import type { NewestSecret, Ports, StoredAccount } from '../../src/rotation/ports.ts';
import { SecretValue } from '../../src/rotation/secret.ts';
import { Universe } from '../sim/universe.ts';
import { buildAccount } from '../support/account.ts';
import { idle, V1 } from './given.ts';

const account = buildAccount('language');
const KEY1 = new SecretValue('first');
const KEY2 = new SecretValue('second');

function newest(value: SecretValue): NewestSecret {
  return { state: 'enabled', version: V1, value, tags: { accountId: account.id }, held: { tags: {} } };
}

describe('a former place that cannot be read', () => {
  const place = { ...placeOf(account), secretName: 'former-key', referenceKey: 'former:Key' };
  const record = { ...idle, former: { place } };
  const moving: StoredAccount = {
    etag: '"1"' as ETag,
    record: { state: 'present', record },
    entity: { lease: undefined, record, nextObservationAt: 0, lastPass: undefined, revision: 1 },
    requests: [],
    acknowledgements: [],
    pause: undefined,
  };
  const { ports: bare } = new Universe();
  const reading = (secrets: Partial<Ports['secrets']>, announcements: Partial<Ports['announcements']>): Ports => ({
    ...bare,
    keys: { ...bare.keys, list: () => Promise.resolve({ key1: KEY1, key2: KEY2 }) },
    secrets: {
      ...bare.secrets,
      readNewest: () => Promise.resolve(newest(KEY1)),
      ...secrets,
    },
    announcements: { ...bare.announcements, ...announcements },
  });
  const refused = (service: 'keyVault' | 'appConfiguration', message: string) =>
    Promise.reject(new RotationError({ code: 'Forbidden', service, operation: 'read', message }));
  const causeIn = async (ports: Ports) => interpret(account, await look(account, ports, moving)).former;

  it.each([
    [
      'its vault',
      reading(
        {
          readNewest: ({ secretName }) =>
            secretName === place.secretName
              ? refused('keyVault', 'The former vault refused.')
              : Promise.resolve(newest(KEY1)),
        },
        { read: () => Promise.resolve({ reference: undefined, flag: undefined }) },
      ),
      'The former vault refused.',
    ],
    [
      'its key-values',
      reading({}, { read: () => refused('appConfiguration', 'The store refused.') }),
      'The store refused.',
    ],
  ])('is unknown with the cause, when %s cannot be', async (_, ports, cause) => {
    expect(await causeIn(ports)).toEqual({ state: 'unknown', cause });
  });
});
