// What the local deployment refuses because Azure does, rule by rule. Needs no compiler.
import { describe, expect, it } from 'vitest';
import type { PlannedResource } from '../../local/deploy/expand.ts';
import { tablesRequiredBy } from '../../local/deploy/refusals/log-queries.ts';
import type { Planned } from '../../local/deploy/refusals/planned.ts';
import { refusalOf } from '../../local/deploy/refusals/refusals.ts';
import { answers, areEventsWanted } from '../../scripts/wait-for-functions.mjs';
import { BICEP, findAll, read } from './infra-files.ts';

const GROUP = '/subscriptions/s/resourceGroups/g/providers';

function resource(type: string, name: string, properties: Readonly<Record<string, unknown>>): PlannedResource {
  return { id: `${GROUP}/${type}/${name}`, type, name, properties };
}

/** The refusal of a deployment of these resources, where nothing was before unless it is given. */
function refused(resources: readonly PlannedResource[], given: Partial<Planned> = {}): string | undefined {
  return refusalOf({
    resources,
    deployments: [],
    location: 'westeurope',
    locations: new Map(),
    present: new Map(),
    ...given,
  });
}

describe('a Function App on Flex Consumption', () => {
  const site = (siteConfig: object) =>
    resource('Microsoft.Web/sites', 'app', { functionAppConfig: { runtime: {} }, siteConfig });

  it('takes the versions of TLS and HTTP', () => {
    expect(refused([site({ minTlsVersion: '1.2', scmMinTlsVersion: '1.2', http20Enabled: true })])).toBeUndefined();
  });

  it.each(['ftpsState', 'linuxFxVersion', 'alwaysOn', 'netFrameworkVersion', 'use32BitWorkerProcess', 'unheardOf'])(
    'is refused with %s',
    (name) => {
      expect(refused([site({ minTlsVersion: '1.2', [name]: 'Disabled' })])).toBe(
        `The following site configuration property (Site.SiteConfig.${name}) for Flex Consumption sites is invalid. Please remove or rename it before retrying.`,
      );
    },
  );

  it('is refused with an app setting that the platform sets', () => {
    const settings = {
      ...resource('Microsoft.Web/sites/config', 'appsettings', { FUNCTIONS_WORKER_RUNTIME: 'node' }),
      id: `${site({}).id}/config/appsettings`,
    };
    expect(refused([site({}), settings])).toContain('(Site.SiteConfig.AppSettings.FUNCTIONS_WORKER_RUNTIME)');
  });

  it('is told from an app on another plan, which takes these properties', () => {
    expect(
      refused([resource('Microsoft.Web/sites', 'app', { siteConfig: { ftpsState: 'Disabled' } })]),
    ).toBeUndefined();
  });
});

describe('a log alert on a workspace without tables', () => {
  const workspace = `${GROUP}/Microsoft.OperationalInsights/workspaces/log`;
  const fuzzy = 'union isfuzzy=true (datatable(TimeGenerated: datetime, Message: string)[]), AppTraces';
  const rule = (query: string, properties: object = {}) =>
    resource('Microsoft.Insights/scheduledQueryRules', 'silent', {
      scopes: [workspace],
      criteria: { allOf: [{ query }] },
      ...properties,
    });

  it('is refused when the query needs a table, whether or not validation is skipped', () => {
    const sentence = "silent: 'where' operator: Failed to resolve table or column expression named 'AppTraces'.";
    expect(refused([rule('AppTraces | take 1')])).toBe(sentence);
    expect(refused([rule('AppTraces | take 1', { skipQueryValidation: true })])).toBe(sentence);
  });

  it('is refused without skipQueryValidation, and taken with it, when an empty table is in front', () => {
    expect(refused([rule(fuzzy)])).toContain('skipQueryValidation');
    expect(refused([rule(fuzzy, { skipQueryValidation: true })])).toBeUndefined();
  });

  it('is refused in a workspace that is there and has no tables', () => {
    const empty = resource('Microsoft.OperationalInsights/workspaces', 'log', { tables: [] });
    const present = new Map([[workspace.toLowerCase(), empty]]);
    expect(refused([rule('AppTraces | take 1')], { present })).toContain("named 'AppTraces'");
    expect(refused([rule(fuzzy, { skipQueryValidation: true })], { present })).toBeUndefined();
  });

  it('is taken as it is once the workspace is there', () => {
    const present = new Map([
      [workspace.toLowerCase(), resource('Microsoft.OperationalInsights/workspaces', 'log', {})],
    ]);
    expect(refused([rule('AppTraces | take 1')], { present })).toBeUndefined();
  });

  it.each([
    ['AppTraces | where Message has "AppRequests"', ['AppTraces']],
    [`${fuzzy}\n| join (AppRequests) on Id`, ['AppRequests']],
    [`${fuzzy}, AppRequests\n| take 1`, []],
    ['union AppTraces, AzureDiagnostics', ['AppTraces', 'AzureDiagnostics']],
  ])('has found the tables that it needs: %s', (query, tables) => {
    expect(tablesRequiredBy(query)).toEqual(tables);
  });
});

