// The seam of tracing and of the simulations: every call of every port passes it once, unchanged, and rightly marked.
import { describe, expect, it } from 'vitest';
import { interceptAllPorts } from '../../local/azure/memory/intercept-records.ts';
import type { OperatorPorts, PauseChange } from '../../src/operators/ports.ts';
import { RotationError } from '../../src/rotation/errors.ts';
import type { OwnerId, SecretVersion } from '../../src/rotation/model.ts';
import type { PortCall } from '../../src/rotation/pass/intercept.ts';
import type { RecordWrite } from '../../src/rotation/ports.ts';
import { SecretValue } from '../../src/rotation/secret.ts';
import { buildAccount } from '../support/account.ts';
import { asked, ID, NOW, V1 } from './given.ts';

const account = buildAccount('language');

/** OperatorPorts of which every method answers its own name and what it was called with. */
function echoing(): OperatorPorts {
  const port = (name: string): unknown =>
    new Proxy(
      {},
      {
        get:
          (_, method) =>
          (...args: readonly unknown[]) =>
            Promise.resolve([name, method, args]),
      },
    );
  const names = ['keys', 'secrets', 'announcements', 'probes', 'records'];
  return Object.fromEntries(names.map((name) => [name, port(name)])) as unknown as OperatorPorts;
}

const value = new SecretValue('a key');
const content = { value, slot: 'key1' as const, rotationId: ID, expiresAt: NOW, validityMs: 1 };
const request = asked('rotate');
const word = { consumer: 'web', version: V1, at: NOW };
const write: RecordWrite = {
  entity: {
    lease: { owner: 'me' as OwnerId, expiresAt: NOW },
    record: undefined,
    nextObservationAt: NOW,
    lastPass: undefined,
    revision: 1,
  },
  closes: [],
  history: [],
  at: NOW,
};

const pausing: PauseChange = {
  stored: {
    etag: undefined,
    record: { state: 'absent' },
    entity: write.entity,
    requests: [],
    acknowledgements: [],
    pause: undefined,
  },
  at: NOW,
  history: [],
  isEntityKept: false,
};

const note = { ticks: [NOW], enrolled: undefined };
const old = { historyBefore: NOW, requestsBefore: NOW };

type Call = (ports: OperatorPorts) => Promise<unknown>;
const READS: readonly (readonly [string, readonly unknown[], Call])[] = [
  ['arm keys.list', [account], ({ keys }) => keys.list(account)],
  ['keyVault secrets.readNewest', [account], ({ secrets }) => secrets.readNewest(account)],
  ['keyVault secrets.readVersion', [account, V1], ({ secrets }) => secrets.readVersion(account, V1)],
  ['appConfiguration announcements.read', [account], ({ announcements }) => announcements.read(account)],
  ['dataPlane probes.probe', [account, value], ({ probes }) => probes.probe(account, value)],
  ['table records.read', [account], ({ records }) => records.read(account)],
  ['table records.readNamesakes', [account], ({ records }) => records.readNamesakes(account)],
  ['table records.readRequest', [account, request.id], ({ records }) => records.readRequest(account, request.id)],
  ['table records.listEmergencies', [account, NOW], ({ records }) => records.listEmergencies(account, NOW)],
  ['table records.listRequests', [account, 5, 'x'], ({ records }) => records.listRequests(account, 5, 'x')],
  ['table records.findConfigured', [{ alias: 'web' }], ({ records }) => records.findConfigured({ alias: 'web' })],
  ['table records.listHistory', [account, 5, 'x'], ({ records }) => records.listHistory(account, 5, 'x')],
  ['table records.listDue', [NOW], ({ records }) => records.listDue(NOW)],
  ['table records.listStatus', [], ({ records }) => records.listStatus()],
  ['table records.listTicks', [], ({ records }) => records.listTicks()],
];
const EFFECTS: readonly (readonly [string, readonly unknown[], Call])[] = [
  ['arm keys.regenerate', [account, 'key2'], ({ keys }) => keys.regenerate(account, 'key2')],
  ['keyVault secrets.publish', [account, content], ({ secrets }) => secrets.publish(account, content)],
  ['keyVault secrets.disable', [account, V1, NOW], ({ secrets }) => secrets.disable(account, V1, NOW)],
  [
    'appConfiguration announcements.writeReference',
    [account, V1, undefined],
    ({ announcements }) => announcements.writeReference(account, V1, undefined),
  ],
  [
    'appConfiguration announcements.writeFlag',
    [account, 'key2', V1, undefined],
    ({ announcements }) => announcements.writeFlag(account, 'key2', V1, undefined),
  ],
  ['table records.write', [account, undefined, write], ({ records }) => records.write(account, undefined, write)],
  ['table records.insertRequest', [account, request, []], ({ records }) => records.insertRequest(account, request, [])],
  ['table records.acknowledge', [account, word], ({ records }) => records.acknowledge(account, word)],
  [
    'table records.setPause',
    [account, undefined, pausing],
    ({ records }) => records.setPause(account, undefined, pausing),
  ],
  ['table records.noteTick', [note], ({ records }) => records.noteTick(note)],
  ['table records.forgetOld', [account.id, old], ({ records }) => records.forgetOld(account.id, old)],
  ['table records.forgetAccount', [account.id, NOW], ({ records }) => records.forgetAccount(account.id, NOW)],
];
const CALLS = [...READS.map((row) => [...row, false] as const), ...EFFECTS.map((row) => [...row, true] as const)];

