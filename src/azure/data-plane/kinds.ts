// The table of the kinds of accounts, as Azure Resource Manager lists them or the type of the resource says: the call
// that proves a key of each, what it costs, where it is documented, and whether the kind exchanges a key for a token.
// docs/kinds.md is printed from it.
// It must not send or judge anything. Each call changes nothing, and answers 2xx to a good key: no document says what
// a 400 or a 404 means for the key.
import type { ProbeApi } from '../../config/probe-versions.ts';

/**
 * How sure a row is. `read`: the named source was read. `partly`: the source names the call, but not for this kind, or
 * not its key. No row was tried against Azure.
 */
export type Certainty = 'read' | 'partly';

export interface Source {
  readonly certainty: Certainty;
  /** File in Azure/azure-rest-api-specs under `specification/`, or a page of the documentation. */
  readonly where: string;
}

export interface ProofCall {
  readonly does: string;
  readonly method: 'GET' | 'POST';
  readonly api: ProbeApi;
  /** Path and query below the host; `{version}` stands for the version of `api`. */
  readonly path: string;
  readonly keyHeader: 'Ocp-Apim-Subscription-Key' | 'api-key' | 'Training-Key';
  /** JSON text; absent: an empty body. */
  readonly body?: string;
  readonly cost: 'free' | 'one text record';
  /** Whether the source says that the call takes a Microsoft Entra token, too. */
  readonly takesEntra: boolean;
  /**
   * Statuses that mean either a dead key or a network that is closed. Absent: none. The core counts them as a rejection
   * only while another key of the account is accepted.
   */
  readonly ambiguousStatuses?: readonly number[];
  readonly source: Source;
}

export type Proof =
  | { readonly state: 'call'; readonly call: ProofCall }
  /** `because` completes the sentence of `obstacleOf`. */
  | { readonly state: 'none'; readonly because: string };

/**
 * `subdomain`: has its own host. `region`: may share its region's host. `translator`: lists Translator's own host. `name`:
 * has a host of its own by its name; the listed one is not used.
 */
export type HostForm = 'subdomain' | 'region' | 'translator' | 'name';

export interface Kind {
  /** As Azure Resource Manager writes it. Kinds are compared without regard to case. */
  readonly kind: string;
  readonly hosts: readonly HostForm[];
  /** A path that Azure Resource Manager is known to list behind the host. Probes leave it out. */
  readonly endpointPath?: string;
  readonly proof: Proof;
  /** Absent: no document says that the kind exchanges a key for a token. */
  readonly tokenExchange?: Source;
  readonly note?: string;
}

const SUBSCRIPTION_KEY = 'Ocp-Apim-Subscription-Key';
const COGNITIVE = 'cognitiveservices/data-plane';
const EITHER: readonly HostForm[] = ['subdomain', 'region'];

type Get = Pick<ProofCall, 'does' | 'api' | 'path' | 'source'> & Partial<ProofCall>;

/** A free GET with the usual key header, unless said otherwise. */
function get(call: Get): Proof {
  const usual = { method: 'GET', keyHeader: SUBSCRIPTION_KEY, cost: 'free', takesEntra: false } as const;
  return { state: 'call', call: { ...usual, ...call } };
}

const read = (where: string): Source => ({ certainty: 'read', where });
const partly = (where: string): Source => ({ certainty: 'partly', where });
const none = (because: string): Proof => ({ state: 'none', because });

const EXCHANGE_SOURCE = read('learn.microsoft.com: Authenticate requests to Azure AI services');

export const TOKEN_EXCHANGE: ProofCall = {
  does: 'exchanges the key for a token of ten minutes, which is thrown away',
  method: 'POST',
  api: 'tokenExchange',
  path: 'sts/{version}/issueToken',
  keyHeader: SUBSCRIPTION_KEY,
  cost: 'free',
  takesEntra: false,
  source: EXCHANGE_SOURCE,
};
const exchange: Proof = { state: 'call', call: TOKEN_EXCHANGE };

const listModels = get({
  does: 'lists the models',
  api: 'openAi',
  path: 'openai/models?api-version={version}',
  keyHeader: 'api-key',
  takesEntra: true,
  source: read('learn.microsoft.com: Azure OpenAI REST API, Models - List'),
});

/** Language has a free call as well, but in some regions only. This one works in all, and bills one text record. */
const detectLanguage: Proof = {
  state: 'call',
  call: {
    does: 'detects the language of one word',
    method: 'POST',
    api: 'language',
    path: 'language/:analyze-text?api-version={version}',
    keyHeader: SUBSCRIPTION_KEY,
    body: JSON.stringify({
      kind: 'LanguageDetection',
      parameters: { modelVersion: 'latest' },
      analysisInput: { documents: [{ id: '1', text: 'hello' }] },
    }),
    cost: 'one text record',
    takesEntra: true,
    source: read(`${COGNITIVE}/Language/stable/2023-04-01`),
  },
};

const listProjects = get({
  does: "lists the account's projects",
  api: 'languageAuthoring',
  path: 'language/authoring/analyze-conversations/projects?api-version={version}',
  takesEntra: true,
  source: partly(`${COGNITIVE}/Language/stable/2023-04-01/analyzeconversations-authoring.json`),
});

const RETIRED_2026 = 'Microsoft announced its retirement for 2026-10-01.';

