// Projects and connections of Azure AI Foundry in Azure Resource Manager. A connection is shown without its key;
// `listSecrets` shows it, unless a knob says otherwise.
import type { Connection, ConnectionContent } from '../../holders/connections.ts';
import type { Holders } from '../../holders/holders.ts';
import { accountIdOf, type World } from '../../world/world.ts';
import { type Answer, type Params, type Route, readJsonObject, readStrings, type WireCall } from '../http.ts';
import { armError, type Handler, type Operation, success } from './answers.ts';
import { pageOf } from './pages.ts';

export interface ConnectionOptions {
  readonly holders: Holders;
  readonly world: World;
  readonly origin: () => string;
}

const VERSIONS = ['2025-06-01', '2025-09-01'];
const ACCOUNT = 'subscriptions/:sub/resourceGroups/:rg/providers/Microsoft.CognitiveServices/accounts/:name';

function accountIdIn({ sub = '', rg = '', name = '' }: Params): string {
  return accountIdOf({ subscriptionId: sub, resourceGroup: rg, name });
}

/** The account, or its project. */
function parentIdOf(params: Params): string {
  const { project } = params;
  return project === undefined ? accountIdIn(params) : `${accountIdIn(params)}/projects/${project}`;
}

function notFound(type: string, name: string): Answer {
  return armError(404, 'ResourceNotFound', `The Resource '${type}/${name}' was not found.`);
}

function bodyOf({ id, name, authType, category, target, metadata, isSharedToAll = false }: Connection): object {
  const isOfProject = id.includes('/projects/');
  return {
    id,
    name,
    type: `Microsoft.CognitiveServices/accounts/${isOfProject ? 'projects/' : ''}connections`,
    properties: { authType, category, target, group: 'AzureAI', isSharedToAll, metadata: metadata ?? {}, error: null },
  };
}

/** Undefined without the required properties. */
function contentIn(call: WireCall): ConnectionContent | undefined {
  const { properties } = readJsonObject(call.body) ?? {};
  const { authType, category, target, isSharedToAll, credentials, metadata } = (properties ?? {}) as Record<
    string,
    unknown
  >;
  if (typeof authType !== 'string' || typeof category !== 'string' || typeof target !== 'string') return undefined;
  const key = readStrings(credentials)?.['key'];
  return {
    authType,
    category,
    target,
    isSharedToAll: isSharedToAll === true,
    metadata: readStrings(metadata) ?? {},
    ...(key === undefined ? {} : { key }),
  };
}

/** The routes of connections below one kind of parent: an account, or a project. */
function routesBelow(options: ConnectionOptions, parent: string, kind: '' | 'Project'): Route<Operation>[] {
  const { holders, world } = options;
  const { foundry } = holders;
  const exists = (params: Params): boolean => {
    const hasAccount = world.accounts.has(accountIdIn(params).toLowerCase());
    return hasAccount && (kind === '' || foundry.projects.has(parentIdOf(params).toLowerCase()));
  };
  const list: Handler = (call, params) => {
    if (!exists(params))
      return notFound('Microsoft.CognitiveServices/accounts', params['project'] ?? params['name'] ?? '');
    const page = { origin: options.origin, pageSize: holders.pageSize };
    return pageOf(call, foundry.all(parentIdOf(params)), page, bodyOf);
  };
  const within =
    (act: (call: WireCall, connection: Connection, parentId: string) => Answer): Handler =>
    (call, params) => {
      const { connection: name = '' } = params;
      const found = exists(params) ? foundry.find(parentIdOf(params), name) : undefined;
      if (found === undefined) return notFound('Microsoft.CognitiveServices/accounts/connections', name);
      return act(call, found, parentIdOf(params));
    };
  const update = within((call, { name }, parentId) => {
    const content = contentIn(call);
    if (content === undefined) return armError(400, 'ValidationError', 'authType, category and target are required.');
    return success(call, bodyOf(foundry.put(parentId, name, content)));
  });
  const listSecrets = within((call, connection) => {
    if (foundry.secrets === 'unknown') return armError(404, 'NotFound', `No route matches '${call.path}'.`);
    const body = bodyOf(connection) as { readonly properties: object };
    const credentials = foundry.secrets === 'blanked' ? null : { key: connection.key };
    return success(call, { ...body, properties: { ...body.properties, credentials } });
  });
  const route = (method: string, path: string, name: string, handle: Handler): Route<Operation> => ({
    method,
    pattern: `${parent}/connections${path}`,
    handler: { name, versions: VERSIONS, scope: parentIdOf, handle },
  });
  return [
    route('GET', '', `list${kind}Connections`, list),
    route(
      'GET',
      '/:connection',
      `get${kind}Connection`,
      within((call, one) => success(call, bodyOf(one))),
    ),
    route('PATCH', '/:connection', `update${kind}Connection`, update),
    route('POST', '/:connection/listSecrets', `list${kind}ConnectionSecrets`, listSecrets),
  ];
}

export function connectionRoutes(options: ConnectionOptions): Route<Operation>[] {
  const { holders, world, origin } = options;
  const listProjects: Handler = (call, params) => {
    const id = parentIdOf(params);
    if (!world.accounts.has(id.toLowerCase()))
      return notFound('Microsoft.CognitiveServices/accounts', params['name'] ?? '');
    const projects = holders.foundry.projectsOf(id);
    // The name of a nested resource has its parent's before it.
    return pageOf(call, projects, { origin, pageSize: holders.pageSize }, (project) => ({
      id: project,
      name: `${params['name'] ?? ''}/${project.slice(project.lastIndexOf('/') + 1)}`,
      type: 'Microsoft.CognitiveServices/accounts/projects',
    }));
  };
  return [
    {
      method: 'GET',
      pattern: `${ACCOUNT}/projects`,
      handler: { name: 'listProjects', versions: VERSIONS, handle: listProjects },
    },
    ...routesBelow(options, ACCOUNT, ''),
    ...routesBelow(options, `${ACCOUNT}/projects/:project`, 'Project'),
  ];
}
