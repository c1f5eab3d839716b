// One call of the Language service with a key.
import type { SecretValue } from '../packages/consumer/src/index.ts';

/** Answers the service's response; 401 when the key is refused. */
export function detectLanguage(endpoint: string, key: SecretValue, text: string): Promise<Response> {
  const base = endpoint.endsWith('/') ? endpoint : `${endpoint}/`;
  return fetch(`${base}language/:analyze-text?api-version=2023-04-01`, {
    method: 'POST',
    headers: { 'Ocp-Apim-Subscription-Key': key.reveal(), 'Content-Type': 'application/json' },
    body: JSON.stringify({ kind: 'LanguageDetection', analysisInput: { documents: [{ id: '1', text }] } }),
    signal: AbortSignal.timeout(10_000),
  });
}

interface Answer {
  readonly results?: { readonly documents?: readonly { readonly detectedLanguage?: { readonly name?: string } }[] };
}

/** The language that the service names. */
export async function languageIn(response: Response): Promise<string> {
  if (!response.ok) return `no answer (status ${response.status})`;
  const { results } = (await response.json()) as Answer;
  return results?.documents?.[0]?.detectedLanguage?.name ?? 'unknown';
}
