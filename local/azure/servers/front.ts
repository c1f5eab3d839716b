// The front of every service: reads the request, applies the faults, runs it, answers and logs.
// No other file does any of these, so each fault means the same at each service.
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WireFault } from '../local-azure.ts';
import type { RequestLog } from '../request-log.ts';
import type { FaultRules } from '../world/faults.ts';
import type { Limits } from '../world/limits.ts';
import { type Answer, type Plan, Query, segmentsOf, type WireCall, type WireService } from './http.ts';

export interface FrontOptions {
  readonly faults: FaultRules;
  readonly limits: Limits;
  readonly log: RequestLog;
  readonly latencyMs: number;
  readonly attribute: ((target: string, body: string) => string | undefined) | undefined;
  readonly now: () => number;
  /** Ends every wait when the local Azure closes. */
  readonly signal: AbortSignal;
}

export interface Listening {
  readonly port: number;
  readonly close: () => Promise<void>;
}

const KEEP_ALIVE_MS = 120_000;
const BODY_BYTES_MAXIMUM = 8 * 1024 * 1024;
const BODILESS_STATUS = [204, 304];
const CALLER = /(?:^|\s)application\/([\w.-]+)/i;

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_BYTES_MAXIMUM) throw new Error('The body of the request is too long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A loopback address as Azure would see it: `127.0.0.N` is `203.0.113.N`, which no real machine has (RFC 5737). */
function publicAddressOf(remote: string): string {
  return remote.replace(/^(?:::ffff:)?127\.0\.0\./, '203.0.113.');
}

/** Undefined when the path cannot be decoded. */
function callOf(request: IncomingMessage, body: Buffer): WireCall | undefined {
  const target = request.url ?? '/';
  const [path = '/', ...search] = target.split('?');
  const segments = segmentsOf(path);
  if (segments === undefined) return undefined;
  const { method = 'GET', headers, rawHeaders, socket: connection } = request;
  const query = new Query(search.join('?'));
  const address = publicAddressOf(connection.remoteAddress ?? '');
  return { method, target, path, segments, query, headers, rawHeaders, body, address, connection };
}

function write(response: ServerResponse, method: string, answer: Answer): void {
  if (answer.reason !== undefined) response.statusMessage = answer.reason;
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers)) {
    response.setHeader(name, typeof value === 'string' ? value : [...value]);
  }
  if (method === 'HEAD' || BODILESS_STATUS.includes(answer.status)) response.end();
  else response.end(answer.body ?? '');
}

function answerAsGiven(fault: Extract<WireFault, { kind: 'answer' }>): Answer {
  const { status, body, contentType = 'application/json; charset=utf-8', headers = {} } = fault;
  if (body === undefined) return { status, headers };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers: { 'content-type': contentType, ...headers }, body: text };
}

/** Runs a plan under a fault; undefined when the connection must be cut. */
async function runUnder(fault: WireFault | undefined, plan: Plan, service: WireService, signal: AbortSignal) {
  switch (fault?.kind) {
    case undefined:
      return plan.run();
    case 'refuse':
      return undefined;
    case 'delay': {
      const answer = await plan.run();
      await sleep(fault.ms, undefined, { signal });
      return answer;
    }
    case 'throttle':
      return service.throttled(fault.retryAfterSeconds);
    case 'serverError':
      return service.failed(fault.status);
    case 'answer':
      return answerAsGiven(fault);
    case 'applyThenCut':
      await plan.run();
      return undefined;
    case 'landLate':
      // No caller waits for the result. If the local Azure closes first, the effect never happens.
      sleep(fault.ms, undefined, { signal })
        .then(() => plan.run())
        .catch(() => undefined);
      return undefined;
  }
}

/** Runs a plan if the limits of the service let it. A challenge is not counted, because it names no principal. */
async function runWithin(limits: Limits, call: WireCall, plan: Plan, service: WireService): Promise<Answer> {
  if (plan.isChallenge === true) return plan.run();
  const admission = limits.take(service.service, call);
  if (!admission.isAdmitted) return service.throttled(admission.retryAfterSeconds);
  const answer = await plan.run();
  return { ...answer, headers: { ...answer.headers, ...admission.headers } };
}

async function answerOf(
  service: WireService,
  call: WireCall,
  plan: Plan,
  options: FrontOptions,
): Promise<Answer | undefined> {
  // The client makes the challenge by itself: the fault is meant for the request that follows it.
  const target = { service: service.service, operation: plan.operation, account: plan.account };
  const fault = plan.isChallenge === true ? undefined : options.faults.take(target);
  // Half before and half after the effect: a caller that dies while it waits may or may not have had its effect.
  if (options.latencyMs > 0) await sleep(options.latencyMs / 2, undefined, { signal: options.signal });
  const limited = { ...plan, run: () => runWithin(options.limits, call, plan, service) };
  const answer = await runUnder(fault, limited, service, options.signal);
  if (options.latencyMs > 0) await sleep(options.latencyMs / 2, undefined, { signal: options.signal });
  return answer;
}

async function serve(service: WireService, options: FrontOptions, request: IncomingMessage, response: ServerResponse) {
  const at = options.now();
  const call = callOf(request, await readBody(request));
  if (call === undefined) {
    write(response, 'GET', { status: 400, headers: {} });
    return;
  }
  const plan = service.plan(call);
  const { operation, account, isChallenge = false } = plan;
  let answer: Answer | undefined;
  try {
    answer = await answerOf(service, call, plan, options);
  } catch (error) {
    // Aborted waits end with a cut connection. Any other error is a defect of this server and must be seen.
    if (!options.signal.aborted) {
      console.error(`The local Azure failed at ${service.service} ${operation}:`, error);
      answer = service.failed(500);
    }
  }
  const caller = CALLER.exec(call.headers['user-agent'] ?? '')?.[1];
  const { method, path } = call;
  const about = account ?? options.attribute?.(decodeURIComponent(call.target), call.body.toString());
  const status = answer?.status ?? 0;
  if (answer === undefined) response.destroy();
  else write(response, method, answer);
  options.log.add({
    at,
    service: service.service,
    method,
    path,
    operation,
    caller,
    account: about,
    status,
    isChallenge,
  });
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      reject(isTaken ? new Error(`Port ${port} cannot be used: it is taken or not allowed.`, { cause: error }) : error);
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Starts one service. Without `tls`: plain http. `port` 0: a free one. Rejects with one sentence if it is taken. */
export async function startFront(
  service: WireService,
  port: number,
  options: FrontOptions,
  tls?: { readonly key: string; readonly cert: string },
): Promise<Listening> {
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    // Only a client that went away or sent nonsense gets here: it gets no answer.
    serve(service, options, request, response).catch(() => response.destroy());
  };
  const server = tls === undefined ? createPlainServer(handle) : createTlsServer(tls, handle);
  // As long as a service of Azure keeps an idle connection: the server must not close it just before the next request.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const listening = await listen(server, port);
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port: listening, close };
}
