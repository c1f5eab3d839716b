// The parameter `holders` of infra/main.bicep: a role for each kind of holders, assigned where they are looked for, and
// the app setting. Needs the real Bicep compiler, whose engine expands the template; skipped where there is none.
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Compiler, PlannedResource } from '../../local/deploy/expand.ts';
import { HOLDER_KINDS } from '../../src/holders/model.ts';
import { findTestCompiler } from '../support/compiler.ts';
import { SHARED, SUBSCRIPTION, TemplateDeployment } from '../support/template-deployment.ts';

const found = findTestCompiler();
const MAIN = fileURLToPath(new URL('../../infra/main.bicep', import.meta.url));
const OTHER = '22222222-2222-3333-4444-555555555555';
const WEB = `/subscriptions/${OTHER}/resourceGroups/web`;
const DEFINITIONS = 'Microsoft.Authorization/roleDefinitions';
const ASSIGNMENTS = 'Microsoft.Authorization/roleAssignments';

if (typeof found === 'string') it('cannot be tried here', ({ skip }) => skip(found));

describe.skipIf(typeof found === 'string')('infra/main.bicep', () => {
  const compiler = found as Compiler;
  let template: string;
  let test: TemplateDeployment;

  beforeAll(async () => {
    template = await compiler.compile(MAIN);
  });
  beforeEach(async () => {
    test = await TemplateDeployment.start(compiler, template);
  });
  afterEach(() => test.close());

  function definitions(resources: readonly PlannedResource[]): readonly string[] {
    return resources
      .filter(({ type }) => type === DEFINITIONS)
      .map(({ id, properties }) => `${id.split('/')[2]} ${/: ([a-z -]+) \(/.exec(String(properties['roleName']))?.[1]}`)
      .toSorted();
  }

  /** The scopes of assignments outside the installation, with the role's id. */
  function assignments(resources: readonly PlannedResource[]): readonly string[] {
    return resources
      .filter(({ type, id }) => type === ASSIGNMENTS && !id.includes('/resourceGroups/rg-test/'))
      .map(({ id, properties }) => `${id.split(`/providers/${ASSIGNMENTS}`)[0]} ${roleIdOf(properties)}`);
  }

  function roleIdOf(properties: PlannedResource['properties']): string {
    return String(properties['roleDefinitionId']).split('/').at(-1) ?? '';
  }

  function holdersSetting(resources: readonly PlannedResource[]): unknown {
    return resources.find(({ type, name }) => type === 'Microsoft.Web/sites/config' && name.endsWith('/appsettings'))
      ?.properties['HOLDERS'];
  }

  it('defines and assigns nothing for holders, and tells the app so, if none are named', async () => {
    const { resources } = await test.deploy();
    expect(definitions(resources)).toEqual([`${SUBSCRIPTION} key-values`, `${SUBSCRIPTION} secrets`]);
    expect(assignments(resources)).toEqual([]);
    expect(holdersSetting(resources)).toBe('');
  });

  it('defines the role of each kind once in a subscription, and assigns it where the kind is looked for', async () => {
    const holders = [
      `appServiceReference=${WEB}`,
      `appServiceReference=${SHARED}`,
      `appServiceReference=${SHARED}-more`,
      `namedValue=/subscriptions/${OTHER}`,
      // The same once more, in other capitals.
      `appServiceReference=${WEB.toUpperCase().replace('SUBSCRIPTIONS', 'subscriptions')}`,
    ];
    const { resources, outputs } = await test.deploy({ holders: ` ${holders.join(' , ')}, ` });
    expect(definitions(resources)).toEqual([
      `${SUBSCRIPTION} app references`,
      `${SUBSCRIPTION} key-values`,
      `${SUBSCRIPTION} secrets`,
      `${OTHER} app references`,
      `${OTHER} named values`,
    ]);
    const scopes = assignments(resources).map((text) => text.split(' ')[0]?.toLowerCase());
    const expected = [WEB, SHARED, `${SHARED}-more`, `/subscriptions/${OTHER}`];
    expect(scopes.toSorted()).toEqual(expected.map((scope) => scope.toLowerCase()).toSorted());
    expect(holdersSetting(resources)).toBe(holders.join(','));

    const principal = String(outputs['IDENTITY_PRINCIPAL_ID']);
    const [web, ...others] = test.rolesOn(principal, `${WEB}/providers/Microsoft.Web/sites/shop`);
    // Named values are looked for in the whole subscription.
    expect(others).toHaveLength(1);
    const both = [...(web?.actions ?? []), ...(others[0]?.actions ?? [])];
    expect(both).toContain('Microsoft.Web/sites/config/*/action');
    expect(both).toContain('Microsoft.ApiManagement/service/namedValues/write');
    expect([...(web?.notActions ?? []), ...(others[0]?.notActions ?? [])]).toContain(
      'Microsoft.Web/sites/config/list/action',
    );
    expect(test.rolesOn(principal, `/subscriptions/${OTHER}/resourceGroups/else`)).toHaveLength(1);
  });

  it('has a role for every kind', async () => {
    const holders = HOLDER_KINDS.map((kind) => `${kind}=${WEB}`).join(',');
    const { resources } = await test.deploy({ holders });
    expect(definitions(resources).filter((text) => text.startsWith(OTHER))).toHaveLength(HOLDER_KINDS.length);
    expect(assignments(resources)).toHaveLength(HOLDER_KINDS.length);
  });

  it('assigns a role of yours instead of one that it defines', async () => {
    const role = 'aaaaaaaa-0000-4000-8000-000000000005';
    test.bringRole(role);
    const holders = `searchKey=${WEB},searchKey=/subscriptions/${SUBSCRIPTION},namedValue=${WEB}`;
    const { resources } = await test.deploy({ holders, holderRoleIds: `searchKey=${role}` });
    expect(definitions(resources)).toEqual([
      `${SUBSCRIPTION} key-values`,
      `${SUBSCRIPTION} secrets`,
      `${OTHER} named values`,
    ]);
    const yours = assignments(resources).filter((text) => text.endsWith(role));
    expect(yours.map((text) => text.split(' ')[0])).toEqual([`/subscriptions/${SUBSCRIPTION}`, WEB]);
  });

  it.each([
    ['an unknown kind', `webApp=${WEB}`],
    ['no kind', WEB],
    ['a resource as scope', `namedValue=${WEB}/providers/Microsoft.ApiManagement/service/api`],
    ['no ARM id', 'namedValue=web'],
    ['two signs of equality', `namedValue=${WEB}=x`],
  ])('is refused with %s, in a sentence that says how to write it', async (_, holders) => {
    await expect(test.deploy({ holders })).rejects.toThrow(
      `holders takes <kind>=<ARM id of a subscription or resource group>, separated by commas, with the kinds ${HOLDER_KINDS.join(', ')}.`,
    );
  });
});
