// Serves the functions with an HTTP trigger: finds the function by route and method, checks its key, invokes it and
// turns its response into an answer. As in the real host, routes are tried in the order of function names, and the
// first match wins even if a later one fits better. A wrong method is 404, not 405, there too.

import type { RegisteredFunction } from '../app/app-registry.ts';
import type { Invoker, TriggerInput } from '../app/invoke.ts';
import type { RpcHttpCookie, RpcHttpData, RpcTypedData } from '../rpc.ts';
import type { AccessCheck, RequiredKey } from './access-keys.ts';
import { compileRoute, type Route, type RouteParameters } from './route.ts';
import type { WebAnswer, WebHandler, WebRequest } from './web-server.ts';

/** The endpoint of one function. `template` is the whole path, prefix included, for show. */
export interface HttpEndpoint {
  readonly fn: RegisteredFunction;
  readonly methods: readonly string[];
  readonly template: string;
  readonly route: Route;
  readonly required: RequiredKey;
}

function requiredKey(level: unknown): RequiredKey {
  switch (typeof level === 'string' ? level.toLowerCase() : 'function') {
    case 'anonymous':
      return 'anonymous';
    case 'admin':
      return 'admin';
  }
  return 'function';
}

/** Makes the endpoint of `fn`. Throws with a sentence when its route cannot be understood. */
export function createEndpoint(fn: RegisteredFunction, routePrefix: string): HttpEndpoint {
  const { route, methods, authLevel } = fn.trigger;
  const template = typeof route === 'string' ? route.replace(/^\/+/, '') : fn.name;
  return {
    fn,
    methods: Array.isArray(methods) ? methods.map((method) => String(method).toUpperCase()) : [],
    template: [routePrefix, template].filter((part) => part !== '').join('/'),
    route: compileRoute(routePrefix, template),
    required: requiredKey(authLevel),
  };
}

function find(endpoints: readonly HttpEndpoint[], request: WebRequest) {
  for (const endpoint of endpoints) {
    if (endpoint.methods.length > 0 && !endpoint.methods.includes(request.method)) continue;
    const params = endpoint.route(request.url.pathname);
    if (params !== undefined) return { endpoint, params };
  }
  return undefined;
}

function toRpcRequest({ method, url, headers, body }: WebRequest, params: RouteParameters): RpcHttpData {
  const query: Record<string, string> = {};
  for (const name of new Set(url.searchParams.keys())) query[name] = url.searchParams.getAll(name).join(',');
  return { method, url: url.href, headers, params, query, body: body.length > 0 ? { bytes: body } : undefined };
}

/** The request of a run by hand: the input is its body. */
export function manualRequest({ methods: [method = 'POST'], template }: HttpEndpoint, input: string): TriggerInput {
  const http = { method, url: `http://localhost/${template}`, headers: {}, params: {}, query: {} };
  return { data: { http: { ...http, body: input === '' ? undefined : { bytes: Buffer.from(input) } } } };
}

function writeCookie(cookie: RpcHttpCookie): string {
  const parts = [`${cookie.name}=${encodeURIComponent(cookie.value)}`];
  const expires = cookie.expires?.value?.seconds;
  if (cookie.domain?.value !== undefined) parts.push(`Domain=${cookie.domain.value}`);
  if (cookie.path?.value !== undefined) parts.push(`Path=${cookie.path.value}`);
  if (expires !== undefined) parts.push(`Expires=${new Date(expires * 1000).toUTCString()}`);
  if (cookie.maxAge?.value !== undefined) parts.push(`Max-Age=${cookie.maxAge.value}`);
  if (cookie.secure?.value === true) parts.push('Secure');
  if (cookie.httpOnly?.value === true) parts.push('HttpOnly');
  if (cookie.sameSite === 'lax') parts.push('SameSite=Lax');
  if (cookie.sameSite === 'strict') parts.push('SameSite=Strict');
  if (cookie.sameSite === 'explicitNone') parts.push('SameSite=None');
  return parts.join('; ');
}

function toAnswer(value: RpcTypedData | null | undefined): WebAnswer {
  const http = value?.http;
  if (http === undefined) return { status: 204 };
  const cookies = http.cookies ?? [];
  return {
    status: Number(http.statusCode ?? 200),
    headers: { ...http.headers, ...(cookies.length > 0 ? { 'set-cookie': cookies.map(writeCookie) } : {}) },
    body: http.body?.bytes ?? http.body?.string ?? '',
  };
}

export function createHttpHandler(
  endpoints: readonly HttpEndpoint[],
  invoker: Invoker,
  isAllowed: AccessCheck,
): WebHandler {
  return async (request) => {
    const found = find(endpoints, request);
    if (found === undefined) return undefined;
    const { fn, required } = found.endpoint;
    if (!isAllowed(request, required)) return { status: 401 };
    const outcome = await invoker.invoke(fn, {
      data: { http: toRpcRequest(request, found.params) },
      traceParent: request.headers['traceparent'],
    });
    return outcome.status === 'succeeded' ? toAnswer(outcome.response.returnValue) : { status: 500 };
  };
}
