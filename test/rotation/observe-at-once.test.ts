// The reads that follow the record's: they are sent at once, and none is left behind.
import { expect, it } from 'vitest';
import { RotationError } from '../../src/rotation/errors.ts';
import { look } from '../../src/rotation/pass/observe.ts';
import type { NewestSecret, Ports, StoredAccount } from '../../src/rotation/ports.ts';
import { Universe } from '../sim/universe.ts';
import { buildAccount } from '../support/account.ts';
import { idle } from './given.ts';

const stored: StoredAccount = {
  etag: undefined,
  record: { state: 'present', record: idle },
  entity: { lease: undefined, record: idle, nextObservationAt: 0, lastPass: undefined, revision: 1 },
  requests: [],
  acknowledgements: [],
  pause: undefined,
};

it('reads Key Vault, App Configuration and the keys at once, and ends only when all have answered', async () => {
  const { ports: bare } = new Universe();
  const begun: string[] = [];
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const answer = async <T>(name: string, value: T): Promise<T> => {
    begun.push(name);
    await gate;
    return value;
  };
  const refused = new RotationError({ code: 'Forbidden', service: 'arm', operation: 'list', message: 'No.' });
  const missing: NewestSecret = { state: 'missing' };
  const ports: Ports = {
    ...bare,
    keys: { ...bare.keys, list: () => Promise.reject(refused) },
    secrets: { ...bare.secrets, readNewest: () => answer('keyVault', missing) },
    announcements: {
      ...bare.announcements,
      read: () => answer('appConfiguration', { reference: undefined, flag: undefined }),
    },
  };
  let isOver = false;
  const looking = look(buildAccount('language'), ports, stored).catch((error: unknown) => {
    isOver = true;
    return error;
  });
  await new Promise(setImmediate);
  expect(begun).toEqual(['keyVault', 'appConfiguration']);
  expect(isOver).toBe(false);
  open();
  expect(await looking).toBe(refused);
});
