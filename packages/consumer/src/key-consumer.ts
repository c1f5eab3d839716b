// An application holds this object instead of a key. It refreshes its key on an event, on poll, and after a refusal.
// No request of the application waits for a refresh while its key is accepted.
// It must not know how the key is used, and never prints it.
import { Acknowledger } from './acknowledger.ts';
import { callWithKeys, type UseOfKey } from './call-with-keys.ts';
import { FreshFlight } from './fresh-flight.ts';
import { HeldKeys } from './held-keys.ts';
import type { ConsumedKey, KeySource } from './key-source.ts';
import { guardOnError } from './on-error.ts';
import { isAuthFailure, type Outcome } from './outcome.ts';
import type { SecretValue } from './secret-value.ts';

export interface KeyConsumerOptions {
  readonly source: KeySource;
  /**
   * Time between two looks at the source. The policy's minimum overlap must be longer, unless this consumer
   * acknowledges. At most 24 days; a longer time counts as that. Default: one minute.
   */
  readonly pollEveryMs?: number;
  /**
   * Called with each key that comes into use, before it is used: `(key) => credential.update(key.reveal())` keeps a
   * client of the Azure SDK. If it throws or rejects, `onError` is called, and the key is in use all the same.
   */
  readonly onKey?: (key: SecretValue, version: string) => unknown;
  /** Acknowledges to the service that a version is in use now. Called in the background, again until it resolves. */
  readonly acknowledge?: (version: string) => Promise<unknown>;
  /**
   * How long the former key is kept after another key came into use, on the monotonic clock. Zero keeps none. Default:
   * 25 hours, the built-in minimum overlap of the service. The former key stays valid for that long, unless the policy
   * sets another overlap or a key was compromised.
   */
  readonly keepFormerForMs?: number;
  /** Whether a call was refused for its key. Default: it answered or threw a 401, as `fetch` and the Azure SDKs do. */
  readonly isRefused?: (outcome: Outcome<unknown>) => boolean;
  /**
   * Called with the error of a failed refresh, acknowledgement or `onKey`; the present key stays in use. If it throws or rejects
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
   * Runs `use` with the key in use. If that key is refused, runs it under another key, at most three times in all:
   *
   * 1. the key in use;
   * 2. the former key, if there is one: a node of the gateway may not have learned of the new key yet;
   * 3. another key, if one look at the source brings one.
   *
   * The first outcome that is no refusal is final, and so is the last refusal. A former key that is refused is dropped.
   * The acknowledged version stays the same: the application holds the new key and uses it first in each call.
   * `use` must be safe to run again after a refusal. A request that the gateway refused is.
   */
  withKey<T>(use: UseOfKey<T>): Promise<T>;
  /** Ends polling and acknowledging. */
  close(): void;
}

const POLL_EVERY_MS = 60_000;
/** 24.8 days. Node makes a longer interval one millisecond. */
const POLL_EVERY_MAXIMUM_MS = 2 ** 31 - 1;
/** `PT25H`, the policy's built-in `overlapMinimum`: the platform caches Key Vault references for up to 24 hours. */
export const KEEP_FORMER_FOR_MS = 25 * 3_600_000;
const READ_TIMEOUT_MS = 10_000;
/** A key that stays refused must not make each call of the application a call to the vault. */
const LOOK_AFTER_REFUSAL_EVERY_MS = 1_000;

/** Begins to poll at once. Holds no process open. */
export function createKeyConsumer(options: KeyConsumerOptions): KeyConsumer {
  const { source, pollEveryMs = POLL_EVERY_MS, isRefused = isAuthFailure, acknowledge } = options;
  const onError = guardOnError(options.onError ?? (() => undefined));
  const acknowledger = acknowledge === undefined ? undefined : new Acknowledger({ acknowledge, onError });
  const keys = new HeldKeys(options.keepFormerForMs ?? KEEP_FORMER_FOR_MS);
  let lookedAfterRefusal: { readonly at: number; readonly look: Promise<unknown> } = {
    at: Number.NEGATIVE_INFINITY,
    look: Promise.resolve(),
  };

  const tell = async ({ key, version }: ConsumedKey): Promise<void> => {
    try {
      await options.onKey?.(key, version);
    } catch (error) {
      onError(error);
    }
  };
  const looks = new FreshFlight(async () => {
    const read = await source.read(AbortSignal.timeout(READ_TIMEOUT_MS));
    if (keys.take(read)) void tell(read);
    // Also while a lagging node refuses this version: it is in use, because each call tries it first.
    acknowledger?.acknowledge(read.version);
    return read;
  });
  const current = (): Promise<ConsumedKey> => (keys.inUse === undefined ? looks.join() : Promise.resolve(keys.inUse));

  /** Calls that are refused together share one look. */
  const look = async (): Promise<void> => {
    const now = performance.now();
    if (now >= lookedAfterRefusal.at + LOOK_AFTER_REFUSAL_EVERY_MS) {
      lookedAfterRefusal = { at: now, look: looks.fresh().catch(onError) };
    }
    await lookedAfterRefusal.look;
  };
  const timer = setInterval(() => void looks.fresh().catch(onError), Math.min(pollEveryMs, POLL_EVERY_MAXIMUM_MS));
  timer.unref();

  return {
    current,
    refresh: () => looks.fresh(),
    async notify(event) {
      if (source.isMeant(event)) await looks.fresh().catch(onError);
    },
    withKey: async (use) => callWithKeys(use, await current(), { keys, isRefused, look }),
    close() {
      clearInterval(timer);
      acknowledger?.close();
    },
  };
}
