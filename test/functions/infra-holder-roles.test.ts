// Holds the opt-in roles for holders against the calls of the adapters, against Azure's list of operations and against
// docs/permissions.md: each role allows the calls of its kind, and of Azure's operations no others than those named here.
import { describe, expect, it } from 'vitest';
import { neededFor } from '../../src/azure/client/permissions.ts';
import { HOLDER_KINDS, type HolderKind } from '../../src/holders/model.ts';
import type { ServiceName } from '../../src/rotation/errors.ts';
import { BICEP, findAll, read } from './infra-files.ts';

const WEB = 'Microsoft.Web/sites';
const RESOURCES = 'Microsoft.Resources/subscriptions';
const API = 'Microsoft.ApiManagement/service';
const ACCOUNTS = 'Microsoft.CognitiveServices/accounts';
const SEARCH = 'Microsoft.Search/searchServices';

/**
 * Operations that Azure lists (the pages of permissions in MicrosoftDocs/azure-docs), as far as a pattern of the roles
 * could cover them. Projects and connections are on the page on roles for Foundry, in part as patterns. Azure refuses a
 * role with an action or `notAction` that covers no operation.
 */
const LISTED: readonly string[] = [
  `${RESOURCES}/resources/read`,
  `${RESOURCES}/resourceGroups/resources/read`,
  ...['', '/slots'].flatMap((slot) =>
    [
      'read',
      'write',
      'delete',
      'restart/action',
      'stop/action',
      'publishxml/action',
      'config/read',
      'config/write',
      'config/delete',
      'config/list/action',
      'config/appsettings/read',
      'config/snapshots/read',
      'config/snapshots/listsecrets/action',
      'config/web/connectionstrings/read',
      'config/web/connectionstrings/write',
    ].map((name) => `${WEB}${slot}/${name}`),
  ),
  `${WEB}/slots/config/validateupgradepath/action`,
  ...['read', 'write', 'delete', 'namedValues/read', 'namedValues/write', 'namedValues/delete'].map(
    (name) => `${API}/${name}`,
  ),
  `${API}/namedValues/listValue/action`,
  `${API}/namedValues/refreshSecret/action`,
  ...['read', 'write', 'delete', 'listKeys/action', 'regenerateKey/action', 'deployments/delete'].map(
    (name) => `${ACCOUNTS}/${name}`,
  ),
  ...['projects/read', 'projects/write', 'projects/delete'].map((name) => `${ACCOUNTS}/${name}`),
  ...['connections', 'projects/connections'].flatMap((name) =>
    ['read', 'write'].map((verb) => `${ACCOUNTS}/${name}/${verb}`),
  ),
  ...['', 'skillsets/', 'indexes/', 'dataSources/', 'indexers/'].flatMap((name) =>
    ['read', 'write', 'delete'].map((verb) => `${SEARCH}/${name}${verb}`),
  ),
  `${SEARCH}/listAdminKeys/action`,
];

/** Names that the adapters' calls are assumed to have. */
const ASSUMED: readonly string[] = [
  `${WEB}/config/refresh/action`,
  `${WEB}/config/appsettings/action`,
  `${WEB}/config/appsettings/refresh/action`,
  `${WEB}/slots/config/refresh/action`,
  `${WEB}/slots/config/appsettings/action`,
  `${WEB}/slots/config/appsettings/refresh/action`,
  `${ACCOUNTS}/connections/listSecrets/action`,
  `${ACCOUNTS}/projects/connections/listSecrets/action`,
  `${ACCOUNTS}/connections/delete`,
  `${ACCOUNTS}/projects/connections/delete`,
];

/** The operations in the adapters' files, and the service that their class of errors names. */
const ADAPTERS: Readonly<Record<HolderKind, readonly string[]>> = {
  appServiceReference: [
    'arm listSites',
    'arm getSite',
    'arm listReferences',
    'arm refreshReferences',
    'arm restartSite',
  ],
  appServiceSetting: ['arm listSites', 'arm getSite', 'arm listSettings'],
  namedValue: [
    'arm listApiServices',
    'arm listNamedValues',
    'arm getNamedValue',
    'arm listNamedValue',
    'arm refreshNamedValue',
    'arm updateNamedValue',
  ],
  foundryConnection: [
    'arm listFoundryAccounts',
    'arm listProjects',
    'arm listConnections',
    'arm getConnection',
    'arm updateConnection',
    'arm listConnectionSecrets',
    'arm listProjectConnections',
    'arm getProjectConnection',
    'arm updateProjectConnection',
    'arm listProjectConnectionSecrets',
  ],
  searchKey: [
    'arm listSearchServices',
    'arm getSearchService',
    'dataPlane listSkillsets',
    'dataPlane getSkillset',
    'dataPlane listIndexes',
    'dataPlane getIndex',
  ],
};

interface Role {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

const module = BICEP.get('infra/modules/holder-role.bicep') ?? '';

function roleOf(kind: HolderKind): Role {
  const block = new RegExp(`^ {2}${kind}: \\{\\n([\\s\\S]*?)^ {2}\\}`, 'm').exec(module)?.[1] ?? '';
  const list = (name: string): readonly string[] =>
    [...(new RegExp(` ${name}: \\[([^\\]]*)\\]`).exec(block)?.[1] ?? '').matchAll(/'([^']+)'/g)].map(
      ([, one = '']) => one,
    );
  return { actions: list('actions'), notActions: list('notActions') };
}

