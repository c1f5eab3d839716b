// What an application holds instead of a key: the key by reference, refreshed on an event, on poll, and once when it was
// refused. No request of the application waits for a refresh while it has a key.
// It must not know how the key is used, and never prints it.
import type { SecretVersion } from '../rotation/model.ts';
import type { SecretValue } from '../rotation/secret.ts';
import { Acknowledger } from './acknowledger.ts';
import { FreshFlight } from './fresh-flight.ts';
import type { ConsumedKey, KeySource } from './key-source.ts';
import { guardOnError } from './on-error.ts';
import { discard, isAuthFailure, type Outcome, settle, unwrap } from './outcome.ts';

export interface KeyConsumerOptions {
  readonly source: KeySource;
  /**
   * Time between two looks at the source. The policy's minimum overlap must be longer, unless this consumer
   * acknowledges. Default: one minute.
   */
  readonly pollEveryMs?: number;
  /** Tells the service that a version is in use now. Called in the background, again until it resolves. */
  readonly acknowledge?: (version: SecretVersion) => Promise<unknown>;
  /** Whether a call was refused for its key. Default: it answered or threw a 401, as `fetch` and the Azure SDKs do. */
  readonly isRefused?: (outcome: Outcome<unknown>) => boolean;
  /**
   * Called with the error of a failed refresh or acknowledgement; the present key stays in use. If it throws or rejects
   * itself, that error is dropped.
   */
  readonly onError?: (error: unknown) => void;
}

export interface KeyConsumer {
  /** The key in use. Waits for the source only the first time; rejects with its error then. */
  current(): Promise<ConsumedKey>;
  /** Looks at the source; the look begins no earlier than this call. Rejects with the source's error. */
  refresh(): Promise<ConsumedKey>;
  /** Takes in an event in Event Grid or CloudEvents schema; refreshes when it is about this key. Never rejects. */
  notify(event: unknown): Promise<void>;
  /**
   * Runs `use` with the key. When that is refused, refreshes, and runs it once more if there is another key; the
   * second outcome is final. `use` must be safe to run twice, which a call that was refused is.
   */
  withKey<T>(use: (key: SecretValue, version: SecretVersion) => Promise<T>): Promise<T>;
  /** Ends polling and acknowledging. */
  close(): void;
}

const POLL_EVERY_MS = 60_000;
const READ_TIMEOUT_MS = 10_000;
/** A key that stays refused must not make each call of the application a call to the vault. */
const LOOK_AFTER_REFUSAL_EVERY_MS = 1_000;

/** Begins to poll at once. Holds no process open. */
export function createKeyConsumer(options: KeyConsumerOptions): KeyConsumer {
  const { source, pollEveryMs = POLL_EVERY_MS, isRefused = isAuthFailure, acknowledge } = options;
  const onError = guardOnError(options.onError ?? (() => undefined));
  const acknowledger = acknowledge === undefined ? undefined : new Acknowledger({ acknowledge, onError });
  let held: ConsumedKey | undefined;
  let lookedAfterRefusal: { readonly at: number; readonly look: Promise<unknown> } = {
    at: Number.NEGATIVE_INFINITY,
    look: Promise.resolve(),
  };

  const looks = new FreshFlight(async () => {
    held = await source.read(AbortSignal.timeout(READ_TIMEOUT_MS));
    acknowledger?.tell(held.version);
    return held;
  });
  const current = (): Promise<ConsumedKey> => (held === undefined ? looks.join() : Promise.resolve(held));

  /** A key other than the refused one, if there is one by now. Calls that are refused together share one look. */
  const another = async (refused: ConsumedKey): Promise<ConsumedKey | undefined> => {
    if (held?.version === refused.version) {
      const now = performance.now();
      if (now >= lookedAfterRefusal.at + LOOK_AFTER_REFUSAL_EVERY_MS) {
        lookedAfterRefusal = { at: now, look: looks.fresh().catch(onError) };
      }
      await lookedAfterRefusal.look;
    }
    return held?.version === refused.version ? undefined : held;
  };
  const timer = setInterval(() => void looks.fresh().catch(onError), pollEveryMs);
  timer.unref();

  return {
    current,
    refresh: () => looks.fresh(),
    async notify(event) {
      if (source.isMeant(event)) await looks.fresh().catch(onError);
    },
    async withKey(use) {
      const used = await current();
      const outcome = await settle(use(used.key, used.version));
      if (!isRefused(outcome)) return unwrap(outcome);
      const next = await another(used);
      if (next === undefined) return unwrap(outcome);
      await discard(outcome);
      return use(next.key, next.version);
    },
    close() {
      clearInterval(timer);
      acknowledger?.close();
    },
  };
}
