// What the adapters make of a wire that fails: each effect happens at most once, and each failure has its class.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { FaultRule, LocalService } from '../../local/azure/local-azure.ts';
import type { Account, ETag, RotationId, SecretVersion } from '../../src/rotation/model.ts';
import type { RecordWrite } from '../../src/rotation/ports.ts';
import { SecretValue } from '../../src/rotation/secret.ts';
import { startWire, type Wire } from './wire.ts';

const VALUE = new SecretValue('0123456789abcdef0123456789abcdef');
const V1 = '11111111111111111111111111111111' as SecretVersion;
const V2 = '22222222222222222222222222222222' as SecretVersion;

/** How far the clock by which waits are counted is ahead. */
let aheadMs = 0;
const realNow = performance.now.bind(performance);
vi.spyOn(performance, 'now').mockImplementation(() => Math.round(realNow()) + aheadMs);

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
  // Tokens and challenge are fetched and the table is made, so that each fault meets the call that it is meant for.
  const account = wire.newAccount();
  await wire.ports.keys.list(account);
  await wire.ports.secrets.readNewest(account);
  await wire.ports.announcements.read(account);
  await wire.ports.records.write(account, undefined, change(1));
});
afterEach(() => {
  wire.azure.faults.clear();
  // What a service has asked to wait is over for the next test.
  aheadMs += 60_000;
});
afterAll(() => wire.close());

function change(revision: number): RecordWrite {
  const entity = { lease: undefined, record: undefined, nextObservationAt: 5, lastPass: undefined, revision };
  return {
    entity,
    closes: [],
    history: [{ kind: 'Adopted', at: revision, rotationId: 0 as RotationId }],
    at: revision,
  };
}

function publish(account: Account): Promise<SecretVersion> {
  const expiresAt = Date.UTC(2031, 0, 1);
  return wire.ports.secrets.publish(account, {
    value: VALUE,
    slot: 'key1',
    rotationId: 1 as RotationId,
    expiresAt,
    validityMs: 86_400_000,
  });
}

function withDeadline(account: Account, callDeadlineMs = account.policy.callDeadlineMs): Account {
  return { ...account, policy: { ...account.policy, callDeadlineMs } };
}

/** How many requests of this operation reached the service while `act` ran; its error is kept. */
async function counted(operation: string, act: () => Promise<unknown>): Promise<{ sent: number; error: unknown }> {
  let sent = 0;
  const stop = wire.azure.onRequest((request) => {
    if (request.operation === operation && !request.isChallenge) sent++;
  });
  try {
    await act();
    return { sent, error: undefined };
  } catch (error) {
    return { sent, error };
  } finally {
    stop();
  }
}

describe('an effect that happened although its answer was lost', () => {
  test('regenerate: thrown as Unavailable, regenerated once, the other slot untouched', async () => {
    const account = wire.newAccount();
    const before = await wire.ports.keys.list(account);
    wire.azure.faults.add({ service: 'arm', operation: 'regenerateKey', fault: { kind: 'applyThenCut' } });
    const { sent, error } = await counted('regenerateKey', () => wire.ports.keys.regenerate(account, 'key1'));
    wire.azure.faults.clear();
    expect(error).toMatchObject({ code: 'Unavailable', service: 'arm', operation: 'regenerate' });
    expect(sent).toBe(1);
    const after = await wire.ports.keys.list(account);
    expect(after.key1.fingerprint).not.toBe(before.key1.fingerprint);
    expect(after.key2.fingerprint).toBe(before.key2.fingerprint);
  });

  test('publish: thrown as Unavailable, one version', async () => {
    const account = wire.newAccount();
    wire.azure.faults.add({ service: 'keyVault', operation: 'setSecret', fault: { kind: 'applyThenCut' } });
    const { sent, error } = await counted('setSecret', () => publish(account));
    expect(error).toMatchObject({ code: 'Unavailable', service: 'keyVault', operation: 'publish' });
    expect(sent).toBe(1);
    expect(wire.azure.world.vault.versions(account.secretName)).toHaveLength(1);
  });

  test('announce: thrown as Unavailable, not as a race that we lost against ourselves', async () => {
    const account = wire.newAccount();
    const former = await wire.ports.announcements.writeReference(account, V1, undefined);
    wire.azure.faults.add({ service: 'appConfiguration', operation: 'setKeyValue', fault: { kind: 'applyThenCut' } });
    const { sent, error } = await counted('setKeyValue', () =>
      wire.ports.announcements.writeReference(account, V2, former),
    );
    expect(error).toMatchObject({ code: 'Unavailable' });
    expect(sent).toBe(1);
    expect((await wire.ports.announcements.read(account)).reference?.etag).not.toBe(former.etag);
  });

  test('record: thrown as Unavailable, written once with one line of history', async () => {
    const account = wire.newAccount();
    const etag = await wire.ports.records.write(account, undefined, change(1));
    wire.azure.faults.add({ service: 'table', operation: 'transaction', fault: { kind: 'applyThenCut' } });
    const { sent, error } = await counted('transaction', () => wire.ports.records.write(account, etag, change(2)));
    wire.azure.faults.clear();
    expect(error).toMatchObject({ code: 'Unavailable', service: 'table', operation: 'write' });
    expect(sent).toBe(1);
    expect((await wire.ports.records.read(account)).entity.revision).toBe(2);
    expect((await wire.ports.records.listHistory(account, 10)).entries).toHaveLength(2);
    await expect(wire.ports.records.write(account, etag, change(2))).rejects.toMatchObject({ code: 'LostRace' });
  });
});

