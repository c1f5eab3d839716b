// The answers of the AI services to requests that the gateway has let in: calls that show whether a key works, and a
// few calls that an application makes. It must not look at keys or tokens.
import { type Answer, findRoute, json, type Route, readJsonObject, type WireCall } from '../http.ts';

export interface DataPlaneRequest {
  readonly call: WireCall;
  /** A token of this account, good for ten minutes. */
  readonly issueToken: () => string;
}

export interface DataPlaneRoute {
  readonly operation: string;
  /** Kinds of account that have this route, in lower case. */
  readonly kinds: readonly string[];
  /** Whether it takes a token of `issueToken` in place of a key. */
  readonly takesIssuedToken: boolean;
  /** Translator has its own words for a bad key. */
  readonly isTranslator: boolean;
  answer(request: DataPlaneRequest): Answer;
}

const MULTI = ['CognitiveServices', 'AIServices'];
const LANGUAGE = ['TextAnalytics', 'ConversationalLanguageUnderstanding', 'LanguageAuthoring'];
const MODEL_CREATED = 1_715_367_600;

function refuseVersion(call: WireCall, known: readonly string[]): Answer | undefined {
  const version = call.query.get('api-version');
  if (version !== undefined && known.includes(version)) return undefined;
  const message = `The api-version '${version ?? ''}' is missing or not supported.`;
  return json(400, { error: { code: 'BadRequest', message } });
}

function models(call: WireCall): Answer {
  const isVersionless = call.path.toLowerCase().endsWith('/openai/v1/models');
  const known = ['2023-05-15', '2024-02-01', '2024-06-01', '2024-10-21'];
  const version = call.query.get('api-version') ?? '';
  if (!isVersionless && !known.includes(version)) {
    return json(404, { error: { code: '404', message: 'Resource not found' } });
  }
  const data = ['gpt-4o', 'text-embedding-3-small'].map((id) => ({
    id,
    object: 'model',
    status: 'succeeded',
    created_at: MODEL_CREATED,
    lifecycle_status: 'generally-available',
  }));
  return json(200, { data, object: 'list' });
}

function analyzeText(call: WireCall): Answer {
  const refusal = refuseVersion(call, ['2022-05-01', '2023-04-01', '2024-11-01']);
  if (refusal !== undefined) return refusal;
  const invalid = (message: string, innerCode: string): Answer => {
    const innererror = { code: innerCode, message };
    return json(400, { error: { code: 'InvalidRequest', message: 'Invalid Request.', innererror } });
  };
  const body = readJsonObject(call.body);
  if (body === undefined) return invalid('The request body is not valid JSON.', 'InvalidRequestContent');
  if (body['kind'] !== 'LanguageDetection') {
    return invalid(`The kind '${String(body['kind'])}' is not supported here.`, 'InvalidParameterValue');
  }
  const { documents } = (body['analysisInput'] ?? {}) as { readonly documents?: unknown };
  if (!Array.isArray(documents) || documents.length === 0) {
    return invalid('The request contains no documents.', 'MissingInputDocuments');
  }
  const found = (documents as { readonly id?: unknown; readonly text?: unknown }[]).map(({ id, text }) => ({
    id,
    warnings: [],
    detectedLanguage: languageOf(String(text)),
  }));
  const results = { documents: found, errors: [], modelVersion: '2024-06-01' };
  return json(200, { kind: 'LanguageDetectionResults', results });
}

/** Words that reveal a few languages; a real service knows better. */
const LANGUAGES = [
  ['French', 'fr', /\b(bonjour|merci|monde|le|la|les|et|est)\b/i],
  ['German', 'de', /\b(hallo|welt|der|die|das|und|ist)\b/i],
  ['Spanish', 'es', /\b(hola|gracias|mundo|el|los|y|es)\b/i],
] as const;

function languageOf(text: string): object {
  const [name, iso6391Name] = LANGUAGES.find(([, , words]) => words.test(text)) ?? ['English', 'en'];
  return { name, iso6391Name, confidenceScore: 1 };
}

function documentInfo(call: WireCall): Answer {
  const refusal = refuseVersion(call, ['2024-02-29-preview', '2024-11-30']);
  return refusal ?? json(200, { customDocumentModels: { count: 0, limit: 500 } });
}

function conversationProjects(call: WireCall): Answer {
  return refuseVersion(call, ['2022-05-01', '2023-04-01']) ?? json(200, { value: [] });
}

function blocklists(call: WireCall): Answer {
  return refuseVersion(call, ['2023-10-01', '2024-09-01']) ?? json(200, { value: [] });
}

function translate(call: WireCall): Answer {
  if (call.query.get('api-version') !== '3.0') {
    const message = 'The API version parameter is missing or invalid.';
    return json(400, { error: { code: 400_021, message } });
  }
  let texts: unknown;
  try {
    texts = JSON.parse(call.body.toString('utf8'));
  } catch {
    texts = undefined;
  }
  if (!Array.isArray(texts)) {
    return json(400, { error: { code: 400_074, message: 'The body of the request is not valid JSON.' } });
  }
  const targets = call.query.all('to');
  if (targets.length === 0) {
    return json(400, { error: { code: 400_036, message: 'The target language is not valid.' } });
  }
  const translated = (texts as { readonly Text?: unknown }[]).map(({ Text: given }) => {
    const text = typeof given === 'string' ? given : '';
    return {
      detectedLanguage: { language: 'en', score: 1 },
      translations: targets.map((to) => ({ text: `[${to}] ${text}`, to })),
    };
  });
  return json(200, translated);
}

