// What is read off the world: which slot is published, whether that is announced, what is known of the superseded version.
import { describe, expect, it } from 'vitest';
import { RotationError } from '../../src/rotation/errors.ts';
import type { ETag, Observation, RotationRecord, SecretVersion } from '../../src/rotation/model.ts';
import { interpret, look, type Sighting, withValues } from '../../src/rotation/pass/observe.ts';
import { withVerdict } from '../../src/rotation/pass/probed.ts';
import type { NewestSecret, Ports, StoredAccount } from '../../src/rotation/ports.ts';
import { SecretValue } from '../../src/rotation/secret.ts';
import { Universe } from '../sim/universe.ts';
import { buildAccount } from '../support/account.ts';
import { asked, idle, propagating, retiring, V1, V2 } from './given.ts';

const account = buildAccount('language');
const KEY1 = new SecretValue('first');
const KEY2 = new SecretValue('second');
const OTHER = new SecretValue('neither');
const E1 = '"1"' as ETag;
const held = { value: undefined, tags: {} };

function stored(record?: RotationRecord): StoredAccount {
  return {
    etag: E1,
    record: record === undefined ? { state: 'absent' } : { state: 'present', record },
    entity: { lease: undefined, record, nextObservationAt: 0, lastPass: undefined, revision: 1 },
    requests: [],
    acknowledgements: [],
    pause: undefined,
  };
}

function newest(value: SecretValue, tags: (NewestSecret & { state: 'enabled' })['tags'] = {}): NewestSecret {
  return { state: 'enabled', version: V1, value, tags, held: { tags: {} } };
}

const base: Sighting = {
  stored: stored(),
  newest: newest(KEY1),
  announcement: {
    reference: { etag: E1, held, version: V1 },
    flag: { etag: E1, held, version: V1, slot: 'key1' },
  },
  keys: { key1: KEY1, key2: KEY2 },
  values: withValues(new Map(), [KEY1, KEY2]),
  verdicts: new Map(),
  former: undefined,
  superseded: undefined,
  namesakes: [],
};
const seen = (difference: Partial<Sighting>): Observation => interpret(account, { ...base, ...difference });

describe('which slot is published', () => {
  it('is the one whose live key equals the newest value, whatever the tags say', () => {
    const published = seen({ newest: newest(KEY2, { slot: 'key1', accountId: account.id }) }).published;
    expect(published).toEqual({ state: 'live', slot: 'key2', version: V1, fingerprint: KEY2.fingerprint });
  });
  it('is known of a dead value by our tags', () => {
    const published = seen({ newest: newest(OTHER, { slot: 'key2', accountId: account.id }) }).published;
    expect(published).toEqual({ state: 'dead', slot: 'key2', version: V1, fingerprint: OTHER.fingerprint });
  });
  it('is known of a dead value by the record that followed this version', () => {
    const record = { ...idle, published: { slot: 'key1' as const, version: V1, fingerprint: OTHER.fingerprint } };
    expect(seen({ newest: newest(OTHER), stored: stored(record) }).published).toMatchObject({
      state: 'dead',
      slot: 'key1',
    });
  });
  it.each([
    ['carries no tags', {}],
    ['names another account', { slot: 'key1', accountId: '/subscriptions/other' }],
    ['names the account and no slot', { accountId: account.id }],
  ] as const)('is not ours when a dead value %s', (_, tags) => {
    expect(seen({ newest: newest(OTHER, tags) }).published).toEqual({ state: 'foreign', version: V1 });
  });
  it('is none without a secret, and unknown of a disabled one', () => {
    expect(seen({ newest: { state: 'missing' } }).published).toEqual({ state: 'none' });
    expect(seen({ newest: { state: 'disabled' } }).published).toEqual({ state: 'disabled' });
  });
  it('is not known when Key Vault could not be read, and then nothing is in line with it', () => {
    expect(seen({ newest: { state: 'unknown', cause: 'No answer.' } })).toMatchObject({
      published: { state: 'unknown', cause: 'No answer.' },
      announced: { state: 'read', isReferenceInLine: false, isFlagInLine: false },
    });
  });
});

