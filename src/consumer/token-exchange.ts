// Exchanges the key for a token of ten minutes (Speech, Translator and multi-service accounts) and renews it in time.
// A token is kept with the version of the key that it came from: a new key means a new token.
import type { KeyConsumer } from './key-consumer.ts';

export interface TokenExchangeOptions {
  readonly consumer: KeyConsumer;
  /** The account's endpoint with a trailing slash; the call is `POST {endpoint}sts/v1.0/issueToken`. */
  readonly endpoint: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TokenExchange {
  /** A token that is valid for at least another minute. Rejects when none can be had. */
  token(): Promise<string>;
}

/** Documented validity is ten minutes. */
const RENEW_AFTER_MS = 9 * 60_000;
const TIMEOUT_MS = 10_000;

export function createTokenExchange({ consumer, endpoint, headers }: TokenExchangeOptions): TokenExchange {
  let kept: { readonly token: string; readonly version: string; readonly until: number } | undefined;
  let asking: Promise<string> | undefined;

  const exchange = async (): Promise<string> => {
    let from = '';
    const response = await consumer.withKey((key, version) => {
      from = version;
      return fetch(`${endpoint}sts/v1.0/issueToken`, {
        method: 'POST',
        headers: { ...headers, 'Ocp-Apim-Subscription-Key': key.reveal(), 'Content-Length': '0' },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    });
    if (!response.ok) throw new Error(`No token was issued: status ${response.status}.`);
    const token = await response.text();
    kept = { token, version: from, until: Date.now() + RENEW_AFTER_MS };
    return token;
  };

  return {
    async token() {
      const { version } = await consumer.current();
      if (kept !== undefined && kept.version === version && Date.now() < kept.until) return kept.token;
      asking ??= exchange().finally(() => {
        asking = undefined;
      });
      return asking;
    },
  };
}
