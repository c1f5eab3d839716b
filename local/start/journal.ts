// Counts for each account: rotations completed, calls sent for them, the application's requests and failures.
// Requests are counted on the wire of local Azure. Rotations are read from the service's own log.
import type { LocalAzure, LocalService, WireRequest } from '../azure/local-azure.ts';
import type { ServiceEvent } from './events.ts';

/** Without Graph, which nothing calls, queue and blobs: the host alone calls them, for a journal follows only a handful of accounts. */
type CountedService = Exclude<LocalService, 'graph' | 'queue' | 'blob'>;
type Calls = Record<CountedService, number>;

export interface ApplicationCount {
  readonly requests: number;
  readonly failures: number;
}

export interface AccountSummary {
  readonly account: string;
  readonly kind: string;
  readonly rotations: number;
  readonly keysRenewed: number;
  readonly published: string | undefined;
  readonly supersededRejected: boolean;
  /** The application with the account's name. */
  readonly application: ApplicationCount;
  /** The service's calls for the first rotation, from the pass that began it to the pass that completed it. */
  readonly calls: Calls;
}

interface Entry {
  readonly kind: string;
  readonly firstKeys: ReadonlySet<string>;
  rotations: number;
  published: string | undefined;
  isRotating: boolean;
  isRejected: boolean;
  supersededRejected: boolean;
  /** Calls since the last pass ended. */
  pending: Calls;
  calls: Calls;
  /** True when the first rotation is over: its calls are final. */
  isCounted: boolean;
  /** The value of `rotations` at the last call of `onRotated`. */
  announced: number;
}

const SERVICES: readonly CountedService[] = ['arm', 'keyVault', 'appConfiguration', 'dataPlane', 'table', 'token'];
const isCounted = (service: LocalService): service is CountedService => SERVICES.some((one) => one === service);
const noCalls = (): Calls => ({ arm: 0, keyVault: 0, appConfiguration: 0, dataPlane: 0, table: 0, token: 0 });

export class Journal {
  readonly #entries = new Map<string, Entry>();
  readonly #applications = new Map<string, ApplicationCount>();
  readonly #azure: LocalAzure;
  /** Called with the name of an account that has completed a rotation. */
  onRotated: ((account: string) => void) | undefined;

  constructor(azure: LocalAzure) {
    this.#azure = azure;
    for (const { seed, keys } of azure.world.accounts.values()) {
      this.#entries.set(seed.name, {
        kind: seed.kind,
        firstKeys: new Set([keys.key1.value, keys.key2.value]),
        rotations: 0,
        published: undefined,
        isRotating: false,
        isRejected: false,
        supersededRejected: false,
        pending: noCalls(),
        calls: noCalls(),
        isCounted: false,
        announced: 0,
      });
    }
    azure.onRequest((request) => this.#count(request));
  }

  #count({ service, caller, account, status, isChallenge, operation }: WireRequest): void {
    if (caller !== undefined) {
      if (service === 'dataPlane') this.#countApplication(caller, status === 0 || status >= 400);
      return;
    }
    if (isChallenge || operation === 'createTable' || !isCounted(service)) return;
    // A token serves every account that waits for it.
    const entries = service === 'token' ? [...this.#entries.values()] : [this.#entries.get(account ?? '')];
    for (const entry of entries) if (entry !== undefined) entry.pending[service]++;
  }

  #countApplication(name: string, isFailed: boolean): void {
    const { requests, failures } = this.application(name);
    this.#applications.set(name, { requests: requests + 1, failures: failures + (isFailed ? 1 : 0) });
  }

  /** Requests and failures of one application, as answered on the wire. */
  application(name: string): ApplicationCount {
    return this.#applications.get(name) ?? { requests: 0, failures: 0 };
  }

  /** Takes the service's events, in order. */
  note(event: ServiceEvent): void {
    const entry = this.#entries.get(event.account ?? '');
    if (entry === undefined) return;
    if (event.event === 'step') this.#step(entry, event);
    if (event.event === 'pass') this.#pass(entry, event.account ?? '');
  }

  #step(entry: Entry, { step, to, role, verdict, slot }: ServiceEvent): void {
    if (step === 'regenerate' && to === 'preparing') entry.isRotating = true;
    if (step === 'probe' && role === 'superseded') entry.isRejected = verdict === 'rejected';
    if (step === 'record') entry.published = slot;
    if (step !== 'record' || to !== 'idle' || !entry.isRotating) return;
    entry.rotations++;
    // The same pass may begin the next rotation.
    entry.isRotating = false;
    entry.supersededRejected = entry.isRejected;
  }

  #pass(entry: Entry, name: string): void {
    const { pending, rotations, isRotating, announced } = entry;
    entry.pending = noCalls();
    if (!isRotating && rotations === announced) return;
    if (!entry.isCounted) for (const service of SERVICES) entry.calls[service] += pending[service];
    if (rotations === 0 || rotations === announced) return;
    entry.isCounted = true;
    entry.announced = rotations;
    this.onRotated?.(name);
  }

  get areAllRotated(): boolean {
    return [...this.#entries.values()].every(({ rotations }) => rotations > 0);
  }

  /** Requests and failures of all applications. */
  totals(): ApplicationCount {
    let requests = 0;
    let failures = 0;
    for (const count of this.#applications.values()) {
      requests += count.requests;
      failures += count.failures;
    }
    return { requests, failures };
  }

  summary(): readonly AccountSummary[] {
    return [...this.#entries].map(([account, entry]) => ({
      account,
      kind: entry.kind,
      rotations: entry.rotations,
      keysRenewed: this.#renewed(account, entry),
      published: entry.published,
      supersededRejected: entry.supersededRejected,
      application: this.application(account),
      calls: entry.calls,
    }));
  }

  /** The number of slots whose value is none of the account's first keys. */
  #renewed(account: string, { firstKeys }: Entry): number {
    const state = [...this.#azure.world.accounts.values()].find(({ seed }) => seed.name === account);
    if (state === undefined) return 0;
    return [state.keys.key1.value, state.keys.key2.value].filter((value) => !firstKeys.has(value)).length;
  }
}
