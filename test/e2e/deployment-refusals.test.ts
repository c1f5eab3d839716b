// infra/main.bicep against what Azure refuses: the second region, an installation next to another, landing zones.
// Needs the real Bicep compiler, whose engine expands the template; skipped where there is none.
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAzure } from '../../local/azure/local-azure.ts';
import { startLocalAzure } from '../../local/azure/start-local-azure.ts';
import { Deployments } from '../../local/deploy/deployments.ts';
import type { Compiler } from '../../local/deploy/expand.ts';
import { findTestCompiler } from '../support/compiler.ts';

const found = findTestCompiler();
const MAIN = fileURLToPath(new URL('../../infra/main.bicep', import.meta.url));
const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
const SHARED = `/subscriptions/${SUBSCRIPTION}/resourceGroups/shared`;
const VAULT = `${SHARED}/providers/Microsoft.KeyVault/vaults/ours`;
const ACCOUNT = `${SHARED}/providers/Microsoft.CognitiveServices/accounts/ours`;

if (typeof found === 'string') it('cannot be tried here', ({ skip }) => skip(found));

describe.skipIf(typeof found === 'string')('infra/main.bicep', () => {
  const compiler = found as Compiler;
  let template: string;
  let azure: LocalAzure;
  let deployments: Deployments;

  beforeAll(async () => {
    template = await compiler.compile(MAIN);
  });
  beforeEach(async () => {
    const place = { subscriptionId: SUBSCRIPTION, resourceGroup: 'ai' };
    azure = await startLocalAzure({ ...place, accounts: [], hasPublicNames: true, withStorage: false });
    deployments = new Deployments(azure, compiler);
  });
  afterEach(() => azure.close());

  /** Named after the time, as azd names its deployments. */
  let count = 0;
  function deploy(parameters: Readonly<Record<string, unknown>> = {}) {
    const all = { environmentName: 'test', location: 'westeurope', ...parameters };
    const { tenantId } = azure.servicePrincipal;
    const place = { cloud: 'AzureCloud', tenantId, subscriptionId: SUBSCRIPTION } as const;
    const target = { ...place, location: all.location, deploymentName: `${all.environmentName}-${count++}` };
    return deployments.deploy({ template, parameters: all, target });
  }

  it('can be deployed to another region, after the resource group of the first is gone', async () => {
    for (const id of [VAULT, ACCOUNT]) deployments.bring(id);
    const given = { keyVaultId: VAULT, accounts: [ACCOUNT], discoverySubscriptions: [SUBSCRIPTION] };
    await deploy(given);
    deployments.deleteGroup(`/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-test`);
    const second = await deploy({ ...given, location: 'northeurope' });
    expect(second.resources.find(({ type }) => type === 'Microsoft.Web/sites')?.location).toBe('northeurope');
  });

  it('of two installations share no name of a deployment outside their resource groups', async () => {
    for (const id of [VAULT, ACCOUNT]) deployments.bring(id);
    const given = { keyVaultId: VAULT, accounts: [ACCOUNT], discoverySubscriptions: [SUBSCRIPTION] };
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
});
