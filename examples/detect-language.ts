// One call of the Language service, with a key or with a token.
import type { SecretValue } from '../packages/consumer/src/index.ts';
import { refusalOf } from './refusals.ts';

/** Returns the service's response; 401 when the key is refused. */
export function detectLanguage(endpoint: string, key: SecretValue, text: string): Promise<Response> {
  return detectLanguageWith(endpoint, { 'Ocp-Apim-Subscription-Key': key.reveal() }, text);
}

/** As `detectLanguage`, with the headers that say who calls. */
export function detectLanguageWith(
  endpoint: string,
  headers: Readonly<Record<string, string>>,
  text: string,
): Promise<Response> {
  const base = endpoint.endsWith('/') ? endpoint : `${endpoint}/`;
  return fetch(`${base}language/:analyze-text?api-version=2023-04-01`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ kind: 'LanguageDetection', analysisInput: { documents: [{ id: '1', text }] } }),
    signal: AbortSignal.timeout(10_000),
  });
}

interface Answer {
  readonly results?: { readonly documents?: readonly { readonly detectedLanguage?: { readonly name?: string } }[] };
}

/** The language that the service names, or one sentence that says who refused the call. */
export async function languageIn(response: Response): Promise<string> {
  if (!response.ok) return refusalOf(response);
  const { results } = (await response.json()) as Answer;
  return results?.documents?.[0]?.detectedLanguage?.name ?? 'unknown';
}
