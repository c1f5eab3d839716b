// What a probe makes of a data plane that fails: nothing is known then, and never that the key is dead. And of one whose
// nodes do not agree.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { FaultRule } from '../../local/azure/local-azure.ts';
import type { Account } from '../../src/rotation/model.ts';
import { SecretValue } from '../../src/rotation/secret.ts';
import { startWire, type Wire } from './wire.ts';

const VALUE = new SecretValue('0123456789abcdef0123456789abcdef');

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterEach(() => wire.azure.faults.clear());
afterAll(() => wire.close());

function withDeadline(account: Account, callDeadlineMs = account.policy.callDeadlineMs): Account {
  return { ...account, policy: { ...account.policy, callDeadlineMs } };
}

describe('a probe', () => {
  const under = async (fault: FaultRule['fault'], deadlineMs?: number) => {
    const account = wire.newAccount('OpenAI');
    const { key1 } = await wire.ports.keys.list(account);
    expect(await wire.ports.probes.probe(account, key1)).toMatchObject({ verdict: 'accepted' });
    wire.azure.faults.add({ service: 'dataPlane', fault });
    return wire.ports.probes.probe(withDeadline(account, deadlineMs), key1);
  };

  test('429: nothing is known, and the delay is told', async () => {
    expect(await under({ kind: 'throttle', retryAfterSeconds: 3 })).toEqual({
      verdict: 'inconclusive',
      finding: 'throttled',
      status: 429,
      detail: 'Too many requests; the service asks to wait 3 s.',
    });
  });

  test('500: nothing is known', async () => {
    expect(await under({ kind: 'serverError', status: 500 })).toMatchObject({
      verdict: 'inconclusive',
      finding: 'unreachable',
    });
  });

  test('a cut connection: nothing is known', async () => {
    expect(await under({ kind: 'refuse' })).toMatchObject({ verdict: 'inconclusive', finding: 'unreachable' });
  });

  test('no answer in time: nothing is known', async () => {
    expect(await under({ kind: 'delay', ms: 8_000 }, 200)).toMatchObject({
      verdict: 'inconclusive',
      finding: 'unreachable',
    });
  });

  test('ARM does not tell the endpoint: nothing is known, and the reason is told', async () => {
    const account = wire.newAccount();
    wire.azure.faults.add({ service: 'arm', fault: { kind: 'serverError', status: 503 } });
    const result = await wire.ports.probes.probe(account, VALUE);
    expect(result).toMatchObject({ verdict: 'inconclusive', finding: 'unreachable', status: 503 });
    expect(result.detail).toContain('arm getDetails');
  });
});

test('probes meet a node of the gateway each: what one accepts, the next may reject', async () => {
  const account = wire.newAccount('OpenAI');
  const { world } = wire.azure;
  world.account(account.id).knobs.nodes = [
    { acceptsNewAfterMs: 0, acceptsOldForMs: 0 },
    { acceptsNewAfterMs: 60_000, acceptsOldForMs: 0 },
  ];
  const turns = [0, 1, 0, 1];
  world.nature.chooseNode = () => turns.shift() ?? 0;
  const { key1 } = await wire.ports.keys.regenerate(account, 'key1');
  const verdicts: string[] = [];
  for (let probe = 1; probe <= 4; probe++) verdicts.push((await wire.ports.probes.probe(account, key1)).verdict);
  expect(verdicts).toEqual(['accepted', 'rejected', 'accepted', 'rejected']);
});