describe('an intercepted call', () => {
  it.each(CALLS)('%s is named, marked and handed on as it is', async (name, args, call, isEffect) => {
    const seen: PortCall[] = [];
    const ports = interceptAllPorts(echoing(), (entry, proceed) => {
      seen.push(entry);
      return proceed();
    });
    const answer = await call(ports);
    const [service, method = ''] = name.split(' ');
    const [port, operation] = method.split('.');
    expect(answer).toEqual([port, operation, args]);
    expect(seen).toEqual([{ service, operation, isEffect, account: args.includes(account) ? account : undefined }]);
  });
  it('does not happen when the interceptor throws before it', async () => {
    const sent: SecretVersion[] = [];
    const bare = echoing();
    const secrets = {
      ...bare.secrets,
      disable: (_: unknown, version: SecretVersion) => {
        sent.push(version);
        return Promise.resolve();
      },
    };
    const refusal = new RotationError({ code: 'Throttled', service: 'keyVault', operation: 'disable', message: 'No.' });
    const ports = interceptAllPorts({ ...bare, secrets }, () => Promise.reject(refusal));
    await expect(ports.secrets.disable(account, V1, NOW)).rejects.toBe(refusal);
    expect(sent).toEqual([]);
  });
  it('may have happened when the interceptor throws after it', async () => {
    const sent: string[] = [];
    const bare = echoing();
    const keys = {
      ...bare.keys,
      regenerate: (_: unknown, slot: string) => {
        sent.push(slot);
        return Promise.reject(new Error('unreachable'));
      },
    };
    const ports = interceptAllPorts({ ...bare, keys }, async (_, proceed) => {
      await proceed().catch(() => undefined);
      throw new Error('the answer was lost');
    });
    await expect(ports.keys.regenerate(account, 'key2')).rejects.toThrow('the answer was lost');
    expect(sent).toEqual(['key2']);
  });
  it('covers every method of every port', () => {
    const ports = interceptAllPorts(echoing(), (_, proceed) => proceed());
    const methods = Object.values(ports).flatMap((port) => Object.keys(port as object));
    // Being admitted is no call of a service: it passes by.
    const called = methods.filter((method) => method !== 'admit');
    expect(called.toSorted()).toEqual(CALLS.map(([name]) => name.split('.')[1]).toSorted());
  });
  it('lets the question whether a call is admitted pass by, uncounted', async () => {
    const ports = interceptAllPorts(echoing(), () => Promise.reject(new Error('intercepted')));
    await expect(ports.keys.admit(account, 'list', 'compromised')).resolves.toEqual([
      'keys',
      'admit',
      [account, 'list', 'compromised'],
    ]);
  });
});
