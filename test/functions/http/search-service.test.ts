// An Azure AI Search service as an account, over HTTP and the wire: it is rotated, proven, checked and rescued like any
// other, although its data plane answers a dead key and a closed network alike.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AccountState } from '../../../local/azure/world/world.ts';
import { DAY, type HttpStage, startHttpStage } from './stage.ts';

let stage: HttpStage;
let finder: AccountState;
let leaky: AccountState;
let shut: AccountState;
beforeAll(async () => {
  stage = await startHttpStage();
  finder = stage.addAccount('finder', {}, {}, 'Search');
  leaky = stage.addAccount('leaky', {}, {}, 'Search');
  shut = stage.addAccount('shut', {}, {}, 'Search');
  await stage.adopt();
});
afterAll(() => stage.close());
afterEach(() => {
  for (const { knobs } of [finder, leaky, shut]) {
    Object.assign(knobs, { isDeniedByFirewall: false, networkRules: undefined, missingActions: [] });
  }
});

interface Finding {
  readonly check: string;
  readonly result: string;
  readonly detail: string;
  readonly remedy?: string;
}
const check = async (account: string) => {
  const { status, body } = await stage.post(`accounts/${account}/check`, {});
  const findings = body['findings'] as Finding[];
  return { status, find: (name: string) => findings.find((finding) => finding.check === name) };
};
const secret = (name: string): string => stage.azure.world.vault.get(`${name}-key`).value;
const historyOf = async (name: string) =>
  (await stage.get(`accounts/${name}/history`)).body['entries'] as { kind: string; reason?: string }[];

describe('a search service', () => {
  it('shows its steps in a dry run', async () => {
    const { status, body } = await stage.post('accounts/finder/rotate', { reason: 'try', dryRun: true });
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain('regenerate');
  });

  it('is rotated, and the death of its superseded key is proven', async () => {
    const before = { key1: finder.keys.key1.value, key2: finder.keys.key2.value };
    expect((await stage.post('accounts/finder/rotate', { reason: 'quarterly' })).status).toBe(202);
    await stage.activate();
    expect(secret('finder')).toBe(finder.keys.key2.value);
    expect(finder.keys.key2.value).not.toBe(before.key2);
    stage.advance(3 * DAY);
    await stage.confirm();
    await stage.confirm();
    expect(finder.keys.key1.value).not.toBe(before.key1);
    expect(await stage.get('accounts/finder')).toMatchObject({ body: { phase: 'idle', publishedSlot: 'key2' } });
    expect((await historyOf('finder')).some(({ reason }) => reason === 'DeathProven')).toBe(true);
  });

  it('has a leaked key replaced within the call, also while its network is closed for longer than the patience', async () => {
    const { value } = leaky.keys.key1;
    const { status } = await stage.post('accounts/leaky/rotate', { reason: 'printed', compromised: 'published' });
    expect(status).toBe(202);
    expect(stage.azure.world.acceptsKey(leaky.id, value)).toBe(false);
    shut.knobs.isDeniedByFirewall = true;
    const leaked = shut.keys.key1.value;
    await stage.post('accounts/shut/rotate', { reason: 'printed', compromised: 'published' });
    expect(stage.azure.world.acceptsKey(shut.id, leaked)).toBe(true);
    stage.advance(2 * 60_000);
    await stage.tick();
    await stage.tick();
    expect(stage.azure.world.acceptsKey(shut.id, leaked)).toBe(false);
    expect(stage.said.join('\n')).toContain('EmergencyWithoutVerdict');
  });
});

describe('a check of a search service', () => {
  it('is healthy, and says which host it has', async () => {
    const { status, find } = await check('finder');
    expect(status).toBe(200);
    expect(find('customSubdomain')).toMatchObject({
      result: 'pass',
      detail: expect.stringContaining('a host of its own') as unknown,
    });
    expect(find('armPermissions')?.result).toBe('pass');
  });

  it('names the permission that is missing', async () => {
    finder.knobs.missingActions = ['Microsoft.Search/searchServices/regenerateAdminKey/action'];
    const { status, find } = await check('finder');
    expect(status).toBe(503);
    expect(find('armPermissions')?.remedy).toContain('Microsoft.Search/searchServices/regenerateAdminKey/action');
  });

  it('says that one key is rejected while the other is accepted', async () => {
    finder.knobs.nodes = [{ acceptsNewAfterMs: DAY, acceptsOldForMs: 0 }];
    stage.azure.world.regenerateKey(finder.id, 'key1');
    const { find } = await check('finder');
    finder.knobs.nodes = [{ acceptsNewAfterMs: 0, acceptsOldForMs: 0 }];
    expect(find('key1Accepted')?.detail).toContain('is rejected: deadOrKeptOut (status 403)');
    expect(find('key2Accepted')?.result).toBe('pass');
    expect(find('networkRules')?.result).toBe('pass');
  });

  it('says that nothing is known of either key behind network rules, and that these may keep the app out', async () => {
    finder.knobs.networkRules = { defaultAction: 'Deny', ipRules: ['198.51.100.7'] };
    const { status, find } = await check('finder');
    expect(status).toBe(503);
    expect(find('key2Accepted')?.detail).toContain('is inconclusive: deadOrKeptOut (status 403)');
    expect(find('networkRules')).toMatchObject({
      result: 'fail',
      detail: expect.stringContaining('198.51.100.7') as unknown,
    });
  });
});
