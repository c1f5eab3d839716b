// Sends the calls of a sample application, on a new connection every few calls. A connection stays on one node of the
// gateway, but an application with many instances has connections to all nodes. So a key that only some nodes accept
// shows as failed calls. `fetch` would keep one connection for as long as the application calls.
import { Agent, type RequestOptions, request } from 'node:https';

export interface Sent {
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Rejects when there is no answer in time. One call at a time: a new connection ends the previous one. */
type SendCall = (url: string, sent: Sent) => Promise<Response>;

const CALLS_OF_A_CONNECTION = 2;
const TIMEOUT_MS = 5_000;

export function createSendCall(): SendCall {
  // Uses a proxy where `fetch` would.
  const isProxied = process.env['NODE_USE_ENV_PROXY'] === '1';
  const agent = new Agent({ keepAlive: true, ...(isProxied ? { proxyEnv: process.env } : {}) });
  let calls = 0;
  return (url, { method = 'GET', headers, body = '' }) => {
    if (calls++ % CALLS_OF_A_CONNECTION === 0) agent.destroy();
    const length = method === 'GET' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    return receive(url, { agent, method, headers: { ...headers, ...length }, signal }, body);
  };
}

function receive(url: string, options: RequestOptions, body: string): Promise<Response> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => resolve(new Response(Buffer.concat(chunks), { status: response.statusCode ?? 0 })));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