const CALLS: readonly {
  readonly name: string;
  readonly service: LocalService;
  readonly wireOperation: string;
  /** How often it is sent when its connection is cut: a read once more, an effect never. */
  readonly sentWhenCut: 1 | 2;
  readonly act: (account: Account) => Promise<unknown>;
}[] = [
  { name: 'list', service: 'arm', wireOperation: 'listKeys', sentWhenCut: 2, act: (a) => wire.ports.keys.list(a) },
  {
    name: 'regenerate',
    service: 'arm',
    wireOperation: 'regenerateKey',
    sentWhenCut: 1,
    act: (a) => wire.ports.keys.regenerate(a, 'key2'),
  },
  {
    name: 'readNewest',
    service: 'keyVault',
    wireOperation: 'getSecret',
    sentWhenCut: 2,
    act: (a) => wire.ports.secrets.readNewest(a),
  },
  { name: 'publish', service: 'keyVault', wireOperation: 'setSecret', sentWhenCut: 1, act: publish },
  {
    name: 'read announcement',
    service: 'appConfiguration',
    wireOperation: 'listKeyValues',
    sentWhenCut: 2,
    act: (a) => wire.ports.announcements.read(a),
  },
  {
    name: 'writeFlag',
    service: 'appConfiguration',
    wireOperation: 'setKeyValue',
    sentWhenCut: 1,
    act: (a) => wire.ports.announcements.writeFlag(a, 'key1', V1, undefined),
  },
  {
    name: 'read record',
    service: 'table',
    wireOperation: 'queryEntities',
    sentWhenCut: 2,
    act: (a) => wire.ports.records.read(a),
  },
  {
    name: 'write record',
    service: 'table',
    wireOperation: 'transaction',
    sentWhenCut: 1,
    act: (a) => wire.ports.records.write(a, undefined, change(1)),
  },
  {
    name: 'setPause',
    service: 'table',
    wireOperation: 'transaction',
    sentWhenCut: 1,
    act: async (a) => {
      const stored = { etag: undefined, ...change(1), requests: [], acknowledgements: [], pause: undefined };
      const record = { state: 'absent' } as const;
      const pausing = { stored: { ...stored, record }, at: 1, history: [], isEntityKept: false };
      await wire.ports.records.setPause(a, undefined, pausing);
    },
  },
  {
    name: 'listEmergencies',
    service: 'table',
    wireOperation: 'queryEntities',
    sentWhenCut: 2,
    act: (a) => wire.ports.records.listEmergencies(a, 0),
  },
];

