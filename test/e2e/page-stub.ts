// The page as the service serves it, before an API that answers from memory: any number of accounts, any roles, any outage.
// It must not be more lenient than the service where a test relies on it: bodies have the documented shapes.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildPage } from '../../scripts/build-page.mjs';
import { fleetAnswer, freezeAnswer, freezePlanAnswer } from '../../src/http/contract/answers.ts';
import { answerPage, preparePage } from '../../src/http/handlers/page.ts';
import { accountStatus } from '../../src/operators/answers/account.ts';
import { checkPlan } from '../../src/operators/answers/check.ts';
import { healthReport } from '../../src/operators/answers/health.ts';
import { dryRun } from '../../src/operators/answers/requests.ts';
import { CHECK_PLAN, FREEZE_PLAN, REHEARSED } from './page-answers.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

type Json = Readonly<Record<string, unknown>>;

export interface Stub {
  readonly url: string;
  me: Json;
  accounts: readonly Json[];
  isFrozen: boolean;
  /** Who has set the freeze, and what would follow from its change. */
  freeze: Json;
  freezePlan: Json;
  problems: readonly Json[];
  campaigns: readonly Json[] | undefined;
  details: Json;
  /** What differs from a service that is alive and has counted the accounts; a late timer is answered with 503. */
  health: Json;
  history: readonly Json[];
  /** Every connection is cut. */
  isDown: boolean;
  /** Demanded in `x-functions-key`. */
  key: string | undefined;
  /** Whether anybody is signed in. */
  isSignedIn: boolean;
  /** What was posted, with the headers that came with it. */
  readonly posts: { readonly path: string; readonly body: Json; readonly headers: IncomingMessage['headers'] }[];
  /** What dry runs are answered, checks excepted. */
  rehearsal: Json;
  /** Answers by the end of the path: to posts, dry runs excepted, which are not among the posts; to requests by id. */
  readonly answers: Map<string, readonly [status: number, body: Json]>;
  close(): Promise<void>;
}

const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
const SUBSCRIPTIONS = ['0b1f6471-1bf0-4dda-aec3-cb9272f09590', '7c9e6679-7425-40de-944b-e07fc1f90ae7'];
const SUBSCRIPTION_NAMES = ['AI, production', 'AI, tests'];
const KINDS = ['OpenAI', 'CognitiveServices', 'TextAnalytics', 'SpeechServices', 'ComputerVision', 'FormRecognizer'];
const REGIONS = ['westeurope', 'swedencentral', 'eastus2'];
const OWNERS = ['team-orders', 'team-search', 'platform@example.com'];
const NAMES = ['orders', 'search', 'support', 'speech', 'vision', 'billing', 'docs', 'fraud'];

/** Mostly at rest; some rotate, few need somebody. `index` 1 is blocked, 2 overdue, 3 rotates, 4 is paused. */
export function someAccount(index: number): Json {
  const alias = `${NAMES[index % NAMES.length] ?? ''}-${String(index + 1).padStart(4, '0')}`;
  const subscription = SUBSCRIPTIONS[index % 2] ?? '';
  const rotatedAgo = ((index * 7) % 31) * DAY + (index % 24) * HOUR;
  const usual = {
    account: alias,
    resourceId: `/subscriptions/${subscription}/resourcegroups/rg-ai/providers/microsoft.cognitiveservices/accounts/${alias}`,
    kind: KINDS[index % KINDS.length] ?? '',
    location: REGIONS[index % REGIONS.length] ?? '',
    ...(index % 4 === 3 ? {} : { owner: OWNERS[index % OWNERS.length] ?? '' }),
    subscriptionName: SUBSCRIPTION_NAMES[index % 2] ?? '',
    policy: index % 5 === 0 ? 'strict' : 'default',
    rotationIntervalSeconds: 30 * 86_400,
    phase: 'idle',
    phaseSince: ago(rotatedAgo),
    // The first account as its history shows it.
    keyRegeneratedAt: index === 0 ? ago(5 * HOUR) : ago(rotatedAgo + 3 * DAY),
    publishedSlot: index % 2 === 0 ? 'key1' : 'key2',
    rotationId: 4,
    reason: 'NotDue',
    isBlocked: false,
    failures: 0,
    lastPassAt: ago(HOUR),
    nextObservationAt: ago(-HOUR),
    nextRotationAt: ago(rotatedAgo - 30 * DAY),
    isOverdue: false,
    last: { rotationId: 4, outcome: 'completed', provenAt: ago(rotatedAgo) },
  };
  if (index === 1) return { ...usual, reason: 'SecretNotRecognised', isBlocked: true };
  if (index === 2)
    return {
      ...usual,
      phaseSince: ago(41 * DAY),
      nextRotationAt: ago(11 * DAY),
      isOverdue: true,
      keyRegeneratedAt: ago(44 * DAY),
      last: { rotationId: 4, outcome: 'completed', provenAt: ago(41 * DAY) },
    };
  if (index === 4) return { ...usual, reason: 'Paused' };
  if (index % 50 !== 3) return usual;
  return {
    ...usual,
    last: undefined,
    nextRotationAt: undefined,
    phase: 'propagating',
    phaseSince: ago(5 * HOUR),
    keyRegeneratedAt: ago(5 * HOUR + HOUR / 4),
    reason: 'OverlapNotOver',
    rotationId: 5,
  };
}