describe('whether App Configuration is in line', () => {
  const flagged = (slot: 'key1' | 'key2', version?: SecretVersion) =>
    seen({
      announcement: {
        reference: { etag: E1, held, version: V1 },
        flag: { etag: E1, held, slot, ...(version === undefined ? {} : { version }) },
      },
    }).announced;

  it('needs reference, flag and stamp of the newest version', () => {
    expect(seen({}).announced).toEqual({
      state: 'read',
      isReferenceInLine: true,
      isFlagInLine: true,
      referencedVersion: V1,
    });
  });
  it('is not when the flag says the other slot, has another stamp, or none', () => {
    expect(flagged('key2', V1)).toMatchObject({ isFlagInLine: false });
    expect(flagged('key1', V2)).toMatchObject({ isFlagInLine: false });
    expect(flagged('key1')).toMatchObject({ isFlagInLine: false });
  });
  it('is not when the reference names no version, or nothing is there', () => {
    const announcement = { reference: { etag: E1, held }, flag: undefined };
    expect(seen({ announcement }).announced).toEqual({ state: 'read', isReferenceInLine: false, isFlagInLine: false });
  });
  it('is not with a dead version, even one that both name', () => {
    const newestDead = newest(OTHER, { slot: 'key1', accountId: account.id });
    expect(seen({ newest: newestDead }).announced).toEqual({
      state: 'read',
      isReferenceInLine: false,
      isFlagInLine: false,
      referencedVersion: V1,
    });
  });
  it('is unknown when it could not be read, with the cause', () => {
    expect(seen({ announcement: { cause: 'The firewall refused.' } }).announced).toEqual({
      state: 'unknown',
      cause: 'The firewall refused.',
    });
  });
});

describe('the superseded version', () => {
  const inOverlap = {
    stored: stored({ ...propagating, superseded: { slot: 'key1', version: V2, fingerprint: OTHER.fingerprint } }),
  };
  it.each([
    [undefined, 'unread'],
    [{ state: 'missing' }, 'missing'],
    [{ state: 'enabled', value: OTHER, tags: {} }, 'enabled'],
    [{ state: 'disabled', tags: {} }, 'disabledByOthers'],
    [{ state: 'disabled', tags: { rejectedAt: '2026-01-01T00:00:00Z' } }, 'markedRejected'],
  ] as const)('read as %j is %s', (read, expected) => {
    const superseded = read === undefined ? undefined : { version: V2, read };
    expect(seen({ ...inOverlap, superseded }).supersededVersion).toBe(expected);
  });
  it('is unread when another version was read', () => {
    expect(seen({ ...inOverlap, superseded: { version: V1, read: { state: 'missing' } } }).supersededVersion).toBe(
      'unread',
    );
  });
  it('is looked at in the retirement as well, and at no other time', () => {
    const superseded = { version: V2, read: { state: 'missing' } } as const;
    const beingRetired = stored({
      ...retiring,
      superseded: { slot: 'key1', version: V2, fingerprint: KEY1.fingerprint },
    });
    expect(seen({ stored: beingRetired, superseded })).toMatchObject({
      supersededVersion: 'missing',
      isSupersededValueKnown: true,
    });
    expect(seen({ stored: stored(idle), superseded })).toMatchObject({
      supersededVersion: 'unread',
      isSupersededValueKnown: false,
    });
  });
  it('tells whether its value is at hand', () => {
    expect(seen(inOverlap).isSupersededValueKnown).toBe(false);
    expect(seen({ ...inOverlap, values: withValues(base.values, [OTHER]) }).isSupersededValueKnown).toBe(true);
  });
});

it('shows open requests only, and whether the account is paused', () => {
  const open = asked('rotate');
  const closed = { ...asked('approve'), closedAt: 5, outcome: 'StandbyApproved' as const };
  const pause = { by: 'operator', reason: 'change freeze', at: 5 };
  expect(seen({ stored: { ...stored(), requests: [open, closed], pause } })).toMatchObject({
    requests: [open],
    isPaused: true,
  });
  expect(seen({}).isPaused).toBe(false);
});

describe('a look at the world', () => {
  const ports = (newestSecret: NewestSecret, announcements?: () => Promise<never>): Ports => {
    const { ports: bare } = new Universe();
    const keys = { ...bare.keys, list: () => Promise.resolve({ key1: KEY1, key2: KEY2 }) };
    const secrets = { ...bare.secrets, readNewest: () => Promise.resolve(newestSecret) };
    const read = announcements ?? (() => Promise.resolve({ reference: undefined, flag: undefined }));
    return { ...bare, keys, secrets, announcements: { ...bare.announcements, read } };
  };

  it('has both keys and a dead published value at hand to be probed', async () => {
    const sighting = await look(account, ports(newest(OTHER)), stored());
    expect([...sighting.values.keys()]).toEqual([OTHER.fingerprint, KEY1.fingerprint, KEY2.fingerprint]);
    expect(sighting.verdicts.size).toBe(0);
  });
  it('asks to be admitted to list, before anything is read', async () => {
    const asked: unknown[] = [];
    const refusing = ports(newest(KEY1));
    const admit = (_: unknown, call: string): Promise<void> => {
      asked.push(call);
      return Promise.reject(new Error('not now'));
    };
    const reading = look(account, { ...refusing, keys: { ...refusing.keys, admit } }, stored());
    await expect(reading).rejects.toThrow('not now');
    expect(asked).toEqual(['list']);
  });
  it('has the keys without a secret', async () => {
    const sighting = await look(account, ports({ state: 'missing' }), stored());
    expect([...sighting.values.keys()]).toEqual([KEY1.fingerprint, KEY2.fingerprint]);
  });
  it('goes on without App Configuration when that failed as a service does, and only then', async () => {
    const failure = { code: 'Unavailable', service: 'appConfiguration', operation: 'read', message: 'No.' } as const;
    const silent = ports(newest(KEY1), () => Promise.reject(new RotationError(failure)));
    expect((await look(account, silent, stored())).announcement).toEqual({ cause: 'No.' });
    const broken = ports(newest(KEY1), () => Promise.reject(new TypeError('undefined is not a function')));
    await expect(look(account, broken, stored())).rejects.toThrow(TypeError);
  });
});

