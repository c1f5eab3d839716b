// infra/main.bicep against what Azure refuses: the second region, an installation next to another, landing zones.
// Needs the real Bicep compiler, whose engine expands the template; skipped where there is none.
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Deployments } from '../../local/deploy/deployments.ts';
import type { Compiler } from '../../local/deploy/expand.ts';
import { read } from '../functions/infra-files.ts';
import { findTestCompiler } from '../support/compiler.ts';
import { SHARED, SUBSCRIPTION, TemplateDeployment } from '../support/template-deployment.ts';

const found = findTestCompiler();
const MAIN = fileURLToPath(new URL('../../infra/main.bicep', import.meta.url));
const VAULT = `${SHARED}/providers/Microsoft.KeyVault/vaults/ours`;
const ACCOUNT = `${SHARED}/providers/Microsoft.CognitiveServices/accounts/ours`;

if (typeof found === 'string') it('cannot be tried here', ({ skip }) => skip(found));

describe.skipIf(typeof found === 'string')('infra/main.bicep', () => {
  const compiler = found as Compiler;
  let template: string;
  let test: TemplateDeployment;
  let deployments: Deployments;

  beforeAll(async () => {
    template = await compiler.compile(MAIN);
  });
  beforeEach(async () => {
    test = await TemplateDeployment.start(compiler, template);
    deployments = test.deployments;
  });
  afterEach(() => test.close());

  const deploy: TemplateDeployment['deploy'] = (parameters) => test.deploy(parameters);

  it('can be deployed to another region, after the resource group of the first is gone', async () => {
    for (const id of [VAULT, ACCOUNT]) deployments.bring(id);
    const given = { keyVaultId: VAULT, accounts: ACCOUNT, discoverySubscriptions: SUBSCRIPTION };
    await deploy(given);
    deployments.deleteGroup(`/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-test`);
    const second = await deploy({ ...given, location: 'northeurope' });
    expect(second.resources.find(({ type }) => type === 'Microsoft.Web/sites')?.location).toBe('northeurope');
  });

  it('of two installations share no name of a deployment outside their resource groups', async () => {
    for (const id of [VAULT, ACCOUNT]) deployments.bring(id);
    const given = { keyVaultId: VAULT, accounts: ACCOUNT, discoverySubscriptions: SUBSCRIPTION };
    const namesOf = async (environmentName: string): Promise<readonly string[]> => {
      const { nested } = await deploy({ ...given, environmentName });
      const outside = nested.filter(({ scope }) => !scope.endsWith(`/rg-${environmentName}`));
      return outside.map(({ scope, name }) => `${scope}/${name}`);
    };
    const names = await namesOf('one');
    expect(names.length).toBeGreaterThan(6);
    const others = await namesOf('other');
    expect(others.filter((name) => names.includes(name))).toEqual([]);
  });

  describe('with system topics that exist', () => {
    const VAULT_TOPIC = `${SHARED}/providers/Microsoft.EventGrid/systemTopics/of-vault`;
    const GROUP_TOPIC = `${SHARED}-topics/providers/Microsoft.EventGrid/systemTopics/of-group`;
    const given = { keyVaultId: VAULT, accounts: ACCOUNT, receiveEvents: true };
    beforeEach(() => {
      for (const id of [VAULT, ACCOUNT]) deployments.bring(id);
      deployments.bring(VAULT_TOPIC, { source: VAULT });
      deployments.bring(GROUP_TOPIC, { source: SHARED });
    });

    it('is refused when it would make a second one for a source', async () => {
      const sentence = 'Only one system topic is allowed per source';
      await expect(deploy(given)).rejects.toThrow(sentence);
      await expect(deploy({ ...given, vaultSystemTopicId: VAULT_TOPIC })).rejects.toThrow(sentence);
    });

    it('subscribes to those that it is given, and makes none', async () => {
      const asked: string[] = [];
      deployments.functionEndpoint = (name) => {
        asked.push(name);
        throw new Error('No app runs here.');
      };
      const topics = { vaultSystemTopicId: VAULT_TOPIC, groupSystemTopics: `${SHARED.toUpperCase()}=${GROUP_TOPIC}` };
      await expect(deploy({ ...given, ...topics })).rejects.toThrow('No app runs here.');
      expect(asked).toEqual(['on-secret-event']);
    });

    it('makes neither topic nor subscription when events are left out', async () => {
      const { resources } = await deploy({ ...given, events: false });
      expect(resources.filter(({ type }) => type.startsWith('Microsoft.EventGrid/'))).toEqual([]);
    });
  });

  describe('with private networking', () => {
    const accountOf = (number: number): string =>
      `${SHARED}/providers/Microsoft.CognitiveServices/accounts/account-${number}`;

    /** As many accounts, each with a custom subdomain. */
    function bringAccounts(count: number): readonly string[] {
      const accounts = Array.from({ length: count }, (_, number) => accountOf(number));
      for (const id of accounts) deployments.bring(id, { customSubDomainName: 'ours' });
      return accounts;
    }

    it('is refused with an account that has no custom subdomain, in a sentence that says how to give it one', async () => {
      deployments.bring(ACCOUNT);
      await expect(deploy({ privateNetworking: true, accounts: ACCOUNT })).rejects.toThrow(
        'An account has no custom subdomain, so it can have no private endpoint. The command az cognitiveservices',
      );
    });

    it('has endpoints for 33 accounts in a /24, and says which prefix is needed for more', async () => {
      const accounts = bringAccounts(34);
      await expect(deploy({ privateNetworking: true, accounts: accounts.join(', ') })).rejects.toThrow(
        'networkAddressPrefix 10.90.0.0/24 has addresses for 33 accounts, not for 34: take a shorter prefix.',
      );
      const { resources } = await deploy({ privateNetworking: true, accounts: accounts.slice(1).join() });
      const endpoints = resources.filter(({ type }) => type === 'Microsoft.Network/privateEndpoints');
      expect(endpoints).toHaveLength(40);
    });

    it.each([
      [23, 76],
      [22, 161],
      [21, 332],
    ])('has as many accounts in a /%i as docs/private-networking.md says: %i', async (length, most) => {
      expect(read('docs/private-networking.md')).toContain(`| /${length} | ${most} |`);
      const networkAddressPrefix = `10.90.0.0/${length}`;
      const accounts = Array.from({ length: most + 1 }, (_, number) => accountOf(number));
      await expect(
        deploy({ privateNetworking: true, accounts: accounts.join(), networkAddressPrefix }),
      ).rejects.toThrow(`has addresses for ${most} accounts, not for ${most + 1}`);
    });
  });

  it('tags everything that it makes, takes the redundancy, and logs who reads vault, store and table', async () => {
    const parameters = {
      resourceTags: 'cost-center=42, owner=ai',
      storageRedundancy: 'Standard_ZRS',
      demoAccount: true,
    };
    const { resources } = await deploy(parameters);
    const tagged = resources.filter(({ tags }) => tags !== undefined);
    expect(tagged.length).toBeGreaterThan(18);
    expect(tagged.filter(({ tags = {} }) => tags['cost-center'] !== '42' || tags['owner'] !== 'ai')).toEqual([]);
    const audits = resources.filter(({ type }) => type === 'Microsoft.Insights/diagnosticSettings');
    const kinds = audits.map(({ id }) => /Microsoft\.\w+\/\w+(?:\/[\w]+\/\w+)?/.exec(id)?.[0].split('/')[0]);
    expect(kinds.toSorted()).toEqual(['Microsoft.AppConfiguration', 'Microsoft.KeyVault', 'Microsoft.Storage']);
  });

  it('uses the network, the zones and the workspace of a landing zone, and makes none', async () => {
    const subnets = `${SHARED}/providers/Microsoft.Network/virtualNetworks/hub/subnets`;
    const logWorkspaceId = `${SHARED}/providers/Microsoft.OperationalInsights/workspaces/central`;
    const given = { appSubnetId: `${subnets}/app`, endpointSubnetId: `${subnets}/endpoints`, privateDnsZones: 'none' };
    const { resources } = await deploy({ privateNetworking: true, logWorkspaceId, ...given });
    const made = new Set(resources.map(({ type }) => type));
    expect(made).not.toContain('Microsoft.Network/virtualNetworks');
    expect(made).not.toContain('Microsoft.Network/privateDnsZones');
    expect(made).not.toContain('Microsoft.Network/privateEndpoints/privateDnsZoneGroups');
    expect(made).not.toContain('Microsoft.OperationalInsights/workspaces');
    const endpoints = resources.filter(({ type }) => type === 'Microsoft.Network/privateEndpoints');
    expect(endpoints).toHaveLength(7);
    for (const { properties } of endpoints) expect(properties['subnet']).toEqual({ id: `${subnets}/endpoints` });
    const site = resources.find(({ type }) => type === 'Microsoft.Web/sites');
    expect(site?.properties['virtualNetworkSubnetId']).toBe(`${subnets}/app`);
    const component = resources.find(({ type }) => type === 'Microsoft.Insights/components');
    expect(component?.properties['WorkspaceResourceId']).toBe(logWorkspaceId);
  });

  it.each([
    ['made', 4],
    ['none', 0],
  ])('with the link to Azure Monitor %s makes %i zones for its names', async (monitorPrivateLink, count) => {
    const { resources } = await deploy({ privateNetworking: true, monitorPrivateLink });
    const named = (type: string) => resources.filter((resource) => resource.type === type).map(({ name }) => name);
    const zones = named('Microsoft.Network/privateDnsZones');
    expect(zones.filter((name) => /monitor|opinsights|automation/.test(name))).toHaveLength(count);
    expect(zones).toContain('privatelink.blob.core.windows.net');
    // A second one would take over the names of every network that shares the DNS.
    expect(resources.filter(({ type }) => /privateLinkScopes$/i.test(type))).toHaveLength(count / 4);
    expect(named('Microsoft.Network/privateEndpoints')).toHaveLength(6 + count / 4);
  });

  it('is refused with one of the two subnets', async () => {
    const appSubnetId = `${SHARED}/providers/Microsoft.Network/virtualNetworks/hub/subnets/app`;
    await expect(deploy({ privateNetworking: true, appSubnetId })).rejects.toThrow(
      'appSubnetId and endpointSubnetId belong together: give both, or none.',
    );
  });
});
