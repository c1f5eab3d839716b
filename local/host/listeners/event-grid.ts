// Serves the webhook of the Event Grid extension: the validation handshakes of both schemas, and notifications. Each
// event is one invocation, in parallel. One failure makes the whole delivery 500, so that Event Grid sends all of it
// again.

import type { RegisteredFunction } from '../app/app-registry.ts';
import type { Invoker } from '../app/invoke.ts';
import type { AccessCheck } from './access-keys.ts';
import type { WebAnswer, WebHandler, WebRequest } from './web-server.ts';

const PATH = '/runtime/webhooks/eventgrid';

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** Returns the code of a validation request. In the CloudEvents flavour `data` is JSON within JSON. */
function validate(request: WebRequest): WebAnswer {
  const body = parse(request.body.toString());
  const data = property(Array.isArray(body) ? body[0] : body, 'data');
  const code = property(typeof data === 'string' ? parse(data) : data, 'validationCode');
  if (typeof code !== 'string') return { status: 500 };
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ validationResponse: code }),
  };
}

/** The CloudEvents handshake: every sender is allowed. */
function allowOrigin(request: WebRequest): WebAnswer {
  const origin = request.headers['webhook-request-origin'];
  if (origin === undefined) return { status: 400 };
  return {
    status: 200,
    headers: { 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '120', allow: 'POST' },
  };
}

async function notify(request: WebRequest, fn: RegisteredFunction, invoker: Invoker): Promise<WebAnswer> {
  const body = parse(request.body.toString());
  if (typeof body !== 'object' || body === null) return { status: 500 };
  const events: readonly unknown[] = Array.isArray(body) ? body : [body];
  const outcomes = await Promise.all(
    events.map((event) =>
      invoker.invoke(fn, {
        data: { json: JSON.stringify(event) },
        metadata: { data: { json: JSON.stringify(property(event, 'data') ?? null) } },
      }),
    ),
  );
  if (outcomes.every(({ status }) => status === 'succeeded')) return { status: 202 };
  return { status: 500, body: `Exception while executing function: Functions.${fn.name}` };
}

export function createEventGridHandler(
  functions: readonly RegisteredFunction[],
  invoker: Invoker,
  isAllowed: AccessCheck,
): WebHandler {
  return async (request) => {
    if (request.url.pathname.toLowerCase() !== PATH) return undefined;
    if (!isAllowed(request, { system: 'eventgrid_extension' })) return { status: 401 };
    const name = request.url.searchParams.get('functionName') ?? '';
    const fn = functions.find((candidate) => candidate.name === name);
    if (fn === undefined) return { status: 404, body: `cannot find function: '${name}'` };
    if (request.method === 'OPTIONS') return allowOrigin(request);
    switch (request.headers['aeg-event-type']?.toLowerCase() ?? '') {
      case 'subscriptionvalidation':
        return validate(request);
      case 'notification':
        return await notify(request, fn, invoker);
      case 'unsubscribe':
        return { status: 202 };
    }
    return { status: 400 };
  };
}
