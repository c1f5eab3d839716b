// infra/main.bicep with an Azure AI Search service among the accounts: its role, and its private endpoint.
// Needs the real Bicep compiler, whose engine expands the template; skipped where there is none.
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Compiler, PlannedResource } from '../../local/deploy/expand.ts';
import { findTestCompiler } from '../support/compiler.ts';
import { SHARED, TemplateDeployment } from '../support/template-deployment.ts';

const found = findTestCompiler();
const MAIN = fileURLToPath(new URL('../../infra/main.bicep', import.meta.url));
const LANGUAGE = `${SHARED}/providers/Microsoft.CognitiveServices/accounts/ours`;
const FINDER = `${SHARED}/providers/microsoft.search/SearchServices/finder`;

if (typeof found === 'string') it('cannot be tried here', ({ skip }) => skip(found));

describe.skipIf(typeof found === 'string')('infra/main.bicep with a search service', () => {
  const compiler = found as Compiler;
  let template: string;
  let test: TemplateDeployment;

  beforeAll(async () => {
    template = await compiler.compile(MAIN);
  });
  beforeEach(async () => {
    test = await TemplateDeployment.start(compiler, template);
    test.deployments.bring(LANGUAGE, { customSubDomainName: 'ours' });
    test.deployments.bring(FINDER);
  });
  afterEach(() => test.close());

  const deploy = async (parameters: object): Promise<readonly PlannedResource[]> =>
    (await test.deploy({ accounts: `${LANGUAGE}, ${FINDER}`, ...parameters })).resources;
  const zonesIn = (resources: readonly PlannedResource[]): readonly string[] =>
    resources.filter(({ type }) => type === 'Microsoft.Network/privateDnsZones').map(({ name }) => name);

  it('assigns the role for accounts on the service alone', async () => {
    const resources = await deploy({});
    const scopes = resources
      .filter(({ type }) => type === 'Microsoft.Authorization/roleAssignments')
      .map(({ id }) => id.slice(0, id.indexOf('/providers/Microsoft.Authorization/')).toLowerCase());
    expect(scopes).toContain(FINDER.toLowerCase());
    expect(scopes).toContain(LANGUAGE.toLowerCase());
    expect(scopes).not.toContain(SHARED.toLowerCase());
  });

  it('gives it a private endpoint of its own kind, and a zone for its name', async () => {
    const resources = await deploy({ privateNetworking: true });
    const targets = resources
      .filter(({ type }) => type === 'Microsoft.Network/privateEndpoints')
      .map(({ properties }) => JSON.stringify(properties['privateLinkServiceConnections']).toLowerCase());
    expect(targets.filter((text) => text.includes('"searchservice"'))).toEqual([
      expect.stringContaining(FINDER.toLowerCase()),
    ]);
    expect(targets.filter((text) => text.includes('"account"'))).toHaveLength(1);
    expect(zonesIn(resources)).toContain('privatelink.search.windows.net');
  });

  it('makes no zone for search services without one', async () => {
    const resources = await deploy({ privateNetworking: true, accounts: LANGUAGE });
    expect(zonesIn(resources)).not.toContain('privatelink.search.windows.net');
    expect(zonesIn(resources)).toContain('privatelink.openai.azure.com');
  });
});
