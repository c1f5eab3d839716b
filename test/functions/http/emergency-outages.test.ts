// A leaked key while App Configuration does not answer, or says something that is not valid: what was stored with the
// account's record is enough. The outages are those of the wire; the process is warm or has just started.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { WireFault } from '../../../local/azure/local-azure.ts';
import { DAY, type HttpStage, startHttpStage } from './stage.ts';

const OUTAGES: readonly (readonly [words: string, fault: WireFault])[] = [
  ['answers 503', { kind: 'serverError', status: 503 }],
  ['asks to wait for twelve hours', { kind: 'throttle', retryAfterSeconds: 43_200 }],
  ['cuts each connection', { kind: 'refuse' }],
];
const CASES = OUTAGES.flatMap(([words, fault], index) =>
  (['warm', 'cold'] as const).map((process) => [words, process, `${process}-${index}`, fault] as const),
);

let stage: HttpStage;
let leakedOfNew = '';
beforeAll(async () => {
  stage = await startHttpStage();
  for (const [, , name] of CASES) stage.addAccount(name);
  for (const name of ['shut', 'wrong', 'bare', 'told']) stage.addAccount(name);
  await stage.adopt();
});
afterAll(() => stage.close());
afterEach(() => stage.azure.faults.clear());

const keysOf = (name: string) => {
  const state = [...stage.azure.world.accounts.values()].find(({ seed }) => seed.name === name);
  if (state === undefined) throw new Error(`There is no account ${name}.`);
  return { id: state.id, key1: state.keys.key1.value, key2: state.keys.key2.value };
};
const publishedValue = (name: string) => stage.azure.world.vault.find(`${name}-key`).value;
const leak = (name: string, compromised = 'published') =>
  stage.post(
    `accounts/${name}/rotate`,
    { reason: 'in a repository', compromised },
    { headers: { 'Idempotency-Key': 'leak-1' } },
  );
const asText = expect.any(String) as unknown;

async function requireReplaced(name: string): Promise<Record<string, unknown>> {
  const { id, key1 } = keysOf(name);
  expect(stage.nodesTaking(id, key1)).toEqual([true]);
  const answer = await leak(name);
  expect(answer.status).toBe(202);
  expect(Object.values(keysOf(name))).not.toContain(key1);
  expect(stage.nodesTaking(id, key1)).toEqual([false]);
  return answer.body['request'] as Record<string, unknown>;
}

describe('a leaked key is replaced within the call while App Configuration', () => {
  it.each(CASES)('%s, in a process that is %s', async (_, process, name, fault) => {
    if (process === 'cold') stage.restart();
    const remove = stage.azure.faults.add({ service: 'appConfiguration', fault });
    const request = await requireReplaced(name);
    expect(request['summary']).not.toContain('still a key of the account');
    expect(publishedValue(name)).toBe(keysOf(name).key2);
    remove();
    // Applications that read the reference learn of the new key once App Configuration answers again.
    stage.restart();
    await stage.confirm();
    const { version } = stage.azure.world.vault.find(`${name}-key`);
    expect(stage.azure.world.store.get(`${name}:Key`, null)?.value).toContain(version);
    expect((await stage.get(`accounts/${name}/requests/leak-1`)).body).toMatchObject({ replacedAt: asText });
  });
});

describe('the answer says that a leaked key is replaced', () => {
  it('while App Configuration answers 503: nothing that this word needs is there', async () => {
    stage.azure.faults.add({ service: 'appConfiguration', fault: { kind: 'serverError', status: 503 } });
    expect(await requireReplaced('told')).toMatchObject({ state: 'replaced', replacedAt: asText });
  });
});

describe('a leaked key is replaced within the call while what is configured', () => {
  it('has a blackout that is longer than the interval', async () => {
    const now = stage.app.clock.now();
    const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
    const blackouts = [{ from: day(now - DAY), to: day(now + 90 * DAY) }];
    stage.configure('KeyRotation:Policies:shut', { rotationInterval: 'P30D', standbyIsFree: true, blackouts });
    expect(await requireReplaced('shut')).toMatchObject({ state: 'replaced', replacedAt: asText });
  });

  it('has a policy that cannot be read', async () => {
    stage.configure('KeyRotation:Policies:wrong', { rotationInterval: 'monthly' });
    expect(await requireReplaced('wrong')).toMatchObject({ state: 'replaced', replacedAt: asText });
  });

  it('names a policy that does not exist', async () => {
    stage.configure('KeyRotation:Accounts:bare', { resourceId: keysOf('bare').id, policy: 'nobody-wrote-it' });
    expect(await requireReplaced('bare')).toMatchObject({ state: 'replaced', replacedAt: asText });
  });

  it('has a policy that cannot be read, on an account that no pass has met', async () => {
    stage.addAccount('new');
    stage.configure('KeyRotation:Policies:new', { rotationInterval: 'monthly' });
    const { id, key1 } = keysOf('new');
    leakedOfNew = key1;
    const { status, body } = await leak('new', 'key1');
    expect(status).toBe(202);
    expect(body['request']).toMatchObject({ replacedAt: asText });
    expect([stage.nodesTaking(id, key1), stage.nodesTaking(id, publishedValue('new'))]).toEqual([[false], [true]]);
  });

  it('has never published the leaked key of that account, for the other one was there', () => {
    const published = stage.azure.world.vault.versions('new-key').map(({ value }) => value);
    expect(published.map((value) => value === leakedOfNew)).not.toContain(true);
  });
});
