// Shows a reported leak as what it is: who reported it and why, when the key was replaced, and when its death was proven.
// The service's log has no reason of a person in it; its HTTP API has. It must not report or withdraw anything.
import { z } from 'zod';
import type { ServiceEvent } from './events.ts';

const request = z.object({
  id: z.string(),
  kind: z.string(),
  state: z.string(),
  reason: z.string(),
  by: z.string(),
  at: z.string(),
  replacedAt: z.string().optional(),
  provenAt: z.string().optional(),
  summary: z.string().optional(),
});
const answer = z.object({ requests: z.array(request) });

type Request = z.infer<typeof request>;
type Say = (account: string, verb: string, text: string) => void;

/** The time of day of an instant. */
const timeOf = (instant: string): string => `${instant.slice(11, 19)} UTC`;

const secondsBetween = (from: string, to: string): string =>
  `${((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1)} s`;

export class Emergencies {
  readonly #ask: (account: string) => Promise<unknown>;
  readonly #say: Say;
  /** Lines that were shown: a request and its stage. */
  readonly #shown = new Set<string>();
  /** Accounts with a leak whose end was not shown yet. */
  readonly #open = new Set<string>();
  #asking: Promise<void> = Promise.resolve();

  /** `ask` returns the answer of GET accounts/{account}/requests. */
  constructor(ask: (account: string) => Promise<unknown>, say: Say) {
    this.#ask = ask;
    this.#say = say;
  }

  /** Takes the service's events in order. Resolves when what they tell was shown. */
  note({ event, account = '', kind }: ServiceEvent): Promise<void> {
    if (event === 'request' && kind === 'compromised') this.#open.add(account);
    if (this.#open.has(account) && ['request', 'step', 'pass'].includes(event)) {
      this.#asking = this.#asking.then(() => this.#look(account));
    }
    return this.#asking;
  }

  async #look(account: string): Promise<void> {
    // Without an answer the next event asks again.
    const read = answer.safeParse(await this.#ask(account).catch(() => undefined));
    if (!read.success || !this.#open.has(account)) return;
    const leaks = read.data.requests.filter(({ kind }) => kind === 'compromised');
    for (const leak of leaks) this.#show(account, leak);
    if (leaks.length > 0 && leaks.every(({ state }) => state === 'closed')) this.#open.delete(account);
  }

  #show(account: string, { id, reason, by, at, replacedAt, provenAt, state, summary = '' }: Request): void {
    const once = (verb: string, text: string): void => {
      if (this.#shown.has(`${id} ${verb}`)) return;
      this.#shown.add(`${id} ${verb}`);
      this.#say(account, verb, text);
    };
    once('leaked', `reported by ${by} at ${timeOf(at)}, because: ${reason}`);
    if (replacedAt !== undefined) {
      const after = secondsBetween(at, replacedAt);
      once(
        'replaced',
        `at ${timeOf(replacedAt)}, ${after} after the report: the leaked value is no key of the account`,
      );
    }
    if (provenAt !== undefined) {
      once(
        'proven',
        `at ${timeOf(provenAt)}, ${secondsBetween(at, provenAt)} after the report: Azure rejects the leaked value`,
      );
    } else if (state === 'closed') once('not proven', summary);
  }
}