const VOICE = {
  Name: 'Microsoft Server Speech Text to Speech Voice (en-US, AvaNeural)',
  DisplayName: 'Ava',
  LocalName: 'Ava',
  ShortName: 'en-US-AvaNeural',
  Gender: 'Female',
  Locale: 'en-US',
  LocaleName: 'English (United States)',
  SampleRateHertz: '24000',
  VoiceType: 'Neural',
  Status: 'GA',
};

function issuedToken({ issueToken }: DataPlaneRequest): Answer {
  return { status: 200, headers: { 'content-type': 'application/jwt; charset=us-ascii' }, body: issueToken() };
}

interface RouteOptions {
  readonly takesIssuedToken?: boolean;
  readonly isTranslator?: boolean;
}

function route(
  line: string,
  operation: string,
  kinds: readonly string[],
  answer: DataPlaneRoute['answer'],
  options: RouteOptions = {},
): Route<DataPlaneRoute> {
  const [method = '', pattern = ''] = line.split(' ');
  const { takesIssuedToken = false, isTranslator = false } = options;
  return {
    method,
    pattern,
    handler: {
      operation,
      kinds: [...kinds, ...MULTI].map((kind) => kind.toLowerCase()),
      takesIssuedToken,
      isTranslator,
      answer,
    },
  };
}

const TRANSLATOR: RouteOptions = { takesIssuedToken: true, isTranslator: true };
const SPEECH: RouteOptions = { takesIssuedToken: true };

const ROUTES: readonly Route<DataPlaneRoute>[] = [
  route('POST sts/v1.0/issueToken', 'issueToken', ['SpeechServices', 'TextTranslation'], issuedToken),
  route('GET cognitiveservices/voices/list', 'listVoices', ['SpeechServices'], () => json(200, [VOICE]), SPEECH),
  route('GET openai/models', 'listModels', ['OpenAI'], ({ call }) => models(call)),
  route('GET openai/v1/models', 'listModels', ['OpenAI'], ({ call }) => models(call)),
  route('GET documentintelligence/info', 'getDocumentInfo', ['FormRecognizer'], ({ call }) => documentInfo(call)),
  // The colon is part of the name here: an unescaped `:analyze-text` would be a placeholder.
  route('POST language/%3Aanalyze-text', 'analyzeText', ['TextAnalytics'], ({ call }) => analyzeText(call)),
  route('GET contentsafety/text/blocklists', 'listBlocklists', ['ContentSafety'], ({ call }) => blocklists(call)),
  route('GET vision/v3.2/models', 'listVisionModels', ['ComputerVision'], () => json(200, { models: [] })),
  route('GET vision/v3.1/models', 'listVisionModels', ['ComputerVision'], () => json(200, { models: [] })),
  route('GET face/v1.0/facelists', 'listFaceLists', ['Face'], () => json(200, [])),
  route('GET face/v1.2/facelists', 'listFaceLists', ['Face'], () => json(200, [])),
  route('GET customvision/v3.3/training/domains', 'listDomains', ['CustomVision.Training'], () => json(200, [])),
  route('GET anomalydetector/v1.1/multivariate/models', 'listMultivariateModels', ['AnomalyDetector'], () =>
    json(200, { models: [], currentCount: 0, maxCount: 300 }),
  ),
  route('GET contentmoderator/lists/v1.0/termlists', 'listTermLists', ['ContentModerator'], () => json(200, [])),
  route('GET personalizer/v1.0/configurations/service', 'getServiceConfiguration', ['Personalizer'], () =>
    json(200, { rewardAggregation: 'earliest', isAutoOptimizationEnabled: false }),
  ),
  route('GET luis/authoring/v3.0-preview/apps', 'listApps', ['LUIS.Authoring'], () => json(200, [])),
  route('GET qnamaker/v5.0-preview.1/knowledgebases', 'listKnowledgeBases', ['QnAMaker.v2'], () =>
    json(200, { knowledgebases: [] }),
  ),
  route('GET language/authoring/analyze-conversations/projects', 'listProjects', LANGUAGE, ({ call }) =>
    conversationProjects(call),
  ),
  route('POST translate', 'translate', ['TextTranslation'], ({ call }) => translate(call), TRANSLATOR),
  route(
    'POST translator/text/v3.0/translate',
    'translate',
    ['TextTranslation'],
    ({ call }) => translate(call),
    TRANSLATOR,
  ),
];

/** The route behind the account's name, for every kind of account. */
export function findDataPlaneRoute(method: string, segments: readonly string[]): DataPlaneRoute | undefined {
  const escaped = segments.map((segment) => (segment.startsWith(':') ? `%3A${segment.slice(1)}` : segment));
  return findRoute(ROUTES, method, escaped)?.handler;
}
