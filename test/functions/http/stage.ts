// The functions as the host would call them, against a local Azure over the wire: real requests and contexts of the
// programming model, the real routes, the real adapters; only the clock is virtual, so that no test waits.

import { readdir } from 'node:fs/promises';
import { HttpRequest, type HttpRequestInit, HttpResponse, InvocationContext } from '@azure/functions';
import { trustLocalAzure } from '../../../local/azure/identity/trust.ts';
import type { LocalAzure } from '../../../local/azure/local-azure.ts';
import { startLocalAzure } from '../../../local/azure/start-local-azure.ts';
import type { AccountState } from '../../../local/azure/world/world.ts';
import { compileRoute } from '../../../local/host/listeners/route.ts';
import { monotonicClock } from '../../../src/azure/client/monotonic-clock.ts';
import { type App, composeApp } from '../../../src/compose.ts';
import { registeredEndpoints } from '../../../src/entry/endpoint.ts';
import { answer } from '../../../src/http/answer.ts';
import type { Endpoint } from '../../../src/http/call.ts';
import { passOverDue } from '../../support/pass-over-due.ts';
import { requireDocumented } from './documented.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
const FUNCTIONS = new URL('../../../src/functions/', import.meta.url);

/** Overlaps of one hour to two days; nothing is due by itself for a month. */
const POLICY = { overlapMinimum: 'PT1H', overlapMaximum: 'P2D', rotationInterval: 'P30D', standbyIsFree: true };
/** Longer than `settle` and `activationFor` of the built-in policy together: a new key may then be published. */
const ACTIVATED_MS = 10 * 60_000;
/** Longer than its `confirmOver`: a death may then be proven. */
const CONFIRMED_MS = 16 * 60_000;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as it is. */
  readonly body?: unknown;
  readonly authorization?: 'functionKey' | 'entra';
  /** The process environment besides the settings. With `entra` by default that of App Service authentication. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Loads every entry file, as the host does. */
export async function loadFunctions(): Promise<ReadonlyMap<string, Endpoint>> {
  const files = await readdir(FUNCTIONS, { recursive: true });
  for (const file of files.filter((name) => name.endsWith('.ts'))) await import(new URL(file, FUNCTIONS).href);
  return registeredEndpoints();
}

/** The function that serves a path: in the order of names the first whose method and route match, as in the host. */
export function findEndpoint(method: string, path: string) {
  for (const name of [...registeredEndpoints().keys()].sort()) {
    const endpoint = registeredEndpoints().get(name);
    if (endpoint?.methods.some((known) => known === method) !== true) continue;
    const params = compileRoute('api', endpoint.route)(path);
    if (params !== undefined) return { name, endpoint, params };
  }
  return undefined;
}

export class HttpStage {
  readonly azure: LocalAzure;
  app: App;
  /** The parts that functions are called with: `app`, unless a test says otherwise. */
  serving: App;
  /** Everything that was answered or logged, as text. */
  readonly said: string[] = [];
  /** What was logged as a warning while a call was answered. */
  readonly warned: string[] = [];
  readonly #keys = new Set<string>();
  readonly #settings: Readonly<Record<string, string>>;
  readonly #leave: () => void;
  #now = Date.now();
  #connections = 0;