describe.each(CALLS)('$service $name', ({ service, wireOperation, sentWhenCut, act }) => {
  const under = async (fault: FaultRule['fault'], deadlineMs?: number): Promise<{ sent: number; error: unknown }> => {
    const account = withDeadline(wire.newAccount(), deadlineMs);
    wire.azure.faults.add({ service, operation: wireOperation, fault });
    return counted(wireOperation, () => act(account));
  };

  test('429 with a delay is Throttled and tells the delay; until it is over nothing more is sent', async () => {
    const { sent, error } = await under({ kind: 'throttle', retryAfterSeconds: 17 });
    expect(error).toMatchObject({ code: 'Throttled', service, status: 429, retryAfterMs: 17_000 });
    expect(sent).toBe(1);
    aheadMs += 10_000;
    const early = await counted(wireOperation, () => act(wire.newAccount()));
    expect(early.error).toMatchObject({ code: 'Throttled', service, status: undefined });
    expect((early.error as { retryAfterMs: number }).retryAfterMs).toBeLessThanOrEqual(7_000);
    expect(early.sent).toBe(0);
    wire.azure.faults.clear();
    aheadMs += 7_000;
    expect(await counted(wireOperation, () => act(wire.newAccount()))).toEqual({ sent: 1, error: undefined });
  });

  test('429 without a delay is Throttled; for a second nothing more is sent', async () => {
    const { error } = await under({ kind: 'throttle' });
    expect(error).toMatchObject({ code: 'Throttled', retryAfterMs: undefined });
    expect((await counted(wireOperation, () => act(wire.newAccount()))).sent).toBe(0);
    aheadMs += 1_000;
    expect((await counted(wireOperation, () => act(wire.newAccount()))).sent).toBe(1);
  });

  test('503 is Unavailable and not sent again', async () => {
    const { sent, error } = await under({ kind: 'serverError', status: 503 });
    expect(error).toMatchObject({ code: 'Unavailable', status: 503 });
    expect(sent).toBe(1);
  });

  test(`a connection that is cut each time is Unavailable after ${sentWhenCut} requests`, async () => {
    const { sent, error } = await under({ kind: 'refuse' });
    expect(error).toMatchObject({ code: 'Unavailable', status: undefined });
    expect(sent).toBe(sentWhenCut);
  });

  test('an answer after the deadline is Unavailable', async () => {
    const beganAt = Date.now();
    const { error } = await under({ kind: 'delay', ms: 8_000 }, 200);
    expect(error).toMatchObject({ code: 'Unavailable', status: undefined });
    expect(Date.now() - beganAt).toBeLessThan(7_000);
  });
});

test('a read whose connection was cut once is answered', async () => {
  const account = wire.newAccount();
  wire.azure.faults.add({ service: 'arm', operation: 'listKeys', times: 1, fault: { kind: 'refuse' } });
  expect(await wire.ports.keys.list(account)).toHaveProperty('key1');
});

describe('a call that needs two requests', () => {
  test('has one deadline for both', async () => {
    const account = wire.newAccount();
    const version = await publish(account);
    await wire.ports.secrets.disable(account, version, 0);
    for (const operation of ['getSecretVersion', 'listSecretVersions']) {
      wire.azure.faults.add({ service: 'keyVault', operation, fault: { kind: 'delay', ms: 400 } });
    }
    const read = wire.ports.secrets.readVersion(withDeadline(account, 600), version);
    await expect(read).rejects.toMatchObject({ code: 'Unavailable', status: undefined });
  });
});

describe('no key is in an error', () => {
  test('neither in its text nor in what a log prints of it', async () => {
    const { inspect } = await import('node:util');
    const account = wire.newAccount();
    wire.azure.faults.add({ service: 'keyVault', operation: 'setSecret', fault: { kind: 'serverError', status: 500 } });
    const { error } = await counted('setSecret', () => publish(account));
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(VALUE.reveal());
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('Bearer');
  });
});

describe('an ETag of our own making', () => {
  test('does not let a write through', async () => {
    const account = wire.newAccount();
    await wire.ports.records.write(account, undefined, change(1));
    const guessed = `W/"datetime'2020-01-01T00%3A00%3A00.0000000Z'"` as ETag;
    await expect(wire.ports.records.write(account, guessed, change(2))).rejects.toMatchObject({ code: 'LostRace' });
  });
});
