// The service over the wire against holders of each kind: found, shown, held for a person, and brought through rotations
// and an emergency without a failed call. The vault has the real clock, so instants of evidence are tested in
// rotation.test.ts, where all clocks are one.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountState } from '../../../local/azure/world/world.ts';
import { DAY, HOUR, type HttpStage, startHttpStage } from '../http/stage.ts';

const MINUTE = 60_000;
const SCOPE = '/subscriptions/11111111-2222-3333-4444-555555555555';
const GROUP = `${SCOPE}/resourceGroups/rg-test`;
const HOLDERS = ['appServiceReference', 'appServiceSetting', 'namedValue', 'foundryConnection', 'searchKey']
  .map((kind) => `${kind}=${SCOPE}`)
  .join(',');
const APIM = `${GROUP}/providers/Microsoft.ApiManagement/service/gateway`;
const HUB = `${GROUP}/providers/Microsoft.CognitiveServices/accounts/hub`;
const POLICY = { consumers: ['holders'], standbyIsFree: true };

interface Shown {
  readonly isKnown: boolean;
  readonly holders: readonly {
    readonly kind: string;
    readonly standing: string;
    readonly needsPerson: boolean;
    readonly evidence?: { readonly grade: string };
  }[];
}

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage({ HOLDERS });
});
afterAll(() => stage.close());

const published = (account: string): string => stage.azure.world.vault.find(`${account}-key`).value;
const status = async (account: string) => (await stage.get(`accounts/${account}`)).body;
const shown = async (account: string) => (await status(account))['holders'] as Shown;
const reference = (account: string, version = '') =>
  `@Microsoft.KeyVault(SecretUri=${stage.azure.endpoints.keyVault}/secrets/${account}-key${version})`;
const site = (name: string, settings: Readonly<Record<string, string>>): string =>
  stage.azure.sites.put({
    subscriptionId: '11111111-2222-3333-4444-555555555555',
    resourceGroup: 'rg-test',
    name,
    settings,
  }).id;

async function hours(count: number, each: () => void = () => undefined): Promise<void> {
  for (let hour = 0; hour < count; hour++) {
    stage.advance(HOUR);
    await stage.tick();
    each();
  }
}

describe('an account whose applications have only a reference, and a connection with a copy', () => {
  let account: AccountState;
  let web = '';
  const failures: string[] = [];
  const call = (): void => {
    const held = [
      ['web', stage.azure.sites.environmentOf(web, 'KEY') ?? ''],
      ['hub', stage.azure.holders.foundry.find(HUB, 'own')?.key ?? ''],
    ] as const;
    for (const [name, value] of held) if (!stage.azure.world.acceptsKey(account.id, value)) failures.push(name);
  };

  beforeAll(async () => {
    stage.azure.world.addAccount({
      subscriptionId: '11111111-2222-3333-4444-555555555555',
      resourceGroup: 'rg-test',
      name: 'hub',
      kind: 'AIServices',
      location: 'westeurope',
      keyShape: 'hex32',
    });
    account = stage.addAccount('shop', POLICY);
    await stage.tick();
    web = site('web', { KEY: reference('shop') });
    stage.azure.holders.foundry.put(HUB, 'own', {
      authType: 'ApiKey',
      category: 'AIServices',
      target: 'https://westeurope.api.cognitive.microsoft.com/',
      key: account.keys.key1.value,
    });
    stage.azure.holders.apiManagement.addService(APIM);
    // Its clock is the real one, which does not move with the stage.
    stage.azure.holders.apiManagement.refreshLagMs = 0;
    stage.azure.holders.apiManagement.put(APIM, 'shop', {
      secretIdentifier: `${stage.azure.endpoints.keyVault}/secrets/shop-key`,
    });
  });

  it('a check names them', async () => {
    stage.advance(2 * MINUTE);
    const { body } = await stage.post('accounts/shop/check', {});
    const findings = (body['findings'] as { check: string; result: string; detail: string }[]).filter(
      ({ check }) => check === 'holders',
    );
    expect(findings.map(({ result }) => result)).toEqual(['pass', 'pass', 'pass']);
    expect(findings.map(({ detail }) => detail).join('\n')).toMatch(/sites\/web#KEY[^]*gateway#shop[^]*hub#own/);
  });

  it('three rotations make no call fail, and each overlap is a few hours', async () => {
    await stage.adopt();
    for (let rotation = 1; rotation <= 3; rotation++) {
      stage.advance(30 * DAY);
      await hours(14, call);
      expect((await status('shop'))['phase']).toBe('idle');
      expect((await status('shop'))['rotationId']).toBe(rotation);
    }
    expect(stage.azure.sites.environmentOf(web, 'KEY')).toBe(published('shop'));
    expect(stage.azure.holders.foundry.find(HUB, 'own')?.key).toBe(published('shop'));
    expect(failures).toEqual([]);
    const { isKnown, holders } = await shown('shop');
    expect(isKnown).toBe(true);
    expect(holders.map(({ kind, needsPerson }) => [kind, needsPerson])).toEqual([
      ['appServiceReference', false],
      ['namedValue', false],
      ['foundryConnection', false],
    ]);
  });

  it('a leaked key is replaced in one call, and all of them have the new key', async () => {
    const leaked = published('shop');
    const { status: answered } = await stage.post('accounts/shop/rotate', { reason: 'leak', compromised: 'published' });
    expect(answered).toBe(202);
    expect(stage.azure.world.acceptsKey(account.id, leaked)).toBe(false);
    expect(stage.azure.sites.environmentOf(web, 'KEY')).toBe(published('shop'));
    expect(stage.azure.holders.foundry.find(HUB, 'own')?.key).toBe(published('shop'));
    call();
    expect(failures).toEqual([]);
  });
});

describe('an account with copies that nothing reaches', () => {
  it('is named in the check, and its first rotation is held and says why', async () => {
    const account = stage.addAccount('lone', POLICY);
    await stage.tick();
    const { version } = stage.azure.world.vault.find('lone-key');
    site('pinned', { KEY: reference('lone', `/${version}`) });
    site('plain', { KEY: account.keys.key2.value });
    stage.advance(2 * MINUTE);
    const { body } = await stage.post('accounts/lone/check', {});
    const findings = (body['findings'] as { check: string; result: string; detail: string }[]).filter(
      ({ check }) => check === 'holders',
    );
    expect(findings.map(({ result }) => result)).toEqual(['warning', 'warning']);
    stage.advance(33 * DAY);
    await stage.tick();
    stage.advance(DAY);
    await stage.tick();
    const held = await status('lone');
    expect(held['reason']).toBe('StandbyMayBeInUse');
    expect(held['detail']).toMatch(/sites\/pinned#KEY[^]*sites\/plain#KEY/);
    const approval = await stage.post('accounts/lone/approve', { reason: 'looked', dryRun: true });
    expect((approval.body['holders'] as Shown).holders.map(({ standing }) => standing).sort()).toEqual([
      'copy',
      'pinned',
    ]);
    expect(stage.azure.world.acceptsKey(account.id, account.keys.key2.value)).toBe(true);
  });
});

it('no answer and no log line holds a key', () => {
  const said = stage.said.join('\n');
  for (const key of stage.everyKey()) expect(said.includes(key)).toBe(false);
});
