// The only table that knows which harmless data-plane call proves a key, per kind of account.
// It must not send or judge anything. Each call changes nothing. Calls that answer 2xx to a good key are preferred: no
// document says what a 400 or 404 means for the key.
import type { AccountDetails } from '../../operators/check/ports.ts';

export interface ProbeCall {
  readonly method: 'GET' | 'POST';
  /** Absolute. */
  readonly url: string;
  readonly keyHeader: 'Ocp-Apim-Subscription-Key' | 'api-key';
  /** JSON text; undefined means an empty body. */
  readonly body?: string;
  /** False for the fallback: a 404 there says nothing about the endpoint. */
  readonly isDocumentedForKind: boolean;
}

type CallOf = (details: AccountDetails) => Omit<ProbeCall, 'isDocumentedForKind'>;

const SUBSCRIPTION_KEY = 'Ocp-Apim-Subscription-Key';

/** Lists models: free. */
const listModels: CallOf = ({ endpoint }) => ({
  method: 'GET',
  url: new URL('openai/models?api-version=2024-10-21', endpoint).href,
  keyHeader: 'api-key',
});

/** Exchanges the key for a token of ten minutes: free, and the token is thrown away. */
const issueToken: CallOf = ({ endpoint, location }) => ({
  method: 'POST',
  url: new URL('sts/v1.0/issueToken', tokenHostOf(endpoint, location)).href,
  keyHeader: SUBSCRIPTION_KEY,
});

/**
 * Language has no documented free call that answers 2xx. This call bills one text record per probe. A call without
 * documents is free but answers 400, and it is not documented that only a good key gets a 400.
 */
const detectLanguage: CallOf = ({ endpoint }) => ({
  method: 'POST',
  url: new URL('language/:analyze-text?api-version=2023-04-01', endpoint).href,
  keyHeader: SUBSCRIPTION_KEY,
  body: JSON.stringify({
    kind: 'LanguageDetection',
    parameters: { modelVersion: 'latest' },
    analysisInput: { documents: [{ id: '1', text: 'hello' }] },
  }),
});

/** Reads the resource's limits: free. */
const readInfo: CallOf = ({ endpoint }) => ({
  method: 'GET',
  url: new URL('documentintelligence/info?api-version=2024-11-30', endpoint).href,
  keyHeader: SUBSCRIPTION_KEY,
});

/** Lists the account's own block lists, usually none: free. */
const listBlocklists: CallOf = ({ endpoint }) => ({
  method: 'GET',
  url: new URL('contentsafety/text/blocklists?api-version=2024-09-01', endpoint).href,
  keyHeader: SUBSCRIPTION_KEY,
});

const CALLS: ReadonlyMap<string, CallOf> = new Map([
  ['OpenAI', listModels],
  ['AIServices', listModels],
  ['TextAnalytics', detectLanguage],
  ['FormRecognizer', readInfo],
  ['ContentSafety', listBlocklists],
  ['SpeechServices', issueToken],
  ['TextTranslation', issueToken],
  ['CognitiveServices', issueToken],
]);

/** The call for this account. Kinds that the table does not name exchange the key for a token. */
export function probeCallOf(details: AccountDetails): ProbeCall {
  const callOf = CALLS.get(details.kind);
  return callOf === undefined
    ? { ...issueToken(details), isDocumentedForKind: false }
    : { ...callOf(details), isDocumentedForKind: true };
}

/** The exchange of the key for a token. Undefined for kinds without a documented one. */
export function tokenCallOf(details: AccountDetails): ProbeCall | undefined {
  return CALLS.get(details.kind) === issueToken ? { ...issueToken(details), isDocumentedForKind: true } : undefined;
}

/** Translator's own hosts issue no tokens: the region's host does, and the shared host for a global account. */
function tokenHostOf(endpoint: string, location: string): string {
  if (!new URL(endpoint).hostname.endsWith('.microsofttranslator.com')) return endpoint;
  return location === '' || location.toLowerCase() === 'global'
    ? 'https://api.cognitive.microsoft.com/'
    : `https://${location}.api.cognitive.microsoft.com/`;
}
