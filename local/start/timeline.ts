// Shows events to people: one line per event, readable without colour. It must not count or decide.
import { styleText } from 'node:util';
import type { ServiceEvent } from './events.ts';
import { OVERLAP_MS } from './seed.ts';

type Colour = Parameters<typeof styleText>[0];

const COLOURS: Readonly<Record<string, Colour>> = {
  begin: 'cyanBright',
  regenerate: 'yellow',
  verify: 'green',
  publish: 'cyan',
  announce: 'cyan',
  overlap: 'blue',
  retire: 'yellow',
  confirm: 'green',
  done: 'greenBright',
  adopt: 'cyanBright',
  wait: 'gray',
  blocked: 'red',
  provision: 'cyanBright',
  deploy: 'cyanBright',
  doctor: 'green',
  'by hand': 'yellow',
  failed: 'red',
  host: 'cyanBright',
  page: 'cyanBright',
  calls: 'gray',
  end: 'gray',
};

const OVERLAP_LINES = 3;
const BAR_CELLS = 12;

export class Timeline {
  readonly #write: (line: string) => void;
  readonly #startedAt: number;
  /** Timers of the overlap lines still to come, by account. */
  readonly #timers = new Map<string, Set<NodeJS.Timeout>>();
  readonly #adopted = new Set<string>();
  readonly #rotating = new Set<string>();

  constructor(write: (line: string) => void, startedAt: number) {
    this.#write = write;
    this.#startedAt = startedAt;
  }

  say(account: string, verb: string, text: string): void {
    const seconds = ((Date.now() - this.#startedAt) / 1000).toFixed(1).padStart(6);
    const coloured = styleText(COLOURS[verb] ?? 'reset', verb.padEnd(10));
    this.#write(`${seconds}s  ${account.padEnd(18)} ${coloured} ${text}`);
  }

  showEvent(event: ServiceEvent): void {
    const account = event.account ?? '';
    if (event.event === 'step') this.#step(account, event);
    if (event.event === 'pass') this.#pass(account, event);
  }

  #step(account: string, event: ServiceEvent): void {
    const { slot = '', to, rotationId = 0, reason = '' } = event;
    switch (event.step ?? '') {
      case 'regenerate':
        if (to === 'preparing') {
          this.#rotating.add(account);
          this.say(account, 'begin', `rotation ${rotationId}`);
        } else this.#endOverlap(account);
        this.say(
          account,
          to === 'preparing' ? 'regenerate' : 'retire',
          `${slot} gets a new value (Azure Resource Manager)`,
        );
        break;
      case 'probe':
        this.#probe(account, event);
        break;
      case 'publish':
        this.say(account, 'publish', `${slot} → new secret version (Key Vault), ${reason}`);
        break;
      case 'announceReference':
        this.say(account, 'announce', 'reference → that version (App Configuration)');
        break;
      case 'announceFlag':
        this.say(account, 'announce', `flag ${account}-uses-key2 = ${slot === 'key2'} (App Configuration)`);
        break;
      case 'disable':
        this.say(account, 'confirm', 'superseded version marked as rejected and disabled (Key Vault)');
        break;
      case 'record':
        this.#record(account, to, rotationId, slot);
        break;
    }
  }

  #probe(account: string, { role, slot = '', verdict = '', status }: ServiceEvent): void {
    const answer = status === undefined ? '' : ` (${status})`;
    if (role === 'superseded') this.say(account, 'confirm', `superseded ${slot} is ${verdict}${answer}`);
    else this.say(account, 'verify', `${role ?? ''} ${slot} is ${verdict}${answer}`);
  }

  #record(account: string, to: string | undefined, rotationId: number, slot: string): void {
    if (to === 'propagating') this.#overlap(account);
    if (to !== 'idle') return;
    if (this.#rotating.delete(account)) {
      this.say(account, 'done', `rotation ${rotationId}: both keys renewed, ${slot} is published`);
    } else if (rotationId === 0 && !this.#adopted.has(account)) {
      this.#adopted.add(account);
      this.say(account, 'adopt', `${slot} is published, nothing is regenerated`);
    }
  }

  /** Shows the progress of the overlap, in which both keys are valid. */
  #overlap(account: string): void {
    this.#endOverlap(account);
    const timers = new Set<NodeJS.Timeout>();
    this.#timers.set(account, timers);
    for (let line = 0; line <= OVERLAP_LINES; line++) {
      const share = line / OVERLAP_LINES;
      const bar = '█'.repeat(Math.round(share * BAR_CELLS)).padEnd(BAR_CELLS, '░');
      const say = (): void => this.say(account, 'overlap', `${bar} both keys valid, ${Math.round(share * 100)} %`);
      const timer = setTimeout(say, share * OVERLAP_MS);
      timers.add(timer);
    }
  }

  #pass(
    account: string,
    { outcome, reason = '', isBlocked, code = '', service = '', operation = '' }: ServiceEvent,
  ): void {
    if (isBlocked === true) this.say(account, 'blocked', reason);
    else if (outcome === 'failed')
      this.say(account, 'failed', `${code}: ${service} ${operation}; the next pass looks again`);
  }

  /** Stops the overlap lines. An emergency may end an overlap before its time. */
  #endOverlap(account: string): void {
    for (const timer of this.#timers.get(account) ?? []) clearTimeout(timer);
    this.#timers.delete(account);
  }

  close(): void {
    for (const account of [...this.#timers.keys()]) this.#endOverlap(account);
  }
}
