// Shared by the servers: a request as read off the wire, an answer as it will be sent, and the choice of a route.
// It must not know any service; it has no state and does no I/O.
import type { IncomingHttpHeaders } from 'node:http';
import type { LocalService } from '../local-azure.ts';

/** A request, read completely. */
export interface WireCall {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  /** Path as sent, still percent-encoded, without the query. */
  readonly path: string;
  /** Decoded parts of the path; empty ones are dropped. */
  readonly segments: readonly string[];
  readonly query: Query;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as sent. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** The caller's address as Azure sees it. */
  readonly address: string;
  /** The connection of the request. Equal for two requests only when they came on the same one. */
  readonly connection: object;
}

export interface Answer {
  readonly status: number;
  /** Reason phrase, where Azure sends its own. */
  readonly reason?: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
}

/** A request that has been recognised; nothing has happened yet. */
export interface Plan {
  readonly operation: string;
  /** ARM name of the account; of a site, or `site/slot`. */
  readonly account?: string;
  readonly isChallenge?: boolean;
  /** Carries out the request. Only this has effects. */
  run(): Answer | Promise<Answer>;
}

/** One server of the local Azure. `plan` must not have effects: faults strike between it and `run`. */
export interface WireService {
  readonly service: LocalService;
  plan(call: WireCall): Plan;
  throttled(retryAfterSeconds: number | undefined): Answer;
  failed(status: number): Answer;
}

/** Query parameters. Names are compared without case and may be percent-encoded, as in `api%2Dversion`. */
export class Query {
  readonly #values = new Map<string, string[]>();

  constructor(search: string) {
    for (const [name, value] of new URLSearchParams(search)) {
      const key = name.toLowerCase();
      this.#values.set(key, [...(this.#values.get(key) ?? []), value]);
    }
  }

  get(name: string): string | undefined {
    return this.#values.get(name.toLowerCase())?.[0];
  }

  /** In lower case, each once. */
  names(): readonly string[] {
    return [...this.#values.keys()];
  }

  all(name: string): readonly string[] {
    return this.#values.get(name.toLowerCase()) ?? [];
  }
}

/** Parts of a path, decoded; undefined when an escape is malformed. */
export function segmentsOf(path: string): string[] | undefined {
  try {
    return path
      .split('/')
      .filter((part) => part !== '')
      .map((part) => decodeURIComponent(part));
  } catch {
    return undefined;
  }
}

export type Params = Readonly<Record<string, string>>;

export interface Route<Handler> {
  readonly method: string;
  /** For instance `secrets/:name/versions`; a part that begins with a colon matches any one part. */
  readonly pattern: string;
  readonly handler: Handler;
}

function paramsOf(pattern: string, segments: readonly string[]): Params | undefined {
  const parts = pattern.split('/');
  if (parts.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = segment;
    else if (part.toLowerCase() !== segment.toLowerCase()) return undefined;
  }
  return params;
}

/** The first route that matches. Paths are compared without case, as in Azure. */
export function findRoute<Handler>(
  routes: readonly Route<Handler>[],
  method: string,
  segments: readonly string[],
): { readonly handler: Handler; readonly params: Params } | undefined {
  for (const route of routes) {
    const params = route.method === method ? paramsOf(route.pattern, segments) : undefined;
    if (params !== undefined) return { handler: route.handler, params };
  }
  return undefined;
}

/** A JSON answer; `headers` win over the content type given here. */
export function json(status: number, body: unknown, headers: Answer['headers'] = {}, reason?: string): Answer {
  return {
    status,
    ...(reason === undefined ? {} : { reason }),
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

/** The body as a JSON object; undefined when it is not one. */
export function readJsonObject(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    return parsed as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

/** A record of strings, or undefined when it has other values. */
export function readStrings(value: unknown): Record<string, string> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.some(([, entry]) => typeof entry !== 'string')) return undefined;
  return Object.fromEntries(entries);
}

/** Whether the request states the length of its body; Azure refuses a POST without it. */
export function isLengthStated(call: WireCall): boolean {
  return call.headers['content-length'] !== undefined || call.headers['transfer-encoding'] !== undefined;
}

export function lengthRequired(): Answer {
  const title = 'Length Required';
  return {
    status: 411,
    headers: { 'content-type': 'text/html; charset=us-ascii', connection: 'close' },
    body:
      `<HTML><HEAD><TITLE>${title}</TITLE></HEAD>\r\n<BODY><h2>${title}</h2>\r\n` +
      '<hr><p>HTTP Error 411. The request must be chunked or have a content length.</p>\r\n</BODY></HTML>\r\n',
  };
}

/** `Retry-After` in seconds; no header when `seconds` is undefined. */
export function retryAfter(seconds: number | undefined): Answer['headers'] {
  return seconds === undefined ? {} : { 'retry-after': String(seconds) };
}
