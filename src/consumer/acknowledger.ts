// Says which version is in use until it was heard: a word that is lost for good would hold the rotation for ever.
// One word at a time, so that an older one never arrives last. It must not hold up the application.
import type { SecretVersion } from '../rotation/model.ts';

/** In a row; after that the next look at the source begins another row. */
const ATTEMPTS_MAXIMUM = 4;
const BACK_OFF_MS = 500;

export interface AcknowledgerOptions {
  readonly acknowledge: (version: SecretVersion) => Promise<unknown>;
  /** Must not throw. */
  readonly onError: (error: unknown) => void;
}

export class Acknowledger {
  readonly #options: AcknowledgerOptions;
  #inUse: SecretVersion | undefined;
  #heard: SecretVersion | undefined;
  #isTelling = false;
  #isClosed = false;

  constructor(options: AcknowledgerOptions) {
    this.#options = options;
  }

  /** Call it after each look, also when the version is the same: what was not heard yet is said again. */
  tell(version: SecretVersion): void {
    this.#inUse = version;
    if (!this.#isTelling) void this.#tellUntilHeard();
  }

  close(): void {
    this.#isClosed = true;
  }

  async #tellUntilHeard(): Promise<void> {
    this.#isTelling = true;
    let failures = 0;
    for (let version = this.#unheard(); version !== undefined; version = this.#unheard()) {
      try {
        await this.#options.acknowledge(version);
        this.#heard = version;
        failures = 0;
      } catch (error) {
        this.#options.onError(error);
        failures++;
        if (failures === ATTEMPTS_MAXIMUM) break;
        await pause(BACK_OFF_MS * 2 ** (failures - 1));
      }
    }
    this.#isTelling = false;
  }

  /** The version in use, unless it has been heard. */
  #unheard(): SecretVersion | undefined {
    return this.#isClosed || this.#heard === this.#inUse ? undefined : this.#inUse;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
