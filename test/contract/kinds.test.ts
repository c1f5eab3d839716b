// The table of kinds: the call of each, its host in each cloud, and the order of versions.
import { describe, expect, test } from 'vitest';
import { findKind, proofOf } from '../../src/azure/data-plane/find-kind.ts';
import { KINDS } from '../../src/azure/data-plane/kinds.ts';
import { probeCallsOf, tokenCallsOf } from '../../src/azure/data-plane/probe-calls.ts';
import { CLOUDS, localCloud } from '../../src/config/cloud.ts';
import { PROBE_VERSIONS, parseProbeVersions } from '../../src/config/probe-versions.ts';
import type { AccountDetails } from '../../src/operators/check/ports.ts';

const details = (kind: string, changes: Partial<AccountDetails> = {}): AccountDetails => ({
  kind,
  endpoint: 'https://x.cognitiveservices.azure.com/',
  location: 'westeurope',
  disableLocalAuth: false,
  provisioningState: 'Succeeded',
  ...changes,
});
const inPublic = { cloud: CLOUDS.public, versions: PROBE_VERSIONS };
const firstUrl = (found: AccountDetails, options: Parameters<typeof probeCallsOf>[1] = inPublic) =>
  probeCallsOf(found, options)[0]?.url;

/** `az cognitiveservices account list-kinds`, as published in 2025, and the kind of search services. */
const LISTED = [
  'AIServices',
  'AnomalyDetector',
  'CognitiveServices',
  'ComputerVision',
  'ContentModerator',
  'ContentSafety',
  'ConversationalLanguageUnderstanding',
  'CustomVision.Prediction',
  'CustomVision.Training',
  'Face',
  'FormRecognizer',
  'HealthInsights',
  'ImmersiveReader',
  'Internal.AllInOne',
  'LanguageAuthoring',
  'LUIS.Authoring',
  'MetricsAdvisor',
  'OpenAI',
  'Personalizer',
  'QnAMaker.v2',
  'Search',
  'SpeechServices',
  'TextAnalytics',
  'TextTranslation',
];

describe('the table', () => {
  test('has every kind that Azure Resource Manager lists, and that of search services, once', () => {
    expect(KINDS.map(({ kind }) => kind)).toEqual(LISTED);
  });

  test('is read without regard to case', () => {
    expect(findKind('openai')?.kind).toBe('OpenAI');
    expect(firstUrl(details('COMPUTERVISION'))).toBe('https://x.cognitiveservices.azure.com/vision/v3.2/models');
  });

  test('says why a kind has no proof, also for one that it does not know', () => {
    expect(proofOf('ImmersiveReader')).toEqual({
      state: 'none',
      because: 'applications call it with Microsoft Entra tokens, and no call with a key is documented',
    });
    expect(proofOf('Unheard.Of')).toEqual({ state: 'none', because: 'the service does not know this kind' });
    expect(probeCallsOf(details('Unheard.Of'), inPublic)).toEqual([]);
  });

  test('names a token exchange only for the kinds that have a documented one', () => {
    const exchanging = KINDS.map(({ kind }) => kind).filter((kind) => tokenCallsOf(details(kind), inPublic).length > 0);
    expect(exchanging).toEqual(['CognitiveServices', 'SpeechServices', 'TextTranslation']);
  });
});

describe('the call of a kind', () => {
  const key = 'Ocp-Apim-Subscription-Key';
  const at = (path: string): string => `https://x.cognitiveservices.azure.com/${path}`;
  test.each([
    ['AIServices', 'GET', at('openai/models?api-version=2024-10-21'), 'api-key'],
    ['AnomalyDetector', 'GET', at('anomalydetector/v1.1/multivariate/models'), key],
    ['CognitiveServices', 'POST', at('sts/v1.0/issueToken'), key],
    ['ContentModerator', 'GET', at('contentmoderator/lists/v1.0/termlists'), key],
    ['ContentSafety', 'GET', at('contentsafety/text/blocklists?api-version=2024-09-01'), key],
    [
      'ConversationalLanguageUnderstanding',
      'GET',
      at('language/authoring/analyze-conversations/projects?api-version=2023-04-01'),
      key,
    ],
    ['CustomVision.Training', 'GET', at('customvision/v3.3/training/domains'), 'Training-Key'],
    ['Face', 'GET', at('face/v1.0/facelists'), key],
    ['FormRecognizer', 'GET', at('documentintelligence/info?api-version=2024-11-30'), key],
    ['LUIS.Authoring', 'GET', at('luis/authoring/v3.0-preview/apps/'), key],
    ['OpenAI', 'GET', at('openai/models?api-version=2024-10-21'), 'api-key'],
    ['Personalizer', 'GET', at('personalizer/v1.0/configurations/service'), key],
    ['QnAMaker.v2', 'GET', at('qnamaker/v5.0-preview.1/knowledgebases'), key],
    ['Search', 'GET', at('servicestats?api-version=2024-07-01'), 'api-key'],
    ['SpeechServices', 'POST', at('sts/v1.0/issueToken'), key],
    ['TextAnalytics', 'POST', at('language/:analyze-text?api-version=2023-04-01'), key],
  ] as const)('%s', (kind, method, url, keyHeader) => {
    expect(probeCallsOf(details(kind), inPublic)[0]).toMatchObject({ method, url, keyHeader });
  });
});

