// Holders without a network, in virtual time: a web app that takes its environment at start and whose platform keeps a
// reference for 24 hours, and a connection that holds a copy. As unkind as the platforms: a refresh may or may not
// restart, answers are lost, and a lost effect may still happen later. For tests of the rules of `src/holders`.
import type { World } from '../../local/azure/world/world.ts';
import { createInventories } from '../../src/holders/inventories.ts';
import type { HolderContent, HolderEffect, HolderKind, HolderRead } from '../../src/holders/model.ts';
import type { HolderAdapter, HolderParts, HolderRecords, PublishedKey } from '../../src/holders/ports.ts';
import { RotationError } from '../../src/rotation/errors.ts';
import type { SecretVersion } from '../../src/rotation/model.ts';
import { fingerprintOf } from '../../src/rotation/secret.ts';

const CACHE_MS = 24 * 3_600_000;

export interface WebApp {
  readonly id: string;
  readonly secretName: string;
  pinnedTo: string | undefined;
  /** What the platform has fetched. */
  fetched: { version: string; value: string; at: number };
  /** What the process has read at its start. */
  environment: string;
  restartsByRefresh: boolean;
  saysActiveVersion: boolean;
}

export interface Connection {
  readonly id: string;
  value: string;
  sentTo: string | undefined;
}

/** What happens to the next calls: `refused` has no effect, `lost` has one, `late` has one later. */
export type Fault = 'none' | 'refused' | 'lost' | 'late';

export class HolderWorld {
  readonly apps: WebApp[] = [];
  readonly connections: Connection[] = [];
  readonly calls: string[] = [];
  faultFor: (call: string) => Fault = () => 'none';
  readonly #late: { readonly at: number; readonly act: () => void }[] = [];
  readonly #world: World;
  readonly #now: () => number;

  constructor(world: World, now: () => number) {
    this.#world = world;
    this.#now = now;
  }

  addApp(name: string, secretName: string, changes: Partial<WebApp> = {}): WebApp {
    const { version, value } = this.#world.vault.get(secretName);
    const id = `/subscriptions/s/resourcegroups/g/providers/microsoft.web/sites/${name}`;
    const app = {
      id,
      secretName,
      pinnedTo: undefined,
      fetched: { version, value, at: this.#now() },
      environment: value,
      restartsByRefresh: true,
      saysActiveVersion: false,
      ...changes,
    };
    this.apps.push(app);
    return app;
  }

  addConnection(name: string, value: string, sentTo?: string): Connection {
    const id = `/subscriptions/s/resourcegroups/g/providers/microsoft.cognitiveservices/accounts/${name}`;
    const connection = { id, value, sentTo };
    this.connections.push(connection);
    return connection;
  }

  /** Lets the platforms act by themselves: caches end, lost effects land. */
  tick(): void {
    const now = this.#now();
    for (const late of this.#late.filter(({ at }) => at <= now)) late.act();
    this.#late.splice(0, this.#late.length, ...this.#late.filter(({ at }) => at > now));
    for (const app of this.apps) {
      if (now < app.fetched.at + CACHE_MS) continue;
      this.#fetch(app);
      // The platform restarts an app whose settings it has fetched anew by itself.
      app.environment = app.fetched.value;
    }
  }

  adapters(): HolderParts['adapters'] {
    const none: HolderAdapter = {
      list: () => Promise.resolve({ holders: [], unseen: [], searched: 0, isComplete: true }),
      read: () => Promise.resolve(undefined),
      perform: () => Promise.resolve(),
    };
    return {
      appServiceReference: this.#adapter(
        'appServiceReference',
        () => this.apps,
        (app) => this.#contentOf(app),
        (app, effect) => (effect === 'refresh' ? this.#refresh(app) : this.#restart(app)),
      ),
      foundryConnection: this.#adapter(
        'foundryConnection',
        () => this.connections,
        ({ value, sentTo }) => ({
          has: 'value',
          fingerprint: fingerprintOf(value),
          ...(sentTo === undefined ? {} : { sentTo }),
        }),
        (connection, _, { value }) => {
          connection.value = value.reveal();
        },
      ),
      appServiceSetting: none,
      namedValue: none,
      searchKey: none,
    };
  }

  parts(records: HolderRecords): HolderParts {
    const clock = { now: this.#now };
    const scopes = { appServiceReference: ['/subscriptions/s'], foundryConnection: ['/subscriptions/s'] };
    const adapters = this.adapters();
    const inventories = createInventories(adapters, scopes, clock);
    return { scopes, adapters, records, clock, inventories, hostsOf: () => Promise.resolve(['account.test']) };
  }

  #fetch(app: WebApp): void {
    const { version, value, isEnabled } = this.#world.vault.find(app.secretName, app.pinnedTo);
    // Without a version that it can read, the platform keeps the former value.
    app.fetched = isEnabled ? { version, value, at: this.#now() } : { ...app.fetched, at: this.#now() };
  }

  #refresh(app: WebApp): void {
    this.#fetch(app);
    if (app.restartsByRefresh) app.environment = app.fetched.value;
  }

  #restart(app: WebApp): void {
    app.environment = app.fetched.value;
  }

  #contentOf({ secretName, pinnedTo, fetched, saysActiveVersion }: WebApp): HolderContent {
    return {
      has: 'reference',
      vaultUrl: 'https://vault.test',
      secretName,
      isResolved: true,
      ...(pinnedTo === undefined ? {} : { pinnedTo: pinnedTo as SecretVersion }),
      ...(saysActiveVersion ? { activeVersion: fetched.version as SecretVersion } : {}),
    };
  }

  #adapter<T extends { readonly id: string }>(
    kind: HolderKind,
    all: () => readonly T[],
    contentOf: (holder: T) => HolderContent,
    effectOn: (holder: T, effect: HolderEffect, published: PublishedKey) => void,
  ): HolderAdapter {
    const find = (id: string): T | undefined => all().find((holder) => holder.id === id);
    return {
      list: () =>
        this.#call(`list ${kind}`, () => ({
          holders: all().map(
            (holder): HolderRead => ({ kind, resource: holder.id, name: 'KEY', content: contentOf(holder) }),
          ),
          unseen: [],
          searched: all().length,
          isComplete: true,
        })),
      read: ({ resource }) =>
        this.#call(`read ${kind}`, () => {
          const holder = find(resource);
          return holder === undefined ? undefined : contentOf(holder);
        }),
      perform: (effect, { resource }, published) =>
        this.#call(`${effect} ${kind}`, () => {
          const holder = find(resource);
          if (holder !== undefined) effectOn(holder, effect, published);
        }),
    };
  }

  #call<T>(name: string, act: () => T): Promise<T> {
    this.calls.push(name);
    const failure = new RotationError({ code: 'Unavailable', service: 'arm', operation: name, message: 'No answer.' });
    switch (this.faultFor(name)) {
      case 'none':
        return Promise.resolve(act());
      case 'refused':
        return Promise.reject(failure);
      case 'lost':
        act();
        return Promise.reject(failure);
      case 'late':
        this.#late.push({ at: this.#now() + 60_000, act });
        return Promise.reject(failure);
    }
  }
}