export const KINDS: readonly Kind[] = [
  { kind: 'AIServices', hosts: ['subdomain'], proof: listModels },
  {
    kind: 'AnomalyDetector',
    hosts: EITHER,
    proof: get({
      does: "lists the account's models",
      api: 'anomalyDetector',
      path: 'anomalydetector/{version}/multivariate/models',
      source: read(`${COGNITIVE}/AnomalyDetector/stable/v1.1/openapi.json`),
    }),
    note: RETIRED_2026,
  },
  { kind: 'CognitiveServices', hosts: EITHER, proof: exchange, tokenExchange: EXCHANGE_SOURCE },
  {
    kind: 'ComputerVision',
    hosts: EITHER,
    endpointPath: 'vision/v1.0',
    proof: get({
      does: 'lists the domain models',
      api: 'vision',
      path: 'vision/{version}/models',
      source: read(`${COGNITIVE}/ComputerVision/stable/v3.2/ComputerVision.json`),
    }),
  },
  {
    kind: 'ContentModerator',
    hosts: EITHER,
    proof: get({
      does: "lists the account's term lists",
      api: 'contentModerator',
      path: 'contentmoderator/lists/{version}/termlists',
      source: partly(`${COGNITIVE}/ContentModerator/stable/v1.0/ContentModerator.json`),
    }),
  },
  {
    kind: 'ContentSafety',
    hosts: EITHER,
    proof: get({
      does: "lists the account's block lists",
      api: 'contentSafety',
      path: 'contentsafety/text/blocklists?api-version={version}',
      takesEntra: true,
      source: read(`${COGNITIVE}/ContentSafety/stable/2024-09-01/contentsafety.json`),
    }),
  },
  { kind: 'ConversationalLanguageUnderstanding', hosts: EITHER, proof: listProjects },
  {
    kind: 'CustomVision.Prediction',
    hosts: EITHER,
    proof: none('its API has no call but predictions, and each needs a published model and an image'),
  },
  {
    kind: 'CustomVision.Training',
    hosts: EITHER,
    proof: get({
      does: 'lists the domains that a project can have',
      api: 'customVisionTraining',
      path: 'customvision/{version}/training/domains',
      keyHeader: 'Training-Key',
      source: read(`${COGNITIVE}/CustomVision/Training/stable/v3.3/Training.json`),
    }),
  },
  {
    kind: 'Face',
    hosts: EITHER,
    endpointPath: 'face/v1.0',
    proof: get({
      does: "lists the account's face lists",
      api: 'face',
      path: 'face/{version}/facelists',
      source: read(`${COGNITIVE}/Face/stable/v1.0/Face.json`),
    }),
    note: 'Parts of Face need an approval from Microsoft. An account without it may answer 403, which is no verdict.',
  },
  {
    kind: 'FormRecognizer',
    hosts: EITHER,
    proof: get({
      does: "reads the account's limits",
      api: 'documentIntelligence',
      path: 'documentintelligence/info?api-version={version}',
      takesEntra: true,
      source: read('learn.microsoft.com: Document Intelligence REST API, Get Resource Details'),
    }),
  },
  { kind: 'HealthInsights', hosts: ['subdomain'], proof: none('its API has no call but jobs, and each job is billed') },
  {
    kind: 'ImmersiveReader',
    hosts: ['subdomain'],
    proof: none('applications call it with Microsoft Entra tokens, and no call with a key is documented'),
  },
  { kind: 'Internal.AllInOne', hosts: EITHER, proof: none('no public document describes it') },
  { kind: 'LanguageAuthoring', hosts: EITHER, proof: listProjects },
  {
    kind: 'LUIS.Authoring',
    hosts: EITHER,
    proof: get({
      does: "lists the account's apps",
      api: 'luisAuthoring',
      path: 'luis/authoring/{version}/apps/',
      source: partly(`${COGNITIVE}/LUIS/Authoring/preview/v3.0/LUIS-Authoring.json`),
    }),
  },
  {
    kind: 'MetricsAdvisor',
    hosts: ['subdomain'],
    proof: none('each call also needs a second key, which Azure Resource Manager does not list'),
    note: RETIRED_2026,
  },
  { kind: 'OpenAI', hosts: EITHER, proof: listModels },
  {
    kind: 'Personalizer',
    hosts: EITHER,
    proof: get({
      does: "reads the service's configuration",
      api: 'personalizer',
      path: 'personalizer/{version}/configurations/service',
      source: read(`${COGNITIVE}/Personalizer/stable/v1.0/Personalizer.json`),
    }),
    note: RETIRED_2026,
  },
  {
    kind: 'QnAMaker.v2',
    hosts: EITHER,
    proof: get({
      does: "lists the account's knowledge bases",
      api: 'qnaMaker',
      path: 'qnamaker/{version}/knowledgebases',
      source: partly(`${COGNITIVE}/QnAMaker/stable/v4.0/QnAMaker.json`),
    }),
  },
  {
    kind: 'Search',
    hosts: ['name'],
    proof: get({
      does: "reads the service's counters and limits",
      api: 'search',
      path: 'servicestats?api-version={version}',
      keyHeader: 'api-key',
      takesEntra: true,
      ambiguousStatuses: [403],
      source: read('learn.microsoft.com: Azure AI Search REST API, Get Service Statistics'),
    }),
    note: 'An Azure AI Search service. Its two admin keys are rotated. Its query keys are not: they are no pair.',
  },
  {
    kind: 'SpeechServices',
    hosts: EITHER,
    endpointPath: 'sts/v1.0/issuetoken',
    proof: exchange,
    tokenExchange: EXCHANGE_SOURCE,
  },
  { kind: 'TextAnalytics', hosts: EITHER, endpointPath: 'text/analytics/v2.0', proof: detectLanguage },
  { kind: 'TextTranslation', hosts: ['translator'], proof: exchange, tokenExchange: EXCHANGE_SOURCE },
];
