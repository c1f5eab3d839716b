// One run at a time of something that reads the world. It must not cache what a run answered.

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
   * A run that begins no earlier than now: the one under way may have read before that happened which the caller was
   * told of. All who ask during a run share the one that follows it.
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