export const ROLES = ['Rotation.Read', 'Rotation.Check', 'Rotation.Operate', 'Rotation.Emergency'] as const;

/** Six rotations, a month apart, the last of which is in its overlap. */
export function someHistory(): readonly Json[] {
  const lines: Json[] = [];
  for (let id = 1; id <= 6; id++) {
    const [at, fresh, former] = [
      (6 - id) * 30 * DAY + 5 * HOUR,
      id % 2 === 1 ? 'key2' : 'key1',
      id % 2 === 1 ? 'key1' : 'key2',
    ];
    const add = (later: number, kind: string, slot: string, more: Json = {}): void => {
      if (at - later > 0)
        lines.unshift({
          at: ago(at - later),
          kind,
          rotationId: id,
          slot,
          fingerprint: `${id}0c6e1a94f02d7b${id}`,
          ...more,
        });
    };
    add(0, 'RotationStarted', fresh, { reason: 'RotationDue' });
    add(40_000, 'Published', fresh);
    add(3 * DAY, 'RetireStarted', former);
    add(3 * DAY + 60_000, 'RotationCompleted', former, { reason: 'DeathProven' });
  }
  return lines;
}

export async function startStub(count: number): Promise<Stub> {
  const page = await preparePage((await buildPage()).html);
  const server = createServer((request, response) => void serve(stub, page, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stub: Stub = {
    url: `http://127.0.0.1:${port}/api/page`,
    me: { authorization: 'entra', isLocal: false, name: 'Ada Lovelace', roles: [...ROLES] },
    accounts: Array.from({ length: count }, (_, index) => someAccount(index)),
    isFrozen: false,
    freeze: { isFrozen: false },
    freezePlan: FREEZE_PLAN,
    problems: [],
    campaigns: undefined,
    details: {},
    health: {},
    history: someHistory(),
    isDown: false,
    key: undefined,
    isSignedIn: true,
    posts: [],
    rehearsal: REHEARSED,
    answers: new Map(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return stub;
}

async function serve(
  stub: Stub,
  page: Awaited<ReturnType<typeof preparePage>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', stub.url);
  const send = (status: number, body: unknown, type = 'application/json'): void => {
    response.writeHead(status, { 'Content-Type': type });
    response.end(JSON.stringify(body));
  };
  if (url.pathname === '/api/page') {
    const answer = answerPage(page, new Headers(request.headers as Record<string, string>));
    response.writeHead(answer.status ?? 200, answer.headers as Record<string, string>);
    response.end(answer.body);
    return;
  }
  if (stub.isDown) {
    request.socket.destroy();
    return;
  }
  const body = await textOf(request);
  const isIn = stub.isSignedIn && (stub.key === undefined || request.headers['x-functions-key'] === stub.key);
  if (url.pathname === '/api/me' && stub.isSignedIn) send(200, stub.me);
  else if (!isIn) response.writeHead(401).end();
  else if (request.method === 'POST') {
    const wish = JSON.parse(body) as Json;
    const verb = url.pathname.split('/').at(-1) ?? '';
    if (wish['dryRun'] === true) {
      send(200, rehearsed(stub, verb));
      return;
    }
    stub.posts.push({ path: url.pathname, body: wish, headers: request.headers });
    const [status, answer] = stub.answers.get(verb) ?? [404, {}];
    send(status, answer, 'title' in answer ? 'application/problem+json' : undefined);
  } else get(stub, url, send);
}

function get(stub: Stub, url: URL, send: (status: number, body: unknown, type?: string) => void): void {
  const [, , first = '', alias = '', view = ''] = url.pathname.split('/');
  const summary = stub.accounts.find(({ account }) => account === alias);
  const campaign = stub.campaigns?.find(({ id }) => id === alias);
  if (first === 'campaigns' && campaign !== undefined) send(200, campaign);
  else if (first === 'campaigns' && stub.campaigns !== undefined) send(200, { campaigns: stub.campaigns });
  else if (first === 'accounts' && alias === '') send(200, fleetOf(stub, url));
  else if (first === 'freeze') send(200, shaped(freezeAnswer, stub.freeze));
  else if (first === 'health') sendHealth(stub, send);
  else if (first === 'accounts' && view === 'history') send(200, { entries: stub.history });
  else if (view === 'requests') sendRequest(stub, url, send);
  else if (summary !== undefined) {
    const keys = [
      { slot: 'key1', role: 'published', fingerprint: '0c6e1a94f02d7b15' },
      { slot: 'key2', role: 'standby' },
    ];
    send(200, shaped(accountStatus, { ...summary, keys, consumers: [], openRequests: [], ...stub.details }));
  } else {
    const problem = { title: 'There is no such account.', detail: `No account ${alias}.`, remedy: 'See GET accounts.' };
    send(404, problem, 'application/problem+json');
  }
}

function sendHealth(stub: Stub, send: (status: number, body: unknown, type?: string) => void): void {
  const { accounts, isFrozen, problems, health } = stub;
  const problem = stub.answers.get('health');
  if (problem !== undefined) {
    send(problem[0], problem[1], 'application/problem+json');
    return;
  }
  const noted = (is: (account: Json) => boolean): Json => ({ count: accounts.filter(is).length, accounts: [] });
  const answer = shaped(healthReport, {
    isHealthy: true,
    timer: { isLate: false, lastTickAt: ago(40_000), intervalSeconds: 300, detail: 'The timer last ran 40 s ago.' },
    accounts: accounts.length,
    isFrozen,
    overdue: noted(({ isOverdue }) => isOverdue === true),
    blocked: noted(({ isBlocked }) => isBlocked === true),
    failing: noted(({ failures }) => failures !== 0),
    configurationProblems: problems.length,
    deadNotifications: 0,
    ...health,
  });
  send(answer.timer.isLate ? 503 : 200, answer);
}

/** A request as it is asked for again: under its id among the answers, where a test has put it. */
function sendRequest(stub: Stub, url: URL, send: (status: number, body: unknown, type?: string) => void): void {
  const [status, body] = stub.answers.get(url.pathname.split('/').at(-1) ?? '') ?? [404, {}];
  send(status, body);
}

/** As it goes over the wire, and as documented. */
function shaped<T>(schema: { parse(value: unknown): T }, value: unknown): T {
  return schema.parse(JSON.parse(JSON.stringify(value)));
}

function rehearsed({ rehearsal, freezePlan }: Stub, verb: string): unknown {
  if (verb === 'freeze' || verb === 'unfreeze') return shaped(freezePlanAnswer, freezePlan);
  return verb === 'check' ? shaped(checkPlan, CHECK_PLAN) : shaped(dryRun, rehearsal);
}

function fleetOf({ accounts, isFrozen, problems }: Stub, url: URL): unknown {
  const limit = Number(url.searchParams.get('limit') ?? '100');
  const from = Number(url.searchParams.get('after') ?? '0');
  const next = from + limit < accounts.length ? { next: String(from + limit) } : {};
  const page = accounts.slice(from, from + limit);
  return shaped(fleetAnswer, { accounts: page, ...next, total: accounts.length, isFrozen, problems });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
