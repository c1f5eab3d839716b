// A transparent proxy before Azurite's tables, queues and blobs, so that requests are logged and can be made to fail.
// It must not change a request or an answer: Azurite checks the signature over both path and headers.
import { type IncomingMessage, request as startRequest } from 'node:http';
import { type Answer, json, type Plan, retryAfter, type WireCall, type WireService } from './http.ts';

export interface AzuriteProxyOptions {
  /** Where Azurite's service listens. */
  readonly port: number;
}

const TIMEOUT_MS = 30_000;
/** Headers that hold for one connection only. */
const HOP_HEADERS = ['connection', 'keep-alive', 'transfer-encoding'];

async function answerOf(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const entries = Object.entries(response.headersDistinct).filter(([name]) => !HOP_HEADERS.includes(name));
  const headers = Object.fromEntries(entries.map(([name, values]) => [name, values ?? []]));
  return { status: response.statusCode ?? 502, headers, body: Buffer.concat(chunks) };
}

/** The headers as sent, without those of `HOP_HEADERS`. */
function headersOf(call: WireCall): string[] {
  const pairs: string[] = [];
  for (let index = 0; index + 1 < call.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = call.rawHeaders.slice(index, index + 2);
    if (!HOP_HEADERS.includes(name.toLowerCase())) pairs.push(name, value);
  }
  const hasLength = call.headers['content-length'] !== undefined;
  // Azurite wants the length of a PUT, also of an empty one.
  return hasLength || (call.body.length === 0 && call.method !== 'PUT')
    ? pairs
    : [...pairs, 'content-length', String(call.body.length)];
}

function forward(port: number, call: WireCall): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = startRequest({
      host: '127.0.0.1',
      port,
      method: call.method,
      path: call.target,
      headers: headersOf(call),
      // A new connection each time: Azurite closes idle ones after seconds, and a request lost to that fails a test.
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      answerOf(response).then(resolve, reject);
    });
    outgoing.end(call.body);
  });
}

/** The operation of a request for `/account/Table(PartitionKey='p',RowKey='r')`. */
function operationOf(call: WireCall): string {
  const resource = call.segments[1] ?? '';
  if (resource === '$batch') return 'transaction';
  if (resource === 'Tables') return call.method === 'POST' ? 'createTable' : 'queryTables';
  if (resource.startsWith('Tables(')) return 'deleteTable';
  const isEntity = /\(.+\)$/.test(resource);
  const isConditional = call.headers['if-match'] !== undefined;
  if (call.method === 'GET') return isEntity ? 'getEntity' : 'queryEntities';
  if (call.method === 'DELETE') return 'deleteEntity';
  if (call.method === 'POST') {
    const tunnelled = call.headers['x-http-method'];
    return isEntity && tunnelled === 'MERGE' ? 'updateEntity' : 'insertEntity';
  }
  return isConditional ? 'updateEntity' : 'upsertEntity';
}

function tableError(status: number, code: string, message: string, headers: Answer['headers'] = {}): Answer {
  const body = { 'odata.error': { code, message: { lang: 'en-US', value: message } } };
  return json(status, body, { 'x-ms-error-code': code, ...headers });
}

export function createTableProxy(options: AzuriteProxyOptions): WireService {
  const plan = (call: WireCall): Plan => ({
    operation: operationOf(call),
    run: () => forward(options.port, call),
  });
  return {
    service: 'table',
    plan,
    throttled: (seconds) => tableError(429, 'TooManyRequests', 'The server is busy.', retryAfter(seconds)),
    failed: (status) => tableError(status, 'InternalError', 'The server encountered an internal error.'),
  };
}

/** The operation of a request for `/account/queue/messages/id`. */
function queueOperationOf({ method, segments }: WireCall): string {
  if (segments[2] === 'messages') {
    if (method === 'GET') return 'readMessages';
    return method === 'DELETE' ? 'deleteMessage' : 'writeMessage';
  }
  if (method === 'PUT') return 'createQueue';
  return method === 'DELETE' ? 'deleteQueue' : 'readQueue';
}

/** The operation of a request of the Functions host: a container, a blob, a lease on it. */
function blobOperationOf({ method, query }: WireCall): string {
  if (method !== 'PUT') return 'readBlob';
  if (query.get('comp') === 'lease') return 'leaseBlob';
  return query.get('restype') === 'container' ? 'createContainer' : 'putBlob';
}

/** An error in the words of queues, blobs and the storage front; tables have their own. */
export function storageError(status: number, code: string, message: string, headers: Answer['headers'] = {}): Answer {
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, headers: { 'content-type': 'application/xml', 'x-ms-error-code': code, ...headers }, body };
}

export function createQueueProxy(options: AzuriteProxyOptions): WireService {
  return createStorageProxy('queue', options, queueOperationOf);
}

export function createBlobProxy(options: AzuriteProxyOptions): WireService {
  return createStorageProxy('blob', options, blobOperationOf);
}

function createStorageProxy(
  service: 'queue' | 'blob',
  { port }: AzuriteProxyOptions,
  operationOfCall: (call: WireCall) => string,
): WireService {
  return {
    service,
    plan: (call) => ({ operation: operationOfCall(call), run: () => forward(port, call) }),
    throttled: (seconds) => storageError(503, 'ServerBusy', 'The server is busy.', retryAfter(seconds)),
    failed: (status) => storageError(status, 'InternalError', 'The server encountered an internal error.'),
  };
}
