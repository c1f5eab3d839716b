// Acknowledges over HTTP that this application uses a version. It must not retry: `acknowledger.ts` does.

export interface AcknowledgeOptions {
  /** `https://<function app>/api/accounts/<account>/acknowledgements`. */
  readonly url: string;
  /** The consumer's name in the policy. */
  readonly consumer: string;
  /** Headers that authorise the call: `x-functions-key`, or `Authorization` with an Entra token. */
  readonly authorise: () => Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>;
}

const TIMEOUT_MS = 30_000;

/** For `KeyConsumerOptions.acknowledge`. Rejects if the answer is not a success. */
export function acknowledgeOverHttp({ url, consumer, authorise }: AcknowledgeOptions) {
  return async (version: string): Promise<void> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(await authorise()) },
      body: JSON.stringify({ consumer, version }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`The acknowledgement was not taken: status ${response.status}.`);
  };
}
