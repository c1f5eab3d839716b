// Shows events to people: one line per event, readable without colour, and each new word explained where it first stands.
// It must not count or decide.
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
  leaked: 'redBright',
  replaced: 'yellowBright',
  proven: 'greenBright',
  'not proven': 'redBright',
};

/** Explains a word of the timeline to somebody who has read nothing. Shown once, below the first line with the word. */
const EXPLANATIONS: Readonly<Record<string, string>> = {
  adopt:
    'The service takes charge of the account. Each account has two keys, key1 and key2. Applications use one of them.',
  begin: 'A rotation renews both keys of an account, one after the other.',
  regenerate: 'Azure makes a new value for the standby key: the key that no application uses. The old value dies.',
  verify: 'The service tries a key on the account before and after applications get the key.',
  publish: 'The new key becomes the published key: Key Vault hands it out to the applications.',
  announce: 'App Configuration tells the applications that there is a new version of the secret.',
  overlap: 'Both keys work, so that each application can change to the new key without a failed call.',
  retire: 'The superseded key, which applications used before, gets a new value. The old value dies.',
  confirm: 'The service tries the old value until Azure has rejected it for long enough.',
  done: 'A new rotation begins when the interval of the policy is over.',
  calls: 'Calls of all sample applications so far, and the calls that Azure refused.',
  leaked: 'An operator has reported a key that strangers may know. The service replaces it at once.',
  blocked: 'The service stops here, because the next step could break applications. An operator must decide.',
  failed: 'A call to Azure failed. The next pass over the account looks again.',
};

/** The column of the texts. */
const TEXT_COLUMN = 39;
/** People take a longer silence for a fault. */
const SILENCE_MS = 1_900;
const LOOK_EVERY_MS = 100;
const OVERLAP_LINES = 3;
const BAR_CELLS = 12;

export class Timeline {
  readonly #write: (line: string) => void;
  readonly #startedAt: number;
  /** Timers of the overlap lines still to come, by account. */
  readonly #timers = new Map<string, Set<NodeJS.Timeout>>();
  readonly #adopted = new Set<string>();
  readonly #rotating = new Set<string>();
  readonly #explained = new Set<string>();
  /** The last probe that was shown, by account: it is not shown again until another one was. */
  readonly #probes = new Map<string, string>();
  #writtenAt: number;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(write: (line: string) => void, startedAt: number) {
    this.#write = write;
    this.#startedAt = startedAt;
    this.#writtenAt = startedAt;
  }

  say(account: string, verb: string, text: string): void {
    const seconds = ((Date.now() - this.#startedAt) / 1000).toFixed(1).padStart(6);
    const coloured = styleText(COLOURS[verb] ?? 'reset', verb.padEnd(10));
    this.#writtenAt = Date.now();
    this.#write(`${seconds}s  ${account.padEnd(18)} ${coloured} ${text}`);
    const explanation = EXPLANATIONS[verb];
    if (explanation === undefined || this.#explained.has(verb)) return;
    this.#explained.add(verb);
    this.#write(`${' '.repeat(TEXT_COLUMN)}${styleText('dim', `(${explanation})`)}`);
  }

  /** Calls `speak`, which says something, whenever nothing was said for almost two seconds. */
  neverSilent(speak: () => void): void {
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => {
      if (Date.now() - this.#writtenAt >= SILENCE_MS) speak();
    }, LOOK_EVERY_MS);
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
        this.#probes.delete(account);
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
    const text = `${role ?? ''} ${slot} is ${verdict}${answer}`;
    if (this.#probes.get(account) === text) return;
    this.#probes.set(account, text);
    this.say(account, role === 'superseded' ? 'confirm' : 'verify', text);
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
    clearInterval(this.#heartbeat);
    for (const account of [...this.#timers.keys()]) this.#endOverlap(account);
  }
}
