// The template is deployed to a local Azure that answers under Azure's names and enforces roles, as docs/deployment.md says.
// Needs the real Bicep compiler, whose engine expands the template; skipped where there is none.
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { startLocalAzure } from '../../local/azure/start-local-azure.ts';
import { deployLocally } from '../../local/deploy/deploy-locally.ts';
import { Deployments } from '../../local/deploy/deployments.ts';
import type { CloudName, Compiler } from '../../local/deploy/expand.ts';
import type { LocalDeploymentOptions, LocalDeploymentReport } from '../../local/deploy/report.ts';
import { findTestCompiler } from '../support/compiler.ts';

const found = findTestCompiler();
const MAIN = fileURLToPath(new URL('../../infra/main.bicep', import.meta.url));
const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
/** Adoption takes three seconds where nothing is wrong. */
const SHORT_PATIENCE_MS = 6_000;
/** 21 accounts and five deployments take thrice the time of the level, on a machine that does other things as well. */
const CROWDED_TIMEOUT_MS = 600_000;
const CROWDED_PATIENCE_MS = 180_000;
const APPLICATION = '99999999-2222-4333-8444-555555555555';

if (typeof found === 'string') it('cannot be tried here', ({ skip }) => skip(found));

describe.skipIf(typeof found === 'string')('a deployment of infra/main.bicep', () => {
  let template: string;
  const compiler = found as Compiler;

  beforeAll(async () => {
    template = await compiler.compile(MAIN);
  });

  /** The whole way with the template, in which `text` is replaced when it is given. */
  function deployment(
    options: Partial<LocalDeploymentOptions> = {},
    text = '',
    by = '',
  ): Promise<LocalDeploymentReport> {
    expect(template).toContain(text);
    const changed = text === '' ? template : template.replaceAll(text, by);
    const given: Compiler = { ...compiler, compile: () => Promise.resolve(changed) };
    return deployLocally({ compiler: given, say: () => undefined, onEvent: () => undefined, ...options });
  }

  async function deploy(
    parameters: Readonly<Record<string, unknown>>,
    cloud: CloudName = 'AzureCloud',
    present: readonly string[] = [],
  ) {
    const place = { subscriptionId: SUBSCRIPTION, resourceGroup: 'ai' };
    const azure = await startLocalAzure({ ...place, accounts: [], hasPublicNames: true, withStorage: false });
    try {
      const deployments = new Deployments(azure, compiler);
      for (const id of present) deployments.bring(id);
      const { tenantId } = azure.servicePrincipal;
      const deployment = await deployments.deploy({
        template,
        parameters: { environmentName: 'test', location: 'westeurope', ...parameters },
        target: { cloud, tenantId, subscriptionId: SUBSCRIPTION, location: 'westeurope', deploymentName: 'test' },
      });
      return { ...deployment, app: deployments.functionApp() };
    } finally {
      await azure.close();
    }
  }

  it('leads from nothing to a rotating fleet, with no role too few', async () => {
    const { accounts, denied, complaints, doctor, secondsToRepair, resources } = await deployment();
    expect(accounts.map(({ account }) => account)).toEqual(['my-language', expect.stringMatching(/^demo-/)]);
    for (const account of accounts) {
      expect(account).toMatchObject({ keysRenewed: 2, supersededRejected: true, application: { failures: 0 } });
      expect(account.application.requests).toBeGreaterThan(20);
    }
    // What a check asks for beyond the role, as docs/permissions.md says.
    expect(denied).toEqual(['arm listPermissions']);
    // For instance of its queue, which so few accounts do not need.
    expect(complaints).toEqual([]);
    expect(doctor).toContain(' 0 to be corrected');
    // Looking for drift is an hour away: only the event can have told.
    expect(secondsToRepair).toBeLessThan(60);
    expect(resources).toBeGreaterThan(40);
  });

  it(
    'leads there twice in two regions, with an account of each kind, a topic and an empty workspace',
    async () => {
      const regions: string[] = [];
      const say: LocalDeploymentOptions['say'] = (_, verb, text) => {
        if (verb === 'provision' && text.includes(' with events')) regions.push(text.split(' ')[2] ?? '');
      };
      const options = { isCrowded: true, patienceMs: CROWDED_PATIENCE_MS, say };
      const { accounts, unprovable, denied, complaints, secondsToRepair } = await deployment(options);
      // The last one replaces the identity.
      expect(regions).toEqual(['northeurope', 'westeurope', 'westeurope']);
      expect(accounts[0]?.account).toBe('north-language');
      // In the other region, nineteen kinds, the account with an application, and the account that the template makes.
      expect(accounts).toHaveLength(22);
      for (const account of accounts) {
        expect(account).toMatchObject({ keysRenewed: 2, supersededRejected: true, application: { failures: 0 } });
      }
      expect(unprovable.toSorted()).toEqual([
        'every-customvision-prediction',
        'every-healthinsights',
        'every-immersivereader',
        'every-internal-allinone',
        'every-metricsadvisor',
      ]);
      // Neither app has tried the accounts of the other.
      expect(denied).toEqual(['arm listPermissions']);
      expect(complaints).toEqual([]);
      // The event has come through the topic that was there.
      expect(secondsToRepair).toBeLessThan(60);
    },
    CROWDED_TIMEOUT_MS,
  );

  it('is seen to be wrong by a role that allows less', async () => {
    const codes = new Set<string>();
    const onEvent: LocalDeploymentOptions['onEvent'] = ({ code = '' }) => codes.add(code);
    const setSecret = 'Microsoft.KeyVault/vaults/secrets/setSecret/action';
    const broken = deployment({ patienceMs: SHORT_PATIENCE_MS, onEvent }, setSecret, 'Microsoft.Nothing/read');
    await expect(broken).rejects.toThrow(/is not adopted/);
    expect(codes).toContain('Forbidden');
  });

  it('is seen to be wrong by an event for a function that is not there', async () => {
    const broken = deployment({}, '/functions/on-key-regenerated', '/functions/gone');
    await expect(broken).rejects.toThrow(/did not answer the handshake/);
  });

  it.each([
    ['AzureCloud', 'public'],
    ['AzureUSGovernment', 'usGovernment'],
    ['AzureChinaCloud', 'china'],
  ] as const)('with private networking and tokens leaves nothing open in %s', async (cloud, name) => {
    const { resources, app } = await deploy({ privateNetworking: true, entraClientId: APPLICATION }, cloud);
    expect(app?.settings).toMatchObject({ AZURE_CLOUD: name, AUTHORIZATION: 'entra' });
    const open = resources.filter(({ properties }) => properties['publicNetworkAccess'] === 'Enabled');
    expect(open.map(({ type }) => type)).toEqual([]);
    const named = (type: string) => resources.filter((resource) => resource.type === type);
    expect(named('Microsoft.Network/privateEndpoints').length).toBeGreaterThan(5);
    const zones = named('Microsoft.Network/privateDnsZones').map((zone) => zone.name);
    expect(zones.some((zone) => /(windows\.net|azure\.net|azure\.com)$/.test(zone))).toBe(cloud === 'AzureCloud');
  });

  it('uses a vault and a store that are there, and makes none', async () => {
    const group = `/subscriptions/${SUBSCRIPTION}/resourceGroups/shared/providers`;
    const keyVaultId = `${group}/Microsoft.KeyVault/vaults/ours`;
    const appConfigurationId = `${group}/Microsoft.AppConfiguration/configurationStores/ours`;
    const present = [keyVaultId, appConfigurationId];
    const { resources, app } = await deploy({ keyVaultId, appConfigurationId }, 'AzureCloud', present);
    const types = resources.map(({ type }) => type);
    expect(types).not.toContain('Microsoft.KeyVault/vaults');
    expect(types).not.toContain('Microsoft.AppConfiguration/configurationStores');
    const assignments = resources.filter(({ type }) => type === 'Microsoft.Authorization/roleAssignments');
    for (const id of present)
      expect(assignments.filter((assignment) => assignment.id.startsWith(`${id}/`))).toHaveLength(1);
    expect(app?.settings).toMatchObject({
      KEY_VAULT_URL: 'https://ours.vault.azure.net/',
      APP_CONFIGURATION_ENDPOINT: 'https://ours.azconfig.io',
    });
  });

  it('is refused in the words of the compiler when a parameter is unknown', async () => {
    await expect(deploy({ shedule: '0 * * * * *' })).rejects.toThrow(/The template was refused: .*shedule/);
  });

  describe('an expression that the compiler leaves open', () => {
    const VAULT = `/subscriptions/${SUBSCRIPTION}/resourceGroups/ours/providers/Microsoft.KeyVault/vaults/ours`;

    /** The one output of a template with this expression; the vault is there. */
    async function outputOf(expression: string): Promise<unknown> {
      const azure = await startLocalAzure({
        subscriptionId: SUBSCRIPTION,
        resourceGroup: 'ours',
        accounts: [],
        hasPublicNames: true,
        withStorage: false,
      });
      try {
        const deployments = new Deployments(azure, compiler);
        deployments.bring(VAULT);
        const { tenantId } = azure.servicePrincipal;
        const small = {
          $schema: 'https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#',
          contentVersion: '1.0.0.0',
          parameters: { hook: { type: 'securestring' } },
          resources: [],
          outputs: { url: { type: 'string', value: expression } },
        };
        const { outputs } = await deployments.deploy({
          template: JSON.stringify(small),
          parameters: { hook: "it's" },
          target: {
            cloud: 'AzureCloud',
            tenantId,
            subscriptionId: SUBSCRIPTION,
            location: 'westeurope',
            deploymentName: 'test',
          },
        });
        return outputs['url'];
      } finally {
        await azure.close();
      }
    }

    it.each([
      [`[reference('${VAULT}', '2024-11-01').vaultUri]`, 'https://ours.vault.azure.net/'],
      [`[reference('${VAULT.toUpperCase()}', '2024-11-01', 'full').location]`, 'westeurope'],
      [`[format('{0} {1}', parameters('hook'), reference('${VAULT}').vaultUri)]`, "it's https://ours.vault.azure.net/"],
    ])('has the value of the running resource: %s', async (expression, expected) => {
      expect(await outputOf(expression)).toBe(expected);
    });

    it.each([
      [
        "[reference('/vaults/none', '2024-11-01').vaultUri]",
        "The resource '/vaults/none' is not part of any deployment.",
      ],
      [`[reference('${VAULT}', '2024-11-01').endpoint]`, "property 'endpoint' doesn't exist"],
      [`[listKeys('${VAULT}', '2024-11-01').key]`, 'needs a running Azure: listKeys('],
    ])('is refused: %s', async (expression, sentence) => {
      await expect(outputOf(expression)).rejects.toThrow(sentence);
    });
  });
});
