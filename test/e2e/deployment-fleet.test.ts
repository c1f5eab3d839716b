// The fleet of a bank: 200 accounts in 36 resource groups of 12 subscriptions. What one deployment makes of it, against the
// numbers of docs/deployment.md and the limits of Azure. Needs the real Bicep compiler; skipped where there is none.
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Compiler } from '../../local/deploy/expand.ts';
import { read } from '../functions/infra-files.ts';
import { findTestCompiler } from '../support/compiler.ts';
import { TemplateDeployment } from '../support/template-deployment.ts';

const found = findTestCompiler();
const MAIN = fileURLToPath(new URL('../../infra/main.bicep', import.meta.url));
const SUBSCRIPTIONS = 12;
const GROUPS = 36;
const ACCOUNTS = 200;

const groups = Array.from({ length: GROUPS }, (_, number) => {
  const subscription = `${String(number % SUBSCRIPTIONS).padStart(8, '0')}-2222-3333-4444-555555555555`;
  return `/subscriptions/${subscription}/resourceGroups/ai-${number}`;
});
const accounts = Array.from({ length: ACCOUNTS }, (_, number) => {
  const group = groups[number % GROUPS] ?? '';
  return `${group}/providers/Microsoft.CognitiveServices/accounts/an-account-of-a-department-${number}`;
});

const subscriptions = [...new Set(groups.map((id) => id.split('/')[2] ?? ''))];
const FOUND = { accountResourceGroups: groups.join(), discoverySubscriptions: subscriptions.join() };
const subnets = '/subscriptions/0/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub/subnets';
const PRIVATE = {
  privateNetworking: true,
  appSubnetId: `${subnets}/app`,
  endpointSubnetId: `${subnets}/endpoints`,
  privateDnsZones: 'none',
  monitorPrivateLink: 'none',
};

if (typeof found === 'string') it('cannot be tried here', ({ skip }) => skip(found));

describe.skipIf(typeof found === 'string')('a fleet of 200 accounts in 12 subscriptions', () => {
  let template: string;
  let test: TemplateDeployment;
  beforeAll(async () => {
    const compiler = found as Compiler;
    template = await compiler.compile(MAIN);
    test = await TemplateDeployment.start(compiler, template);
  });
  afterAll(() => test.close());

  /** Numbers of resources by type, and of the deployments that make them. */
  async function numbersWith(parameters: Readonly<Record<string, unknown>>): Promise<readonly number[]> {
    const operatorPrincipalId = '99999999-2222-4333-8444-555555555555';
    const { resources, deployments } = await test.expand({ operatorPrincipalId, receiveEvents: true, ...parameters });
    const named = (type: string): number => resources.filter((resource) => resource.type === type).length;
    return [
      named('Microsoft.Authorization/roleDefinitions'),
      named('Microsoft.Authorization/roleAssignments'),
      named('Microsoft.EventGrid/systemTopics'),
      named('Microsoft.EventGrid/systemTopics/eventSubscriptions'),
      deployments.length,
      resources.length,
    ];
  }

  it.each([
    ['one by one', { accounts: accounts.join() }, [14, 207, 37, 37, 300, 328]],
    ['by resource group', { accountResourceGroups: groups.join() }, [14, 43, 37, 37, 136, 164]],
    ['by resource group, found by tags', FOUND, [26, 55, 37, 37, 148, 188]],
    ['one by one, private', { accounts: accounts.join(), ...PRIVATE }, [14, 207, 0, 0, 634, 460]],
    ['by resource group, found by tags, private', { ...FOUND, ...PRIVATE }, [26, 55, 0, 0, 82, 120]],
  ])('makes what docs/deployment.md says, named %s', async (name, parameters, numbers) => {
    expect(await numbersWith(parameters)).toEqual(numbers);
    expect(read('docs/deployment.md')).toContain(`| ${name} | ${numbers.join(' | ')} |`);
  });

  it('fits into the limits of Azure Resource Manager: 800 resources in a template, 4 MB with its parameters', () => {
    const bytes = template.length + accounts.join().length;
    expect(bytes).toBeLessThan(400_000);
    // Role definitions, searches and assignments of accounts are in one template.
    expect(2 * SUBSCRIPTIONS + ACCOUNTS).toBeLessThan(800);
    expect(read('docs/deployment.md')).toContain('800 minus 1 for each subscription, and 1 for each searched |');
  });

  it('fits with 390 resource groups of accounts: the template has 20 resources, and two more for each group', () => {
    const { resources } = z.object({ resources: z.record(z.string(), z.looseObject({})) }).parse(JSON.parse(template));
    const [loops, others] = [true, false].map((isLoop) =>
      Object.values(resources).filter((resource) => 'copy' in resource === isLoop),
    );
    expect([loops?.length, others?.length]).toEqual([2, 20]);
    expect(20 + 2 * 390).toBe(800);
    expect(read('docs/deployment.md')).toContain('| 390, two nested deployments for each;');
  });
});