describe('a deployment at subscription scope', () => {
  const deployments = [{ scope: '/subscriptions/s', name: 'Roles' }];
  const locations = new Map([['/subscriptions/s/deployments/roles', 'northeurope']]);

  it('is refused under a name that was used in another location', () => {
    expect(refused([], { deployments, locations })).toBe(
      "InvalidDeploymentLocation: Invalid deployment location 'westeurope'. The deployment 'Roles' already exists in location 'northeurope'.",
    );
  });

  it('is taken in the location that it was in, in another subscription, and in a resource group', () => {
    expect(refused([], { deployments, locations, location: 'northeurope' })).toBeUndefined();
    expect(refused([], { deployments: [{ scope: '/subscriptions/t', name: 'roles' }], locations })).toBeUndefined();
    const inGroup = [{ scope: '/subscriptions/s/resourceGroups/g', name: 'roles' }];
    expect(refused([], { deployments: inGroup, locations })).toBeUndefined();
  });
});

describe('a resource group', () => {
  const group = (location: string): PlannedResource => ({
    ...resource('Microsoft.Resources/resourceGroups', 'rg', {}),
    location,
  });
  const present = new Map([[group('').id.toLowerCase(), group('northeurope')]]);

  it('is refused in another location, and taken again in its own', () => {
    expect(refused([group('westeurope')], { present })).toBe(
      "InvalidResourceGroupLocation: Invalid resource group location 'westeurope'. The Resource group 'rg' already exists in location 'northeurope'.",
    );
    expect(refused([group('northeurope')], { present })).toBeUndefined();
    expect(refused([group('westeurope')])).toBeUndefined();
  });
});

describe('the encryption of storage', () => {
  const type = 'Microsoft.Storage/storageAccounts';
  const of = (keyType: string) => ({ encryption: { services: { table: { keyType }, queue: { keyType } } } });
  const present = (properties: PlannedResource['properties']) =>
    new Map([[resource(type, 'st', {}).id.toLowerCase(), resource(type, 'st', properties)]]);

  it('is refused when tables would change the kind of their key', () => {
    const sentence = 'st: the encryption key type of table cannot be changed.';
    expect(refused([resource(type, 'st', of('Account'))], { present: present({}) })).toBe(sentence);
    expect(refused([resource(type, 'st', of('Account'))], { present: present(of('Service')) })).toBe(sentence);
  });

  it('is taken for new storage, for the same kind, and when it is left out', () => {
    expect(refused([resource(type, 'st', of('Account'))])).toBeUndefined();
    expect(refused([resource(type, 'st', of('Account'))], { present: present(of('Account')) })).toBeUndefined();
    expect(refused([resource(type, 'st', { encryption: null })], { present: present(of('Account')) })).toBeUndefined();
  });
});

