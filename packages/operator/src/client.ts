// Calls the HTTP API of the service. Every call that this command sends may be sent again: it changes nothing, is the
// same however often it comes, or carries an Idempotency-Key. It must not print.
import type { Credential } from './credential.ts';
import { EXIT, type ExitCode, Failure, type Problem, Unreachable, wrongUsage } from './failure.ts';
import type { World } from './world.ts';

/** How often a call is sent if no answer comes. */
const ATTEMPTS = 3;
const PAUSE_MS = 1_000;
/** What stands in front of the service answers these while the service starts. */
const OF_A_GATEWAY = [502, 503, 504];

/** What these return is the result also if something is wrong: with 503. */
const REPORTS = ['check', 'health'];

export interface ClientOptions {
  readonly url: string;
  /** Gives a credential each time it is called. */
  readonly signIn: () => Promise<Credential | undefined>;
  readonly timeoutMs: number;
}

export interface Sent {
  readonly body?: object;
  /** Makes the call one request, however often it is sent within 24 hours. */
  readonly requestId?: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** How often it is sent at most if no answer comes. */
  readonly attempts?: number;
}

interface Received {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

export class Client {
  readonly #world: World;
  readonly #base: URL;
  readonly #options: ClientOptions;
  #credential: Credential | undefined;
  #isSignedIn = false;

  constructor(world: World, options: ClientOptions) {
    this.#world = world;
    this.#options = options;
    this.#base = baseOf(options.url);
  }

  /** `path`: segments below `api/`. They are escaped here. Throws `Failure`. */
  get<T>(path: readonly string[], query: Sent['query'] = {}): Promise<Answer<T>> {
    return this.#call('GET', path, { query });
  }

  post<T>(path: readonly string[], sent: Sent): Promise<Answer<T>> {
    return this.#call('POST', path, sent);
  }

  async #call<T>(method: string, path: readonly string[], sent: Sent): Promise<Answer<T>> {
    // An address leaves these out: the call would be another one.
    if (path.some((name) => ['', '.', '..'].includes(name))) {
      throw wrongUsage(
        'A name is empty, or has dots only.',
        'Give the name of the account, the request or the campaign.',
      );
    }
    const url = new URL(path.map(encodeURIComponent).join('/'), this.#base);
    for (const [name, value] of Object.entries(sent.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    await this.#signIn(false);
    const first = await this.#send(method, url, sent);
    // A token of the Azure CLI ends after an hour; a command that watches runs for longer.
    const isRenewed = first.status === 401 && this.#credential?.isRenewable === true;
    if (isRenewed) await this.#signIn(true);
    return read<T>(isRenewed ? await this.#send(method, url, sent) : first, url);
  }

  async #signIn(isAgain: boolean): Promise<void> {
    if (this.#isSignedIn && !isAgain) return;
    this.#credential = await this.#options.signIn();
    this.#isSignedIn = true;
  }

  async #send(method: string, url: URL, { body, requestId, attempts = ATTEMPTS }: Sent): Promise<Received> {
    const headers = new Headers({ accept: 'application/json' });
    if (body !== undefined) headers.set('content-type', 'application/json');
    if (requestId !== undefined) headers.set('idempotency-key', requestId);
    this.#credential?.addTo(headers);
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    for (let attempt = 1; ; attempt++) {
      try {
        // A redirect to another host would carry the function key along.
        const signal = AbortSignal.timeout(this.#options.timeoutMs);
        const response = await this.#world.fetch(url, { ...init, redirect: 'manual', signal });
        const type = response.headers.get('content-type') ?? '';
        const { status } = response;
        if (OF_A_GATEWAY.includes(status) && !type.includes('json')) throw new Error(`${status} of a gateway`);
        return { status, type, text: await response.text() };
      } catch (error) {
        if (attempt >= attempts) throw unreachable(`${url.host} gives no answer: ${causeOf(error)}`);
        await this.#world.sleep(attempt * PAUSE_MS);
      }
    }
  }
}

function read<T>({ status, type, text }: Received, url: URL): Answer<T> {
  if (type.includes('application/problem+json')) throw failureOf(status, parsed(text, url));
  if (status === 401 || status === 403) throw new Failure(EXIT.unreachable, notLetIn(status, url));
  if (!type.includes('application/json')) {
    throw unreachable(`${url.host} answers ${status} without JSON: no service of key rotation is at this address`);
  }
  const isReport = status === 503 && REPORTS.some((name) => url.pathname.endsWith(`/${name}`));
  if ((status < 200 || status >= 300) && !isReport) {
    throw unreachable(`${url.host} answers ${status} in place of the service`);
  }
  return { status, body: parsed(text, url) as T };
}

/** The address below which the API is, from the address of the app or of its API. Throws `Failure`. */
export function baseOf(text: string): URL {
  const remedy = 'Give the address of the Function App, for example https://<app>.azurewebsites.net.';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    `${url.username}${url.password}` !== '' ||
    url.search !== ''
  ) {
    throw wrongUsage('--url is no address of a service.', remedy);
  }
  const isHere = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  // A token or a key over http can be read on the way.
  if (url.protocol === 'http:' && !isHere) throw wrongUsage('--url begins with http:, not with https:.', remedy);
  const path = url.pathname.replace(/\/+$/, '');
  return new URL(`${path.endsWith('/api') ? path : `${path}/api`}/`, url);
}

function parsed(text: string, url: URL): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw unreachable(`${url.host} sends JSON that ends half-way`);
  }
}

function failureOf(status: number, document: unknown): Failure {
  // Another server may stand in front of the service, and leave fields out.
  const unknown = { title: 'The service refuses the call.', detail: `It answers ${status}.`, remedy: 'See its log.' };
  const given: Partial<Record<string, unknown>> = typeof document === 'object' && document !== null ? document : {};
  const textOf = (name: keyof typeof unknown) => (typeof given[name] === 'string' ? given[name] : unknown[name]);
  const { fields, ...others } = given;
  const texts = { title: textOf('title'), detail: textOf('detail'), remedy: textOf('remedy') };
  return new Failure(codeOf(status), { ...others, ...texts, ...(areFields(fields) ? { fields } : {}) });
}

function areFields(fields: unknown): fields is NonNullable<Problem['fields']> {
  return (
    Array.isArray(fields) &&
    fields.every((entry: unknown) => {
      const { field, expected } = (entry ?? {}) as { readonly field?: unknown; readonly expected?: unknown };
      return typeof field === 'string' && typeof expected === 'string';
    })
  );
}

/** The command was wrong, the caller is not let in, or something is wrong with the account or the service. */
function codeOf(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.unreachable;
  return status === 400 || status === 404 || status === 413 ? EXIT.usage : EXIT.wrong;
}

function notLetIn(status: number, { host }: URL): Problem {
  return {
    title: 'The caller is not signed in.',
    detail: `${host} answers ${status}.`,
    remedy:
      'Give --resource with the application of the service and run `az login`, or set KEY_ROTATION_TOKEN or KEY_ROTATION_FUNCTION_KEY.',
  };
}

function unreachable(detail: string): Unreachable {
  return new Unreachable(EXIT.unreachable, {
    title: 'The service cannot be reached.',
    detail: `${detail}.`,
    remedy: 'Check --url, the network and the name of the Function App, then run the command again.',
  });
}

/** `fetch` says "fetch failed", and the reason in its cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return 'no reason is given';
  const { code } = cause as Error & { readonly code?: unknown };
  return typeof code === 'string' ? code : cause.message;
}
