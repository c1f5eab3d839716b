// What is seen of the service while it is deployed: its log, what stands in the way of each account, and how long a
// state takes to come. It must not act.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalAzure } from '../azure/local-azure.ts';
import { readLogLine, type ServiceEvent } from '../start/events.ts';
import { Journal } from '../start/journal.ts';
import type { LocalDeploymentOptions, RotatedAccount } from './report.ts';

const PATIENCE_MS = 90_000;
const LOOK_EVERY_MS = 200;
const COMPLAINTS = ['warning', 'error', 'critical'];

export class Watch {
  /** The host's warnings and worse. */
  readonly complaints: string[] = [];
  readonly #azure: LocalAzure;
  readonly #options: LocalDeploymentOptions;
  readonly #adopted = new Set<string>();
  /** The last obstacle of each account. */
  readonly #obstacles = new Map<string, string>();
  #journal: Journal | undefined;

  constructor(azure: LocalAzure, options: LocalDeploymentOptions) {
    this.#azure = azure;
    this.#options = options;
  }

  /** Counts the calls and rotations of an app that is about to start. */
  beginCounting(): void {
    this.#journal = new Journal(this.#azure);
  }

  /** Takes a line of the host's log. */
  note(line: string): void {
    const { event, level, message } = readLogLine(line);
    if (event !== undefined) this.#noteEvent(event);
    else if (COMPLAINTS.includes(level)) {
      this.complaints.push(message);
      this.#options.say('host', 'failed', message);
    }
  }

  #noteEvent(event: ServiceEvent): void {
    const { account = '', step, to, code, service, operation, reason, isBlocked } = event;
    this.#journal?.note(event);
    this.#options.onEvent(event);
    if (step === 'record' && to === 'idle') this.#adopted.add(account);
    if (code !== undefined) this.#obstacles.set(account, [code, service, operation].join(' '));
    else if (isBlocked === true) this.#obstacles.set(account, reason ?? 'blocked');
  }

  untilAdopted(name: string): Promise<void> {
    return this.until(name, 'adopted', () => this.#adopted.has(name));
  }

  untilRotated(name: string): Promise<void> {
    return this.until(name, 'rotated', () => this.#countsOf([name])[0]?.rotations === 1);
  }

  untilBlocked(name: string, reason: string): Promise<void> {
    return this.until(name, 'blocked', () => this.#obstacles.get(name) === reason);
  }

  /** Rejects with the account's obstacle when the state has not come in time. */
  async until(account: string, state: string, isThere: () => boolean): Promise<void> {
    const { patienceMs = PATIENCE_MS, signal } = this.#options;
    const end = Date.now() + patienceMs;
    while (!isThere()) {
      if (Date.now() > end) {
        const obstacle = this.#obstacles.get(account) ?? this.complaints.at(-1) ?? 'nothing was said of it';
        throw new Error(`${account} is not ${state} after ${patienceMs / 1000} s: ${obstacle}.`);
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  }

  /** These accounts, as counted since the app has started. */
  rotated(names: readonly string[]): readonly RotatedAccount[] {
    return this.#countsOf(names).map(({ account, keysRenewed, supersededRejected, application }) => ({
      account,
      keysRenewed,
      supersededRejected,
      application,
    }));
  }

  #countsOf(names: readonly string[]) {
    return (this.#journal?.summary() ?? []).filter(({ account }) => names.includes(account));
  }
}
