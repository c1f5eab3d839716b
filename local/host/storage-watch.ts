// Decides which failures of storage end the host, as they end the real one: a refusal at once, silence within half a
// minute. A busy service is tolerated. It must not call storage: its users report what they met.

/** What the host itself needs of a storage account. */
export type StorageService = 'queues' | 'blobs';

/** The real host was seen to end within half a minute; its clients have then used up their retries. */
const SILENCE_MAXIMUM_MS = 25_000;
/** A queue that is not there yet or is being deleted, and a blob that another host has leased. */
const EXPECTED = [404, 409, 412];

/** The status that storage answered with, or undefined when it did not answer. */
export function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}

export class StorageWatch {
  /** Gets one sentence and must end the host. */
  onRefused: (sentence: string) => void = () => undefined;
  readonly #silences = new Map<StorageService, NodeJS.Timeout>();

  answered(service: StorageService): void {
    clearTimeout(this.#silences.get(service));
    this.#silences.delete(service);
  }

  failed(service: StorageService, error: unknown): void {
    const status = statusOf(error);
    if (status === undefined) this.#wait(service);
    else {
      this.answered(service);
      if (status < 500 && !EXPECTED.includes(status)) {
        this.onRefused(
          `Storage refuses the host: ${status} for ${service}. Host and app end. ` +
            "Check the roles of the app's identity and the firewall of the storage account.",
        );
      }
    }
  }

  /** Forgets every silence. */
  stop(): void {
    for (const timer of this.#silences.values()) clearTimeout(timer);
    this.#silences.clear();
  }

  #wait(service: StorageService): void {
    if (this.#silences.has(service)) return;
    const sentence =
      `Storage gives no answer for ${service}. Host and app end. ` +
      'Check the network between the app and the storage account.';
    this.#silences.set(
      service,
      setTimeout(() => this.onRefused(sentence), SILENCE_MAXIMUM_MS),
    );
  }
}
