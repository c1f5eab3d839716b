// Exchanges the key for a token of ten minutes (Speech, Translator and multi-service accounts) and renews it in time.
// A token is kept with the versions of the keys that were used to ask for it: a new key means a new token.
import type { KeyConsumer } from './key-consumer.ts';
import { type TokenAddressOptions, tokenAddress } from './token-address.ts';

export interface TokenExchangeOptions extends TokenAddressOptions {
  readonly consumer: KeyConsumer;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TokenExchange {
  /** A token that is valid for at least another minute. Waits only when there is none; rejects when none can be had. */
  token(): Promise<string>;
}

/** Documented validity is ten minutes: renewed in the background from here on, … */
const RENEW_AFTER_MS = 8 * 60_000;
/** … and not handed out any more from here on. */
const KEEP_MS = 9 * 60_000;
const TIMEOUT_MS = 10_000;

/** `askedAt` is read from the monotonic clock: a clock that is set back must not keep an old token. */
interface Kept {
  readonly token: string;
  /** The key that it came from, and the keys refused before: a lagging node gives a token for the former key. */
  readonly versions: readonly string[];
  readonly askedAt: number;
}

/** Throws if the endpoint issues no tokens. */
export function createTokenExchange(options: TokenExchangeOptions): TokenExchange {
  const address = tokenAddress(options);
  let kept: Kept | undefined;
  let asking: Promise<string> | undefined;
  const renew = (): Promise<string> => {
    asking ??= ask(address, options)
      .then((fresh) => {
        kept = fresh;
        return fresh.token;
      })
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };
  return {
    async token() {
      const { version } = await options.consumer.current();
      const ageMs = kept?.versions.includes(version) ? performance.now() - kept.askedAt : Number.POSITIVE_INFINITY;
      if (kept === undefined || ageMs >= KEEP_MS) return renew();
      // The present token is good for a while: a renewal that fails is tried again with the next call.
      if (ageMs >= RENEW_AFTER_MS) renew().catch(() => undefined);
      return kept.token;
    },
  };
}

/** Asks again with another key after a refusal. */
async function ask(address: string, { consumer, headers }: TokenExchangeOptions): Promise<Kept> {
  const askedAt = performance.now();
  const versions: string[] = [];
  const response = await consumer.withKey((key, version) => {
    versions.push(version);
    return fetch(address, {
      method: 'POST',
      headers: { ...headers, 'Ocp-Apim-Subscription-Key': key.reveal(), 'Content-Length': '0' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  });
  const token = await response.text();
  if (!response.ok) throw new Error(`No token was issued: status ${response.status}.`);
  return { token, versions, askedAt };
}
