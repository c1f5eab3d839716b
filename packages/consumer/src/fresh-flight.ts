// Runs a reading function at most once at a time. It must not cache the result of a run.

export class FreshFlight<T> {
  readonly #run: () => Promise<T>;
  #running: Promise<T> | undefined;
  #next: Promise<T> | undefined;

  constructor(run: () => Promise<T>) {
    this.#run = run;
  }

  /** The run under way, or a new one. */
  join(): Promise<T> {
    return this.#running ?? this.#start();
  }

  /**
   * A run that begins no earlier than now. The run under way may have read before the change that the caller knows of.
   * All callers during a run share the run that follows it.
   */
  fresh(): Promise<T> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#follow(this.#running);
    return this.#next;
  }

  async #follow(running: Promise<T>): Promise<T> {
    await running.catch(() => undefined);
    this.#next = undefined;
    return this.join();
  }

  #start(): Promise<T> {
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }
}
