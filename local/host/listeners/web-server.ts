// Listens on 127.0.0.1, reads whole requests, asks one handler after the other and writes the answer.
// It must not know functions, triggers or keys. Everything is bounded: body, time per request, time to close.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { race } from '../bounds.ts';
import { HostError, messageOf } from '../host-error.ts';
import { type HostLog, logSystem } from '../log.ts';

export interface WebRequest {
  /** Upper case. */
  readonly method: string;
  readonly url: URL;
  /** Lower-case names; repeated ones joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface WebAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
}

/** Returns the answer, or undefined when the request is for another handler. */
export type WebHandler = (request: WebRequest) => Promise<WebAnswer | undefined> | WebAnswer | undefined;

/** The limits of the real host, which are those of its web server. */
const MAX_BODY_BYTES = 104_857_600;
const MAX_REQUEST_LINE_BYTES = 8_192;
const MAX_HEADER_BYTES = 32_768;
const MAX_HEADERS = 100;
/** Node's own bound on line and headers: above those, so that a request beyond them gets the real host's answer. */
const MAX_PARSED_BYTES = 1_048_576;
/** A client that does not read its answer must not hold up the end. */
const LAST_ANSWERS_MS = 1_000;
/** Azure's load balancer gives up on a request after this long. */
const MAX_REQUEST_MS = 230_000;

/** The body, or undefined when it is too long. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Not destroyed on an early exit: the refusal must still go out on the same connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** The status of the refusal, as in the real host, of a request that breaks a limit or cannot be meant. */
function refusalOf({ method = '', url = '', rawHeaders, httpVersion }: IncomingMessage): number | undefined {
  if (Buffer.byteLength(`${method} ${url} HTTP/${httpVersion}\r\n`) > MAX_REQUEST_LINE_BYTES) return 414;
  // Each name and value come with two characters between and two behind.
  const headerBytes = rawHeaders.reduce((sum, text) => sum + Buffer.byteLength(text) + 2, 0);
  if (headerBytes > MAX_HEADER_BYTES || rawHeaders.length / 2 > MAX_HEADERS) return 431;
  return url.split('?', 1)[0]?.includes('%00') === true ? 400 : undefined;
}

function readHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

function write(response: ServerResponse, { status, headers = {}, body = '' }: WebAnswer): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (status !== 204 && status !== 304) response.setHeader('content-length', Buffer.byteLength(body));
  response.end(body);
}

export class WebServer {
  readonly #handlers: readonly WebHandler[];
  readonly #log: HostLog;
  readonly #server: Server;
  readonly #open = new Set<Promise<void>>();
  /** Each answers one running request with 500. */
  readonly #abandons = new Set<() => void>();
  #isClosing = false;

  constructor(handlers: readonly WebHandler[], log: HostLog) {
    this.#handlers = handlers;
    this.#log = log;
    this.#server = createServer({ maxHeaderSize: MAX_PARSED_BYTES }, (request, response) => {
      const closed = new Promise<void>((resolve) => response.once('close', resolve));
      this.#open.add(closed);
      void closed.then(() => this.#open.delete(closed));
      this.#serve(request, response).catch((error: unknown) => {
        logSystem(log, 'error', `A request failed in the host: ${messageOf(error)}`);
        if (response.headersSent) response.destroy();
        else write(response, { status: 500 });
      });
    });
  }

  /** Listens on `port`, 0 for a free one; returns the port. Throws `HostError` when it is taken. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE') {
          reject(new HostError(`Port ${port} is in use: choose another with --port.`));
        } else reject(new HostError(`Port ${port} cannot be opened: ${error.message}`));
      });
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Accepts no further connection or request; running requests may still end. */
  stopAccepting(): void {
    this.#isClosing = true;
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  /** Accepts nothing further and answers every running request with 500. Resolves when the answers have gone out. */
  async abandon(): Promise<void> {
    this.stopAccepting();
    for (const abandon of this.#abandons) abandon();
    await this.closeConnections();
  }

  /** Lets the answers go out that are written, then cuts the remaining connections. */
  async closeConnections(): Promise<void> {
    await race(Promise.all(this.#open), LAST_ANSWERS_MS, undefined);
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#mustClose()) {
      write(response, { status: 503, headers: { connection: 'close' } });
      return;
    }
    const refusal = refusalOf(request);
    if (refusal !== undefined) {
      request.resume();
      write(response, { status: refusal, headers: { connection: 'close' } });
      return;
    }
    const body = await readBody(request);
    if (body === undefined) {
      request.resume();
      write(response, { status: 413, headers: { connection: 'close' } });
      return;
    }
    const address = `http://${request.headers.host ?? 'localhost'}${request.url ?? '/'}`;
    if (!URL.canParse(address)) {
      write(response, { status: 400 });
      return;
    }
    const web: WebRequest = {
      method: (request.method ?? 'GET').toUpperCase(),
      url: new URL(address),
      headers: readHeaders(request),
      body,
    };
    const answer = await this.#answer(web);
    write(response, this.#mustClose() ? { ...answer, headers: { ...answer.headers, connection: 'close' } } : answer);
  }

  async #answer(web: WebRequest): Promise<WebAnswer> {
    let abandon = (): void => undefined;
    const abandoned = new Promise<WebAnswer>((resolve) => {
      abandon = () => resolve({ status: 500 });
    });
    this.#abandons.add(abandon);
    const late: WebAnswer = { status: 504 };
    const answer = await race(Promise.race([this.#ask(web), abandoned]), MAX_REQUEST_MS, late).finally(() =>
      this.#abandons.delete(abandon),
    );
    if (answer === late) logSystem(this.#log, 'error', `${web.method} ${web.url.pathname} was not answered in 230 s.`);
    return answer;
  }

  #mustClose(): boolean {
    return this.#isClosing;
  }

  async #ask(request: WebRequest): Promise<WebAnswer> {
    for (const handle of this.#handlers) {
      const answer = await handle(request);
      if (answer !== undefined) return answer;
    }
    return { status: 404 };
  }
}
