// A `fetch` with the key, for every client that takes one. It must not decide when a key is tried.
import type { KeyConsumer } from './key-consumer.ts';

export interface KeyFetchOptions {
  readonly consumer: KeyConsumer;
  /** The header of the key. Default: `Ocp-Apim-Subscription-Key`. Azure OpenAI has `api-key`. */
  readonly header?: string;
}

/**
 * Sends a request with the key in use, and again under another key after a 401, as `withKey` does. Replaces a key that
 * the client sets in the same header. Keeps a body that is a stream in memory, because it may have to be sent again.
 */
export function createKeyFetch({ consumer, header = 'Ocp-Apim-Subscription-Key' }: KeyFetchOptions): typeof fetch {
  return (input, init = {}) => {
    let { body } = init;
    return consumer.withKey((key) => {
      const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined));
      headers.set(header, key.reveal());
      // A stream is read once: one half is sent, the other half is kept for the next key.
      let sent = body;
      if (body instanceof ReadableStream) [body, sent] = body.tee();
      const request = input instanceof Request ? input.clone() : input;
      return fetch(request, { ...init, ...(sent === undefined ? {} : { body: sent }), headers });
    });
  };
}