describe('a system topic', () => {
  const topic = (name: string, source: string) => resource('Microsoft.EventGrid/systemTopics', name, { source });
  const sentence = `Only one system topic is allowed per source: ours has the source of ${topic('theirs', '').id}, which exists.`;

  it('is refused when its source has another', () => {
    const present = new Map([['theirs', topic('theirs', '/VAULTS/v')]]);
    expect(refused([topic('ours', '/vaults/V')], { present })).toBe(sentence);
    expect(refused([topic('ours', '/vaults/v'), topic('theirs', '/vaults/v')])).toBe(sentence);
  });

  it('is taken again, and next to one of another source', () => {
    const present = new Map([['ours', topic('ours', '/vaults/v')]]);
    expect(refused([topic('ours', '/vaults/v'), topic('theirs', '/vaults/w')], { present })).toBeUndefined();
  });
});

describe('a private endpoint', () => {
  const network = resource('Microsoft.Network/virtualNetworks', 'vnet', {
    subnets: [{ name: 'endpoints', properties: { addressPrefix: '10.0.0.0/29' } }],
  });
  const endpointOf = (name: string, id: string, group: string): PlannedResource =>
    resource('Microsoft.Network/privateEndpoints', name, {
      subnet: { id: `${network.id}/subnets/endpoints` },
      privateLinkServiceConnections: [{ properties: { privateLinkServiceId: id, groupIds: [group] } }],
    });

  it('is refused for an account without custom subdomain', () => {
    const account = resource('Microsoft.CognitiveServices/accounts', 'a', {});
    const named = { ...account, properties: { customSubDomainName: 'a' } };
    const endpoint = endpointOf('pe', account.id, 'account');
    expect(refused([endpoint, account])).toContain('AccountCustomSubDomainNameNotSet: pe cannot be made');
    expect(refused([endpoint, named])).toBeUndefined();
  });

  it('is refused when the subnet is full: Azure keeps five of its eight addresses', () => {
    const three = ['a', 'b', 'c'].map((name) => endpointOf(name, '/vault', 'vault'));
    expect(refused([network, ...three])).toBeUndefined();
    expect(refused([network, ...three, endpointOf('d', '/vault', 'vault')])).toContain(
      'SubnetIsFull: d finds no address',
    );
  });
});

describe('the wait after azd deploy', () => {
  /** A clock that stands still, but for calls and pauses of this length. */
  function clock(callMs: number, pauseMs: number) {
    let time = 0;
    const passes = (ms: number): Promise<void> => {
      time += ms;
      return Promise.resolve();
    };
    return { now: () => time, call: () => passes(callMs), pause: () => passes(pauseMs) };
  }

  it('ends with the first answer that is 200', async () => {
    const statuses = [503, 404, 200, 500];
    const { now, pause } = clock(0, 3);
    const ask = () => Promise.resolve(statuses.shift() ?? 0);
    expect(await answers(ask, { patienceMs: 300, now, pause })).toBe(true);
    expect([statuses, now()]).toEqual([[500], 6]);
  });

  it.each([
    ['refused at once', 0],
    ['not answered before they are given up', 3],
  ])('ends after its time, when calls are %s', async (_, callMs) => {
    const { now, call, pause } = clock(callMs, 3);
    const ask = async (): Promise<number> => {
      await call();
      throw new Error('no answer');
    };
    expect(await answers(ask, { patienceMs: 300, now, pause })).toBe(false);
    expect(now()).toBeGreaterThanOrEqual(300);
    expect(now()).toBeLessThanOrEqual(303);
  });

  it('is left out where events are', () => {
    const FUNCTION_APP_URL = 'https://app.azurewebsites.net';
    expect(areEventsWanted({ FUNCTION_APP_URL })).toBe(true);
    expect(areEventsWanted({ FUNCTION_APP_URL, EVENTS: 'false' })).toBe(false);
    expect(areEventsWanted({ FUNCTION_APP_URL, PRIVATE_NETWORKING: 'true' })).toBe(false);
  });
});

it('no query in infra/ needs a table: rules and workbook are there before the first line has come', () => {
  const queries: string[] = [...BICEP.values()].flatMap((text) => findAll(text, /'''\n([\s\S]*?)'''/g));
  JSON.parse(read('infra/modules/workbook.json'), (key, value: unknown) => {
    if (key === 'query' && typeof value === 'string') queries.push(value);
    return value;
  });
  expect(queries.length).toBeGreaterThan(15);
  expect(queries.filter((query) => tablesRequiredBy(query).length > 0)).toEqual([]);
});