/** Ignores case; an asterisk stands for any text, slashes included. */
function covers(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.]/g, '\\.'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(name);
}

function allows({ actions, notActions }: Role, name: string): boolean {
  return actions.some((one) => covers(one, name)) && !notActions.some((one) => covers(one, name));
}

/** What a refusal of the operation says is missing. The second of two permissions may be written shortened. */
function neededNames(operation: string): readonly string[] {
  const [service, name = ''] = operation.split(' ');
  const { permission } = neededFor(service as ServiceName, name);
  return permission
    .replace(/ \(.*\)$/, '')
    .split(' and ')
    .map((one) => (one.startsWith('sites/') ? `Microsoft.Web/${one}` : one));
}

describe.each(HOLDER_KINDS)('the role for %s', (kind) => {
  const role = roleOf(kind);

  it('has no action that Azure would refuse: each covers an operation of the list', () => {
    expect(role.actions.length).toBeGreaterThan(2);
    const unknown = [...role.actions, ...role.notActions].filter((one) => !LISTED.some((name) => covers(one, name)));
    expect(unknown).toEqual([]);
  });

  it('allows every call of its adapter', () => {
    const needed = ADAPTERS[kind].flatMap(neededNames).map((name) => name.replace('/*/', '/refresh/'));
    expect(needed.length).toBeGreaterThan(3);
    expect(needed.filter((name) => !allows(role, name))).toEqual([]);
  });

  it('has a row in docs/permissions.md for each action, which says how certain it is', () => {
    const section = read('docs/permissions.md').split('## Roles for holders')[1]?.split('\n## ')[0] ?? '';
    const part = section.split('\n### ').find((text) => text.includes(`(\`${kind}\`)`)) ?? '';
    const rows = [...part.matchAll(/^\| ([a-z]+) \| `([^`]+)` \|/gm)].map(([, certainty, name]) => [name, certainty]);
    const expected = [
      ...role.actions.map((name) => [name, name.includes('*') ? 'wildcard' : 'listed']),
      ...role.notActions.map((name) => [name, 'without']),
    ];
    expect(rows.toSorted()).toEqual(expected.toSorted());
    expect(part).toContain('It can never');
  });
});

describe('the roles for holders', () => {
  it('are one for each kind, with no data action', () => {
    expect(findAll(module, /^ {2}(\w+): \{$/gm).filter((name) => name !== 'properties')).toEqual(
      [...HOLDER_KINDS].toSorted(),
    );
    expect(findAll(module, /(\w*[dD]ataActions: \[[^\]]*\])/g)).toEqual(['dataActions: []', 'notDataActions: []']);
    const [kinds = ''] = findAll(BICEP.get('infra/grant-holders.bicep') ?? '', /^var kinds = \[([^\]]+)\]/gm);
    expect(kinds.split(', ')).toEqual(HOLDER_KINDS.map((kind) => `'${kind}'`));
  });

  it('know every operation of the adapters', () => {
    const inFile = (name: string): readonly string[] =>
      findAll(read(`src/azure/holders/${name}.ts`), /'((?:list|get|refresh|update|restart)[A-Z]\w+)'/g);
    const files = ['sites', 'app-service', 'api-management', 'foundry-connections', 'search-keys'];
    const known = Object.values(ADAPTERS).flatMap((list) => list.map((one) => one.split(' ')[1]));
    expect(files.flatMap(inFile).filter((name) => !known.includes(name))).toEqual([]);
  });

  /** Those that a role allows beyond its calls would be here. */
  it.each<readonly [HolderKind, readonly string[]]>([
    [
      'appServiceReference',
      [
        `${RESOURCES}/resources/read`,
        `${RESOURCES}/resourceGroups/resources/read`,
        ...['', '/slots'].flatMap((slot) =>
          ['read', 'restart/action', 'config/read', 'config/appsettings/read'].map((name) => `${WEB}${slot}/${name}`),
        ),
      ],
    ],
    [
      'appServiceSetting',
      [
        `${RESOURCES}/resources/read`,
        `${RESOURCES}/resourceGroups/resources/read`,
        ...['', '/slots'].flatMap((slot) => ['read', 'config/list/action'].map((name) => `${WEB}${slot}/${name}`)),
      ],
    ],
    [
      'namedValue',
      [
        `${API}/read`,
        `${API}/namedValues/read`,
        `${API}/namedValues/write`,
        `${API}/namedValues/listValue/action`,
        `${API}/namedValues/refreshSecret/action`,
      ],
    ],
    [
      'foundryConnection',
      [
        `${ACCOUNTS}/read`,
        `${ACCOUNTS}/projects/read`,
        ...['connections', 'projects/connections'].flatMap((name) =>
          ['read', 'write'].map((verb) => `${ACCOUNTS}/${name}/${verb}`),
        ),
      ],
    ],
    ['searchKey', [`${SEARCH}/read`, `${SEARCH}/skillsets/read`, `${SEARCH}/indexes/read`]],
  ])('the role for %s allows these operations of the list, and no others', (kind, expected) => {
    const role = roleOf(kind);
    expect(LISTED.filter((name) => allows(role, name)).toSorted()).toEqual(expected.toSorted());
    const assumed = ASSUMED.filter((name) => allows(role, name));
    expect(assumed.filter((name) => name.endsWith('/delete'))).toEqual([]);
    expect(assumed).toHaveLength({ appServiceReference: 6, foundryConnection: 2 }[kind as string] ?? 0);
  });
});
