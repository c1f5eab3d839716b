// Registers an HTTP function and turns whatever its handler throws into a problem document.
// It must not decide anything about accounts, and loads nothing but the programming model: a throw while entry files
// load would leave the app without functions.
import {
  app,
  type HttpMethod,
  type HttpRequest,
  type HttpResponseInit,
  type InvocationContext,
} from '@azure/functions';
import type { App } from '../compose.ts';
import { authorizationOf } from '../config/authorization.ts';
import type { Caller, Doorway } from '../http/authorize.ts';

/** What a caller must be allowed to do; see docs/http-api.md. */
export type Role =
  | 'Rotation.Read'
  | 'Rotation.Check'
  | 'Rotation.Operate'
  | 'Rotation.Emergency'
  | 'Rotation.Acknowledge';

/** `anyone`: open, also to strangers. `caller`: with Entra whoever is signed in, whatever the roles; else open. */
export type Access = Role | 'anyone' | 'caller';

export interface Call {
  readonly app: App;
  readonly request: HttpRequest;
  readonly context: InvocationContext;
  readonly caller: Caller;
}

export interface Endpoint {
  readonly methods: readonly HttpMethod[];
  /** Below the prefix `api/`. */
  readonly route: string;
  /** The least that each call of the endpoint needs; a handler may ask for more. */
  readonly role: Access;
  /** True for what can be answered whatever the settings are. */
  readonly isAnsweredWithoutSettings?: true;
  readonly handle: (call: Call) => Promise<HttpResponseInit>;
}

const registered = new Map<string, Endpoint>();

/** Every endpoint of this process by the name of its function. */
export function registeredEndpoints(): ReadonlyMap<string, Endpoint> {
  return registered;
}

export function registerEndpoint(name: string, endpoint: Endpoint): void {
  registered.set(name, endpoint);
  // Fixed when the app is indexed: this one setting is read at start, by a function that cannot fail. Whoever is let in
  // by the route is judged by the same word, so that an open route without our own check cannot be.
  const authorization = authorizationOf(process.env);
  app.http(name, {
    methods: [...endpoint.methods],
    route: endpoint.route,
    authLevel: authorization === 'entra' || isOpen(endpoint.role) ? 'anonymous' : 'function',
    handler: (request, context) => answer(endpoint, { authorization, environment: process.env }, request, context),
  });
}

function isOpen(role: Access): boolean {
  return role === 'anyone' || role === 'caller';
}

/** One call of an endpoint: who asks, then whether the settings are usable, then the handler. Never throws. */
export async function answer(
  endpoint: Endpoint,
  doorway: Doorway,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const { asProblem, authorize, getApp, refuseOtherSites, requireSettings } = await import('./handlers.ts');
  try {
    refuseOtherSites(request);
    const caller = authorize(doorway, request.headers, endpoint.role);
    const composed = getApp();
    if (endpoint.isAnsweredWithoutSettings !== true) requireSettings(composed);
    return await endpoint.handle({ app: composed, request, context, caller });
  } catch (error) {
    return asProblem(error, context);
  }
}