describe('a look at the world in an emergency', () => {
  const refusal = (service: 'keyVault' | 'appConfiguration') =>
    new RotationError({ code: 'Unavailable', service, operation: 'read', message: 'No answer.' });
  const withRequests = (...requests: StoredAccount['requests']): StoredAccount => ({ ...stored(idle), requests });
  const leaked = asked('compromised', { fingerprint: KEY2.fingerprint });
  /** Ports of which Key Vault throws, and the deadlines that App Configuration is read with. */
  const failing = (error: Error) => {
    const { ports: bare } = new Universe();
    const deadlines: number[] = [];
    const ports: Ports = {
      ...bare,
      keys: { ...bare.keys, list: () => Promise.resolve({ key1: KEY1, key2: KEY2 }) },
      secrets: { ...bare.secrets, readNewest: () => Promise.reject(error) },
      announcements: {
        ...bare.announcements,
        read: ({ policy }) => {
          deadlines.push(policy.callDeadlineMs);
          return Promise.resolve({ reference: undefined, flag: undefined });
        },
      },
    };
    return { ports, deadlines };
  };

  it('goes on without Key Vault when that failed as a service does, and only then', async () => {
    const { ports } = failing(refusal('keyVault'));
    const sighting = await look(account, ports, withRequests(leaked));
    expect(sighting.newest).toEqual({ state: 'unknown', cause: 'No answer.' });
    expect([...sighting.values.keys()]).toEqual([KEY1.fingerprint, KEY2.fingerprint]);
    const broken = failing(new TypeError('undefined is not a function'));
    await expect(look(account, broken.ports, withRequests(leaked))).rejects.toThrow(TypeError);
  });
  it('does so for a name that is not resolved yet', async () => {
    const { ports } = failing(refusal('keyVault'));
    const sighting = await look(account, ports, withRequests(asked('compromised', { named: 'key1' })));
    expect(sighting.newest).toEqual({ state: 'unknown', cause: 'No answer.' });
  });
  it.each([
    ['nothing is asked', []],
    ['only a rotation is asked for', [asked('rotate')]],
    ['the request is closed', [{ ...leaked, closedAt: 5 }]],
    ['its value is a key no longer', [{ ...leaked, replacedAt: 5 }]],
  ])('is over when %s: then the failure ends the pass', async (_, requests) => {
    const { ports } = failing(refusal('keyVault'));
    await expect(look(account, ports, withRequests(...requests))).rejects.toMatchObject({ service: 'keyVault' });
  });
  it('waits a short time for App Configuration, and never longer than the policy says', async () => {
    const { ports, deadlines } = failing(refusal('keyVault'));
    await look(account, ports, withRequests(leaked));
    const brisk = { ...account, policy: { ...account.policy, callDeadlineMs: 2_000 } };
    await look(brisk, ports, withRequests(leaked));
    expect(deadlines).toEqual([5_000, 2_000]);
  });
  it('waits for it as long as for any other service where nothing leaked', async () => {
    const { ports, deadlines } = failing(refusal('keyVault'));
    const secrets = { ...ports.secrets, readNewest: () => Promise.resolve(newest(KEY1)) };
    await look(account, { ...ports, secrets }, stored(idle));
    expect(deadlines).toEqual([20_000]);
  });
});

it('counts equal verdicts in a row', () => {
  const { fingerprint } = KEY1;
  const once = withVerdict(new Map(), fingerprint, 'rejected');
  const twice = withVerdict(once, fingerprint, 'rejected');
  expect(twice.get(fingerprint)).toEqual({ verdict: 'rejected', inARow: 2 });
  const turned = withVerdict(twice, fingerprint, 'accepted');
  expect(turned.get(fingerprint)).toEqual({ verdict: 'accepted', inARow: 1 });
});
