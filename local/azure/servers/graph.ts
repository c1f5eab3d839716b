// Microsoft Graph as far as an application with a password goes: applications, their passwords, service principals.
// It shows a password once, when it is made.
import { randomUUID } from 'node:crypto';
import type { Application, Directory } from '../identity/directory.ts';
import type { TokenIssuer } from '../identity/tokens.ts';
import {
  type Answer,
  findRoute,
  json,
  type Params,
  type Plan,
  type Route,
  readJsonObject,
  retryAfter,
  type WireCall,
  type WireService,
} from './http.ts';

export interface GraphOptions {
  readonly directory: Directory;
  readonly tokens: TokenIssuer;
}

interface Operation {
  readonly name: string;
  handle(call: WireCall, params: Params): Answer;
}

const AUDIENCES = ['https://graph.microsoft.com', 'https://graph.microsoft.com/'];
const YEAR_MS = 365 * 86_400_000;

function graphError(status: number, code: string, message: string): Answer {
  const ids = { 'request-id': randomUUID(), 'client-request-id': randomUUID() };
  return json(status, { error: { code, message, innerError: { date: new Date().toISOString(), ...ids } } });
}

function notFound(id: string): Answer {
  const message = `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`;
  return graphError(404, 'Request_ResourceNotFound', message);
}

function applicationBody({ id, appId, displayName, passwords }: Application): object {
  const passwordCredentials = passwords.map((password) => ({
    keyId: password.keyId,
    displayName: password.displayName,
    hint: password.secret.slice(0, 3),
    secretText: null,
  }));
  return { id, appId, displayName, identifierUris: [], keyCredentials: [], passwordCredentials };
}

function principalBody({ appId, displayName, principalId }: Application): object {
  return {
    '@odata.type': '#microsoft.graph.servicePrincipal',
    id: principalId,
    appId,
    displayName,
    appDisplayName: displayName,
    servicePrincipalNames: [appId],
    servicePrincipalType: 'Application',
    accountEnabled: true,
  };
}

/** The filters of the Azure CLI. Undefined for any other: it must not look as if nothing matched. */
function filterOf(text: string | undefined): ((application: Application) => boolean) | undefined {
  if (text === undefined) return () => true;
  const equal = /^(appId|displayName) eq '([^']*)'$/.exec(text);
  if (equal !== null) {
    const [, field, value] = equal;
    return (application) => application[field as 'appId' | 'displayName'] === value;
  }
  const start = /^startswith\(displayName,\s*'([^']*)'\)$/.exec(text)?.[1];
  if (start !== undefined) return ({ displayName }) => displayName.startsWith(start);
  const name = /^servicePrincipalNames\/any\((\w+):\s*\1 eq '([^']*)'\)$/.exec(text)?.[2];
  return name === undefined ? undefined : ({ appId }) => appId === name;
}

function listOf(call: WireCall, applications: readonly Application[], body: (one: Application) => object): Answer {
  const filter = filterOf(call.query.get('$filter'));
  if (filter === undefined) return graphError(400, 'Request_UnsupportedQuery', 'Unsupported or invalid query filter.');
  return json(200, { value: applications.filter(filter).map(body) });
}

function addPassword(directory: Directory, call: WireCall, application: Application): Answer {
  const { passwordCredential = {} } = (readJsonObject(call.body) ?? {}) as {
    readonly passwordCredential?: { readonly displayName?: string; readonly endDateTime?: string };
  };
  const { displayName = '', endDateTime = new Date(Date.now() + YEAR_MS).toISOString() } = passwordCredential;
  const { keyId, secret } = directory.addPassword(application, displayName);
  return json(200, { keyId, displayName, endDateTime, hint: secret.slice(0, 3), secretText: secret });
}

function makePrincipal(directory: Directory, call: WireCall): Answer {
  const { appId } = readJsonObject(call.body) ?? {};
  const application = directory.byClientId(String(appId));
  if (application === undefined) {
    const message = `The appId '${String(appId)}' of the service principal does not reference a valid application object.`;
    return graphError(400, 'Request_BadRequest', message);
  }
  if (application.principalId !== undefined) {
    const message = `The service principal cannot be created: the service principal name ${application.appId} is already in use.`;
    return graphError(409, 'Request_MultipleObjectsWithSameKeyValue', message);
  }
  application.principalId = randomUUID();
  return json(201, principalBody(application));
}

function routesOf({ directory }: GraphOptions): Route<Operation>[] {
  const route = (method: string, path: string, name: string, handle: Operation['handle']): Route<Operation> => ({
    method,
    pattern: `v1.0/${path}`,
    handler: { name, handle },
  });
  const withApplication =
    (act: (application: Application, call: WireCall) => Answer): Operation['handle'] =>
    (call, { id = '' }) => {
      const application = directory.byId(id);
      return application === undefined ? notFound(id) : act(application, call);
    };
  const remove = ({ id }: Application): Answer => {
    directory.remove(id);
    return { status: 204, headers: {} };
  };
  const register: Operation['handle'] = (call) => {
    const { displayName } = readJsonObject(call.body) ?? {};
    if (typeof displayName !== 'string') return graphError(400, 'Request_BadRequest', 'The displayName is missing.');
    return json(201, applicationBody(directory.register(displayName)));
  };
  const principals = (): Application[] => directory.applications.filter((one) => one.principalId !== undefined);
  const me = '/me request is only valid with delegated authentication flow.';
  return [
    route('GET', 'me', 'getMe', () => graphError(400, 'BadRequest', me)),
    route('GET', 'applications', 'listApplications', (call) => listOf(call, directory.applications, applicationBody)),
    route('POST', 'applications', 'createApplication', register),
    route(
      'GET',
      'applications/:id',
      'getApplication',
      withApplication((one) => json(200, applicationBody(one))),
    ),
    route('DELETE', 'applications/:id', 'deleteApplication', withApplication(remove)),
    route(
      'POST',
      'applications/:id/addPassword',
      'addPassword',
      withApplication((application, call) => addPassword(directory, call, application)),
    ),
    route('GET', 'servicePrincipals', 'listPrincipals', (call) => listOf(call, principals(), principalBody)),
    route('GET', 'servicePrincipals/:id', 'getPrincipal', (_call, { id = '' }) => {
      const application = directory.byPrincipal(id);
      return application === undefined ? notFound(id) : json(200, principalBody(application));
    }),
    route('POST', 'servicePrincipals', 'createPrincipal', (call) => makePrincipal(directory, call)),
  ];
}

export function createGraph(options: GraphOptions): WireService {
  const routes = routesOf(options);
  const plan = (call: WireCall): Plan => {
    const found = findRoute(routes, call.method, call.segments);
    const run = (): Answer => {
      const check = options.tokens.check(call.headers.authorization, (audience) => AUDIENCES.includes(audience));
      if (check.state !== 'valid') {
        return graphError(401, 'InvalidAuthenticationToken', 'Access token validation failure. Invalid audience.');
      }
      if (found === undefined) {
        return graphError(400, 'BadRequest', `Resource not found for the segment '${call.segments[1] ?? ''}'.`);
      }
      return found.handler.handle(call, found.params);
    };
    return { operation: found?.handler.name ?? 'unknown', run };
  };
  return {
    service: 'graph',
    plan,
    throttled: (seconds) => {
      const answer = graphError(429, 'TooManyRequests', 'Too many requests.');
      return { ...answer, headers: { ...answer.headers, ...retryAfter(seconds) } };
    },
    failed: (status) => graphError(status, 'UnknownError', 'An error occurred.'),
  };
}
