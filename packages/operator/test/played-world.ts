// A world for tests: a service with given answers, a terminal that keeps what is printed, and a clock that only
// sleeping moves.
import type { World } from '../src/world.ts';

export interface Sent {
  readonly method: string;
  /** Path and query below the host. */
  readonly path: string;
  readonly headers: Headers;
  readonly redirect: string | undefined;
  readonly body: unknown;
}

export type Reply =
  | { readonly status?: number; readonly body: unknown; readonly type?: string }
  | 'no answer'
  | 'half an answer';

export interface Played extends World {
  readonly sent: readonly Sent[];
  readonly printed: { out: string; err: string };
  readonly ranAz: readonly (readonly string[])[];
  readonly files: Map<string, string>;
}

export interface Play {
  readonly environment?: Readonly<Record<string, string>>;
  /** Called for each call; an array is the answers in order, of which the last one is repeated. */
  readonly replies?: readonly Reply[] | ((sent: Sent) => Reply);
  readonly az?: (args: readonly string[]) => string;
  /** What the person types; undefined: the standard input is no terminal. */
  readonly types?: string;
}

export function play({ environment = {}, replies = [], az, types }: Play = {}): Played {
  const sent: Sent[] = [];
  const printed = { out: '', err: '' };
  const ranAz: (readonly string[])[] = [];
  const files = new Map<string, string>();
  let now = 0;
  let ids = 0;
  const replyTo = (call: Sent): Reply => {
    if (typeof replies === 'function') return replies(call);
    return replies[Math.min(sent.length, replies.length) - 1] ?? 'no answer';
  };
  return {
    sent,
    printed,
    ranAz,
    files,
    environment: { KEY_ROTATION_URL: 'https://app.example', ...environment },
    fetch: (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const text = init?.body as string | undefined;
      const call = {
        method: init?.method ?? 'GET',
        path: `${url.pathname}${url.search}`,
        headers: new Headers(init?.headers),
        redirect: init?.redirect,
        body: text === undefined ? undefined : (JSON.parse(text) as unknown),
      };
      sent.push(call);
      const reply = replyTo(call);
      if (reply === 'no answer') return Promise.reject(new TypeError('fetch failed', { cause: new Error('refused') }));
      if (reply === 'half an answer') {
        const body = new ReadableStream({ start: (stream) => stream.error(new Error('cut')) });
        return Promise.resolve(new Response(body, { headers: { 'content-type': 'application/json' } }));
      }
      const { status = 200, body, type = status >= 400 ? 'application/problem+json' : 'application/json' } = reply;
      const content = typeof body === 'string' ? body : JSON.stringify(body);
      return Promise.resolve(new Response(content, { status, headers: { 'content-type': type } }));
    },
    az: (args) => {
      ranAz.push(args);
      return Promise.resolve().then(() => az?.(args) ?? '');
    },
    readFile: (path) => {
      const text = files.get(path);
      return text === undefined ? Promise.reject(new Error(`ENOENT: ${path}`)) : Promise.resolve(text);
    },
    writeNewFile: (path, text) => {
      if (files.has(path)) return Promise.reject(new Error(`EEXIST: ${path}`));
      files.set(path, text);
      return Promise.resolve();
    },
    out: (text) => void (printed.out += text),
    err: (text) => void (printed.err += text),
    ask: (question) => {
      printed.err += question;
      return Promise.resolve(types);
    },
    elapsedMs: () => now,
    sleep: (ms) => {
      now += ms;
      return Promise.resolve();
    },
    newId: () => `id-${String(++ids)}`,
  };
}

export const ACCOUNT = {
  account: 'demo',
  resourceId: '/subscriptions/s/demo',
  policy: 'default',
  phase: 'idle',
  reason: 'NotDue',
  publishedSlot: 'key1',
  isBlocked: false,
  isOverdue: false,
  failures: 0,
  nextRotationAt: '2031-05-01T00:00:00.000Z',
  keys: [{ slot: 'key1', role: 'published', fingerprint: '0123456789abcdef' }],
  openRequests: [],
};

export const HEALTH = {
  isHealthy: true,
  timer: { isLate: false, detail: 'The timer runs.' },
  accounts: 1,
  isFrozen: false,
  overdue: { count: 0, accounts: [] },
  blocked: { count: 0, accounts: [] },
  failing: { count: 0, accounts: [] },
  configurationProblems: 0,
  deadNotifications: 0,
};

export const FLEET = { accounts: [ACCOUNT], total: 1, isFrozen: false, problems: [] };

export const REQUEST = {
  id: 'id-1',
  kind: 'compromised',
  state: 'open',
  reason: 'leaked',
  by: 'anna',
  at: '2031-05-01T00:00:00.000Z',
};

export const DRY_RUN = {
  steps: [{ at: '2031-05-01T00:00:00.000Z', step: 'regenerate', slot: 'key2', calls: ['regenerateKey'] }],
  waits: [],
  consumers: [{ consumer: 'orders', risk: 'cutOff', detail: 'It uses the leaked key.' }],
  others: 'Applications that no policy names are cut off.',
};

export const PROBLEM = {
  title: 'Not now.',
  status: 409,
  detail: 'A rotation is under way.',
  remedy: 'Ask again later.',
};
