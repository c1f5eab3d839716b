// What an application holds instead of a key: the key by reference, refreshed on an event, on poll, and once when it was
// refused. No request of the application waits for a refresh while it has a key.
// It must not know how the key is used, and never prints it.
import { readEvent } from '../events/read-event.ts';
import type { SecretVersion } from '../rotation/model.ts';
import type { SecretValue } from '../rotation/secret.ts';
import type { ConsumedKey, KeySource } from './key-source.ts';

export interface KeyConsumerOptions {
  readonly source: KeySource;
  /** Time between two looks at the source. The policy's minimum overlap must not be shorter. Default: one minute. */
  readonly pollEveryMs?: number;
  /** Tells the service that a version is in use now. Called in the background, tried a few times, never waited for. */
  readonly acknowledge?: (version: SecretVersion) => Promise<unknown>;
  /** Told of failed refreshes and acknowledgements: the present key stays in use. */
  readonly onError?: (error: unknown) => void;
}

export interface KeyConsumer {
  /** The key in use. Waits for the source only the first time. */
  current(): Promise<ConsumedKey>;
  /** Looks at the source now; one look serves all who ask at the same time. */
  refresh(): Promise<ConsumedKey>;
  /** Takes in an event in Event Grid or CloudEvents schema; refreshes when it is about this secret. Never rejects. */
  notify(event: unknown): Promise<void>;
  /**
   * Runs `use` with the key. When that is refused, refreshes, and runs it once more if there is another key. Refused
   * means a rejection or an answer with status 401.
   */
  withKey<T>(use: (key: SecretValue, version: SecretVersion) => Promise<T>): Promise<T>;
  /** Ends polling. */
  close(): void;
}

const POLL_EVERY_MS = 60_000;
const READ_TIMEOUT_MS = 10_000;
const ACKNOWLEDGE_ATTEMPTS = 4;
const ACKNOWLEDGE_BACK_OFF_MS = 500;

export function createKeyConsumer(options: KeyConsumerOptions): KeyConsumer {
  const { source, pollEveryMs = POLL_EVERY_MS, onError = () => undefined } = options;
  let held: ConsumedKey | undefined;
  let looking: Promise<ConsumedKey> | undefined;
  let isClosed = false;

  const look = async (): Promise<ConsumedKey> => {
    const found = await source.read(AbortSignal.timeout(READ_TIMEOUT_MS));
    const isNew = found.version !== held?.version;
    held = found;
    if (isNew) void tellInUse(options, found.version, () => isClosed);
    return found;
  };
  const refresh = (): Promise<ConsumedKey> => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const timer = setInterval(() => void refresh().catch(onError), pollEveryMs);
  timer.unref();

  return {
    current: () => (held === undefined ? refresh() : Promise.resolve(held)),
    refresh,
    async notify(event) {
      const hint = readEvent(event);
      if (hint?.kind !== 'secret' || !source.isMeant(hint.vault, hint.secretName)) return;
      await refresh().catch(onError);
    },
    async withKey(use) {
      const used = held ?? (await refresh());
      const outcome = await settle(use(used.key, used.version));
      if (!isRefused(outcome)) return unwrap(outcome);
      const next = await refresh().catch(() => used);
      return next.version === used.version ? unwrap(outcome) : use(next.key, next.version);
    },
    close() {
      isClosed = true;
      clearInterval(timer);
    },
  };
}

type Settled<T> = { readonly answer: T } | { readonly error: unknown };

async function settle<T>(promise: Promise<T>): Promise<Settled<T>> {
  try {
    return { answer: await promise };
  } catch (error) {
    return { error };
  }
}

function unwrap<T>(outcome: Settled<T>): T {
  if ('answer' in outcome) return outcome.answer;
  throw outcome.error;
}

/** `fetch` answers with a 401; the Azure SDKs reject with one. */
function isRefused(outcome: Settled<unknown>): boolean {
  const told = 'answer' in outcome ? outcome.answer : outcome.error;
  if (typeof told !== 'object' || told === null) return false;
  const { status, statusCode } = told as { status?: unknown; statusCode?: unknown };
  return status === 401 || statusCode === 401;
}

async function tellInUse(options: KeyConsumerOptions, version: SecretVersion, isOver: () => boolean): Promise<void> {
  const { acknowledge, onError } = options;
  if (acknowledge === undefined) return;
  for (let attempt = 0; attempt < ACKNOWLEDGE_ATTEMPTS && !isOver(); attempt++) {
    if (attempt > 0) await pause(ACKNOWLEDGE_BACK_OFF_MS * 2 ** (attempt - 1));
    try {
      await acknowledge(version);
      return;
    } catch (error) {
      onError?.(error);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
