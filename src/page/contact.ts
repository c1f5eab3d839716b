// Whether the service can be reached, from the calls of the page: when an answer last came, since when none comes, and
// how long the oldest open question has waited. It must not ask anything.

export interface Contact {
  /** When the service last answered, in any way. */
  readonly answeredAt?: number | undefined;
  /** When the first of the calls was lost that have had no answer since. */
  readonly lostAt?: number | undefined;
  /** When the oldest question that still waits was sent. A request that acts may take 20 seconds and does not count. */
  readonly waitingSince?: number | undefined;
}

export class ContactLog {
  readonly #listeners = new Set<() => void>();
  readonly #waiting = new Set<{ readonly at: number }>();
  #contact: Contact = {};

  /** The same object until something changes. */
  get contact(): Contact {
    return this.#contact;
  }

  /** Returns a function that ends it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Returns a function to call when the question has ended. */
  ask(now: number): () => void {
    const question = { at: now };
    this.#waiting.add(question);
    this.#change({});
    return () => {
      this.#waiting.delete(question);
    };
  }

  answered(now: number): void {
    this.#change({ answeredAt: now, lostAt: undefined });
  }

  lost(now: number): void {
    this.#change({ lostAt: this.#contact.lostAt ?? now });
  }

  #change(part: Contact): void {
    const [oldest] = this.#waiting;
    this.#contact = { ...this.#contact, ...part, waitingSince: oldest?.at };
    for (const listener of this.#listeners) listener();
  }
}
