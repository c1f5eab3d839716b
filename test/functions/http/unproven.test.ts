// Accounts that no pass can adopt: of a kind without a call that proves a key, and blocked for another cause.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AccountState } from '../../../local/azure/world/world.ts';
import { HOUR, type HttpStage, startHttpStage } from './stage.ts';

const MINUTES = 60_000;

let stage: HttpStage;
let shop: AccountState;
beforeAll(async () => {
  stage = await startHttpStage();
  stage.addAccount('reader', {}, {}, 'ImmersiveReader');
  shop = stage.addAccount('shop');
  shop.knobs.isDeniedByFirewall = true;
  await stage.tick();
});
afterEach(() => {
  stage.azure.faults.clear();
});
afterAll(() => stage.close());

interface Finding {
  readonly check: string;
  readonly result: string;
  readonly detail: string;
  readonly remedy?: string;
}
async function check(account: string) {
  const answer = await stage.post(`accounts/${account}/check`, {});
  const findings = answer.body['findings'] as Finding[];
  return { ...answer, find: (name: string) => findings.find((finding) => finding.check === name) };
}
/** How often Azure Resource Manager was asked for the keys of an account. */
const looks = (account: string): number =>
  stage.azure.requests.filter(({ operation, account: of }) => operation === 'listKeys' && of === account).length;

describe('a kind without a call that proves a key', () => {
  it('is not healthy, and the check says why and what to do', async () => {
    const { status, body, find } = await check('reader');
    expect([status, body['isHealthy']]).toEqual([503, false]);
    expect(find('keyProof')).toEqual({
      check: 'keyProof',
      result: 'fail',
      detail:
        'This kind cannot be rotated, because no call proves a key of the kind ImmersiveReader: applications call it with Microsoft Entra tokens, and no call with a key is documented.',
      remedy:
        'Take the account out of the configuration and rotate its keys by hand; docs/kinds.md lists the kinds that can be rotated.',
    });
    expect(find('key1Accepted')).toMatchObject({ result: 'warning', remedy: 'See the finding `keyProof`.' });
  });

  it('refuses a rotation at once, also as a dry run, and stores nothing', async () => {
    for (const dryRun of [true, false]) {
      const before = stage.azure.requests.filter(({ operation }) => operation === 'transaction').length;
      const answer = await stage.post('accounts/reader/rotate', { reason: 'due', dryRun });
      expect(answer).toMatchObject({
        status: 409,
        body: {
          reason: 'KindNotProvable',
          detail: expect.stringContaining('This kind cannot be rotated, because no call proves') as unknown,
        },
      });
      expect(stage.azure.requests.filter(({ operation }) => operation === 'transaction').length).toBe(before);
    }
  });

  it('is looked at again after the longest back-off, not in each tick', async () => {
    stage.advance(2 * HOUR);
    await stage.tick();
    const looked = looks('reader');
    for (let tick = 0; tick < 11; tick++) {
      stage.advance(5 * MINUTES);
      await stage.tick();
    }
    expect(looks('reader')).toBe(looked);
    stage.advance(5 * MINUTES);
    await stage.tick();
    expect(looks('reader')).toBe(looked + 1);
  });

  it('takes the request when the kind cannot be read: a pass will say the cause', async () => {
    stage.restart();
    stage.azure.faults.add({ service: 'arm', operation: 'getAccount', fault: { kind: 'serverError', status: 503 } });
    expect((await stage.post('accounts/reader/rotate', { reason: 'unknown' })).status).toBe(202);
  });

  it('still takes the word that a key leaked', async () => {
    const answer = await stage.post('accounts/reader/rotate', { reason: 'leaked', compromised: 'key1' });
    expect(answer.status).toBe(202);
  });
});

describe('a kind without such a call, under a policy that takes the list of keys', () => {
  const keysOf = (state: AccountState) => [state.keys.key1.value, state.keys.key2.value];
  const published = () => stage.azure.world.vault.find('listed-key').value;

  it('is rotated on the word of Azure Resource Manager; check, status and history say that nothing is proven', async () => {
    const listed = stage.addAccount(
      'listed',
      { verification: 'listing', activationFor: 'PT6H', activationPatience: 'P1D', onMissing: 'proceed' },
      {},
      'ImmersiveReader',
    );
    await stage.adopt();
    const [first = '', second = ''] = keysOf(listed);
    expect(published()).toBe(first);
    const { status, find } = await check('listed');
    expect(status).toBe(200);
    expect(find('keyProof')).toMatchObject({
      result: 'warning',
      detail: expect.stringContaining('The death of a superseded key is not proven.') as unknown,
    });
    expect(find('key1Accepted')).toMatchObject({ result: 'warning' });

    stage.advance(8 * 24 * HOUR);
    expect((await stage.post('accounts/listed/rotate', { reason: 'due' })).status).toBe(202);
    const [, next = ''] = keysOf(listed);
    expect(next).not.toBe(second);
    stage.advance(5 * HOUR);
    await stage.tick();
    expect(published()).toBe(first);
    stage.advance(2 * HOUR);
    await stage.tick();
    expect(published()).toBe(next);

    for (let day = 0; day < 12; day++) {
      stage.advance(24 * HOUR);
      await stage.tick();
    }
    expect(keysOf(listed)).not.toContain(first);
    const { body } = await stage.get('accounts/listed');
    expect(body).toMatchObject({
      phase: 'idle',
      verification: 'listing',
      isBlocked: false,
      last: { outcome: 'completed' },
    });
    expect(body['last']).not.toHaveProperty('provenAt');
    const { entries } = (await stage.get('accounts/listed/history')).body as { entries: { kind: string }[] };
    expect(entries.find(({ kind }) => kind === 'RotationCompleted')).toMatchObject({ reason: 'DeathNotProven' });
    const probes = stage.azure.requests.filter(
      ({ service, account }) => service === 'dataPlane' && account === 'listed',
    );
    expect(probes).toEqual([]);
  });
  it('needs a long activation time: no call would notice a node that lags', async () => {
    stage.addAccount('hasty', { verification: 'listing' }, {}, 'ImmersiveReader');
    const { body } = await stage.get('accounts');
    const settings = (body['problems'] as { setting: string }[]).map(({ setting }) => setting);
    expect(settings).toContain('KeyRotation:Policies:hasty.activationFor');
  });
});

describe('a blocked account', () => {
  it('is not healthy: the check names the block, since when, and what to do', async () => {
    await stage.tick();
    const { status, body, find } = await check('shop');
    expect([status, body['isHealthy']]).toEqual([503, false]);
    expect(find('recordFollows')).toMatchObject({
      result: 'fail',
      detail: expect.stringMatching(/^Passes are blocked by AdoptionKeyNotAccepted since \d{4}-.+Z\.$/) as unknown,
      remedy: 'See AdoptionKeyNotAccepted in the runbook, and the findings about the keys.',
    });
  });

  it('is looked at in each tick, because its cause may end at any moment', async () => {
    const looked = looks('shop');
    stage.advance(5 * MINUTES);
    await stage.tick();
    expect(looks('shop')).toBe(looked + 1);
  });

  it('is a warning when both keys are accepted by now', async () => {
    shop.knobs.isDeniedByFirewall = false;
    const { status, find } = await check('shop');
    expect(status).toBe(200);
    expect(find('recordFollows')).toMatchObject({
      result: 'warning',
      remedy: 'Both keys are accepted now: the next pass goes on.',
    });
    stage.advance(5 * MINUTES);
    await stage.tick();
    expect((await check('shop')).find('recordFollows')).toMatchObject({ result: 'pass' });
  });
});