describe('the host of a call', () => {
  test('is the origin of an endpoint with a path', () => {
    const endpoint = 'https://westeurope.api.cognitive.microsoft.com/sts/v1.0/issuetoken';
    expect(firstUrl(details('SpeechServices', { endpoint }))).toBe(
      'https://westeurope.api.cognitive.microsoft.com/sts/v1.0/issueToken',
    );
    expect(firstUrl(details('Face', { endpoint: 'https://westus.api.cognitive.microsoft.com/face/v1.0/' }))).toBe(
      'https://westus.api.cognitive.microsoft.com/face/v1.0/facelists',
    );
  });

  test('of a local Azure has the account as the first part of the path', () => {
    const cloud = localCloud({ resourceManagerEndpoint: 'https://localhost:1', authorityHost: 'https://localhost:2' });
    const endpoint = 'https://localhost:3/demo/sts/v1.0/issuetoken';
    expect(firstUrl(details('SpeechServices', { endpoint }), { ...inPublic, cloud })).toBe(
      'https://localhost:3/demo/sts/v1.0/issueToken',
    );
  });

  test.each([
    [
      'public',
      'https://api.cognitive.microsofttranslator.com/',
      'westeurope',
      'https://westeurope.api.cognitive.microsoft.com/',
    ],
    [
      'public',
      'https://api.cognitive.microsofttranslator.com/',
      'West Europe',
      'https://westeurope.api.cognitive.microsoft.com/',
    ],
    ['public', 'https://api.cognitive.microsofttranslator.com/', 'global', 'https://api.cognitive.microsoft.com/'],
    [
      'public',
      'https://api-eur.cognitive.microsofttranslator.com/',
      'westeurope',
      'https://westeurope.api.cognitive.microsoft.com/',
    ],
    [
      'usGovernment',
      'https://api.cognitive.microsofttranslator.us/',
      'usgovvirginia',
      'https://usgovvirginia.api.cognitive.microsoft.us/',
    ],
    ['china', 'https://api.translator.azure.cn/', 'chinaeast2', 'https://chinaeast2.api.cognitive.azure.cn/'],
  ] as const)(
    'of Translator in the cloud %s (%s, %s) is the one that issues tokens',
    (cloud, endpoint, location, base) => {
      const options = { ...inPublic, cloud: CLOUDS[cloud] };
      expect(firstUrl(details('TextTranslation', { endpoint, location }), options)).toBe(`${base}sts/v1.0/issueToken`);
    },
  );

  test.each([
    ['public', 'https://api.cognitive.microsofttranslator.com/', 'https://mine.cognitiveservices.azure.com/'],
    ['usGovernment', 'https://api.cognitive.microsofttranslator.us/', 'https://mine.cognitiveservices.azure.us/'],
    ['china', 'https://api.translator.azure.cn/', 'https://mine.cognitiveservices.azure.cn/'],
  ] as const)('of Translator with a custom subdomain in the cloud %s is the subdomain', (cloud, endpoint, base) => {
    const options = { ...inPublic, cloud: CLOUDS[cloud] };
    const found = details('TextTranslation', { endpoint, customSubDomainName: 'mine' });
    expect(firstUrl(found, options)).toBe(`${base}sts/v1.0/issueToken`);
  });

  test('is no other host whose name only ends like one of Translator', () => {
    const endpoint = 'https://notmicrosofttranslator.com/';
    expect(firstUrl(details('TextTranslation', { endpoint }))).toBe(
      'https://notmicrosofttranslator.com/sts/v1.0/issueToken',
    );
  });
});

describe('the versions of a call', () => {
  test("the operator's comes first, and the built-in ones follow", () => {
    const versions = parseProbeVersions('openAi=2026-03-01-preview, vision = v3.1') ?? PROBE_VERSIONS;
    const urls = (kind: string) => probeCallsOf(details(kind), { ...inPublic, versions }).map(({ url }) => url);
    expect(urls('OpenAI')).toEqual([
      'https://x.cognitiveservices.azure.com/openai/models?api-version=2026-03-01-preview',
      'https://x.cognitiveservices.azure.com/openai/models?api-version=2024-10-21',
      'https://x.cognitiveservices.azure.com/openai/models?api-version=2024-06-01',
    ]);
    expect(urls('ComputerVision')).toEqual([
      'https://x.cognitiveservices.azure.com/vision/v3.1/models',
      'https://x.cognitiveservices.azure.com/vision/v3.2/models',
    ]);
  });

  test.each([
    ['an unknown API', 'openai=2024-10-21'],
    ['a version that would change the path', 'vision=../v3.2'],
    ['a version that would add to the query', 'openAi=2024-10-21&x=y'],
    ['an API named twice', 'face=v1.0,face=v1.2'],
    ['a version alone', '2024-10-21'],
    ['JSON', '{"openAi":"2024-10-21"}'],
  ])('%s is refused', (_name, text) => {
    expect(parseProbeVersions(text)).toBeUndefined();
  });
});
