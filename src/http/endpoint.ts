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

/** What a caller must be allowed to do; see docs/http-api.md. */
export type Role =
  | 'Rotation.Read'
  | 'Rotation.Check'
  | 'Rotation.Operate'
  | 'Rotation.Emergency'
  | 'Rotation.Acknowledge';

export interface Call {
  readonly app: App;
  readonly request: HttpRequest;
  readonly context: InvocationContext;
  /** Who asks, for the history. */
  readonly by: string;
}

export interface Endpoint {
  readonly methods: readonly HttpMethod[];
  /** Below the prefix `api/`. */
  readonly route: string;
  readonly role: Role;
  readonly handle: (call: Call) => Promise<HttpResponseInit>;
}

export function registerEndpoint(name: string, endpoint: Endpoint): void {
  app.http(name, {
    methods: [...endpoint.methods],
    route: endpoint.route,
    // Fixed when the app is indexed: this one setting is read at start, by a function that cannot fail.
    authLevel: authorizationOf(process.env) === 'entra' ? 'anonymous' : 'function',
    handler: (request, context) => answer(endpoint, request, context),
  });
}

async function answer(endpoint: Endpoint, request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const { getApp } = await import('../compose.ts');
  const { asProblem, requireSettings } = await import('./guard.ts');
  try {
    const composed = getApp();
    requireSettings(composed);
    return await endpoint.handle({ app: composed, request, context, by: 'function key' });
  } catch (error) {
    return asProblem(error, context);
  }
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpResponseInit {
  return {
    status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}