  constructor(azure: LocalAzure, settings: Readonly<Record<string, string>>, leave: () => void) {
    this.azure = azure;
    this.#settings = settings;
    this.#leave = leave;
    // Keys age on the clock of the stage, tokens on the real one. Connections meet the nodes of a gateway in turn.
    const chooseNode = (count: number): number => this.#connections++ % count;
    const nature = { ...azure.world.nature, now: () => this.#now, chooseNode };
    Object.assign(azure.world, { nature });
    this.app = this.serving = this.restart();
  }

  /** A process that has just started: it holds no configuration, no client and no connection. */
  restart(settings: Readonly<Record<string, string>> = {}): App {
    const composed = composeApp({ ...this.azure.environment(), ...this.#settings, ...settings });
    const sleep = (ms: number): Promise<void> => {
      this.advance(ms);
      return Promise.resolve();
    };
    this.app = { ...composed, clock: { now: () => this.#now }, sleep };
    this.serving = this.app;
    return this.app;
  }

  advance(ms: number): void {
    this.#now += ms;
    const { now } = monotonicClock;
    monotonicClock.now = () => now() + ms;
  }

  /** Adds an account to the world and to the configuration. */
  addAccount(name: string, policy: object = {}, document: object = {}, kind = 'TextAnalytics'): AccountState {
    const { world } = this.azure;
    const state = world.addAccount({
      subscriptionId: '11111111-2222-3333-4444-555555555555',
      resourceGroup: 'rg-test',
      name,
      kind,
      location: 'westeurope',
      keyShape: 'hex32',
    });
    this.configure(`KeyRotation:Policies:${name}`, { ...POLICY, ...policy });
    this.configure(`KeyRotation:Accounts:${name}`, { resourceId: state.id, policy: name, ...document });
    return state;
  }

  configure(key: string, value: object): void {
    const content = { value: JSON.stringify(value), contentType: 'application/json' };
    this.azure.world.store.set(key, null, content);
  }

  /** What the timer does, without its bounds. */
  async tick(): Promise<void> {
    this.#noteKeys();
    await passOverDue(this.app, (_level, event, fields) => this.said.push(JSON.stringify({ event, ...fields })));
    this.#noteKeys();
  }

  /** The time that the gateway gets to learn of a new key, and the tick that then publishes it. */
  async activate(): Promise<void> {
    this.advance(ACTIVATED_MS);
    await this.tick();
  }

  /** The timer's ticks until what was regenerated has been rejected for as long as its death takes to be proven. */
  async confirm(): Promise<void> {
    await this.tick();
    this.advance(CONFIRMED_MS);
    await this.tick();
  }

  /** Whether each node of the account's gateway takes this key now. */
  nodesTaking(id: string, value: string): readonly boolean[] {
    const { world } = this.azure;
    return world.account(id).knobs.nodes.map((_, node) => world.acceptsKey(id, value, node));
  }

  /** Adopted, and the time after an adoption in which nothing is regenerated is over. */
  async adopt(): Promise<void> {
    await this.tick();
    this.advance(3 * DAY);
  }

  get(path: string, options: CallOptions = {}): Promise<Answer> {
    return this.call('GET', path, options);
  }

  post(path: string, body: unknown, options: CallOptions = {}): Promise<Answer> {
    return this.call('POST', path, { ...options, body });
  }

  async call(method: 'GET' | 'POST', path: string, options: CallOptions = {}): Promise<Answer> {
    const url = new URL(path, 'https://rotation.example/api/');
    const found = findEndpoint(method, url.pathname);
    if (found === undefined) throw new Error(`No function serves ${method} ${path}.`);
    const { body } = options;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const init: HttpRequestInit = {
      method,
      url: url.href,
      headers: { 'content-type': 'application/json', ...options.headers },
      query: Object.fromEntries(url.searchParams),
      params: { ...found.params },
      ...(body === undefined ? {} : { body: { string: text } }),
    };
    const context = new InvocationContext({
      functionName: found.name,
      logHandler: (level, ...args) => {
        const line = args.map(String).join(' ');
        this.said.push(line);
        if (level === 'warning') this.warned.push(line);
      },
    });
    const { authorization = 'functionKey', environment = { WEBSITE_AUTH_ENABLED: 'True' } } = options;
    const doorway = { authorization, environment };
    const response = new HttpResponse(
      await answer(() => this.serving, found.endpoint, doorway, new HttpRequest(init), context),
    );
    this.#noteKeys();
    const answered = await response.text();
    const { status } = response;
    requireDocumented({
      method,
      path: url.pathname,
      status,
      type: response.headers.get('content-type'),
      body: answered,
    });
    this.said.push(answered, JSON.stringify([...response.headers]));
    return {
      status: response.status,
      headers: response.headers,
      body: JSON.parse(answered) as Record<string, unknown>,
    };
  }

  #noteKeys(): void {
    for (const { keys } of this.azure.world.accounts.values()) {
      this.#keys.add(keys.key1.value).add(keys.key2.value);
    }
  }

  /** Every key that was ever live or published. */
  everyKey(): ReadonlySet<string> {
    const published = [...this.azure.world.vault.secrets.values()].flatMap(({ versions }) =>
      versions.map(({ value }) => value),
    );
    return new Set([...this.#keys, ...published]);
  }

  async close(): Promise<void> {
    this.#leave();
    await this.azure.close();
  }
}

/**
 * The identity library reads where to ask for tokens from the process itself; it is put back on close. `settings`: app
 * settings beside those that say where the local Azure is.
 */
export async function startHttpStage(settings: Readonly<Record<string, string>> = {}): Promise<HttpStage> {
  const azure = await startLocalAzure({
    subscriptionId: '11111111-2222-3333-4444-555555555555',
    resourceGroup: 'rg-test',
    accounts: [],
  });
  trustLocalAzure(azure);
  const names = ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'];
  const former = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) process.env[name] = azure.environment()[name];
  await loadFunctions();
  return new HttpStage(azure, settings, () => {
    for (const [name, value] of former) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  });
}

/** The newest version of an account's secret. */
export function publishedVersion({ azure }: HttpStage, name: string): string {
  return azure.world.vault.find(`${name}-key`).version;
}
