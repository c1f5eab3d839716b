// Acknowledges the version in use until the service has taken it: without that a rotation would be held for ever.
// Sends one at a time, so that an older one never arrives last. It must not hold up the application.

/** Attempts in a row. After these, the next look at the source begins another row. */
const ATTEMPTS_MAXIMUM = 4;
const BACK_OFF_MS = 500;

export interface AcknowledgerOptions {
  readonly acknowledge: (version: string) => Promise<unknown>;
  /** Must not throw. */
  readonly onError: (error: unknown) => void;
}

export class Acknowledger {
  readonly #options: AcknowledgerOptions;
  #inUse: string | undefined;
  #taken: string | undefined;
  #isSending = false;
  #isClosed = false;

  constructor(options: AcknowledgerOptions) {
    this.#options = options;
  }

  /** Call it after each look, also with the same version: a version that was not taken yet is sent again. */
  acknowledge(version: string): void {
    this.#inUse = version;
    if (!this.#isSending) void this.#sendUntilTaken();
  }

  close(): void {
    this.#isClosed = true;
  }

  async #sendUntilTaken(): Promise<void> {
    this.#isSending = true;
    let failures = 0;
    for (let version = this.#pending(); version !== undefined; version = this.#pending()) {
      try {
        await this.#options.acknowledge(version);
        this.#taken = version;
        failures = 0;
      } catch (error) {
        this.#options.onError(error);
        failures++;
        if (failures === ATTEMPTS_MAXIMUM) break;
        await pause(BACK_OFF_MS * 2 ** (failures - 1));
      }
    }
    this.#isSending = false;
  }

  /** The version in use, unless the service has taken it. */
  #pending(): string | undefined {
    return this.#isClosed || this.#taken === this.#inUse ? undefined : this.#inUse;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
