// The data plane of the local Azure: which keys and tokens its gateway takes, and how it refuses the others.
import { Agent, request } from 'node:https';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { resourceGroup, subscriptionId } from '../../local/azure/demo-accounts.ts';
import type { AccountKnobs, AccountState } from '../../local/azure/world/world.ts';
import { bearer, type LocalAzureUnderTest, send, startAzureUnderTest } from './local-azure-clients.ts';

let under: LocalAzureUnderTest;
const names: Readonly<Record<string, string>> = {
  TextAnalytics: 'demo-language-1',
  OpenAI: 'demo-openai-2',
  SpeechServices: 'demo-speech-3',
};
const others = ['FormRecognizer', 'ContentSafety', 'ComputerVision', 'Face', 'TextTranslation', 'AIServices'];

beforeAll(async () => {
  under = await startAzureUnderTest();
  for (const kind of others) {
    const name = `other-${kind}`.toLowerCase();
    under.azure.world.addAccount({
      subscriptionId,
      resourceGroup,
      name,
      kind,
      location: 'westeurope',
      keyShape: 'hex32',
    });
  }
});
afterAll(() => under.azure.close());

const untouched: AccountKnobs = {
  nodes: [{ acceptsNewAfterMs: 0, acceptsOldForMs: 0 }],
  isLocalAuthDisabled: false,
  isDeniedByFirewall: false,
  networkRules: undefined,
  publicNetworkAccess: 'Enabled',
  isOutOfQuota: false,
  provisioningState: 'Succeeded',
  missingActions: [],
  hasCustomSubdomain: true,
  endpointPath: '',
  retiredVersions: [],
  isEntraRoleMissing: false,
};
afterEach(() => {
  for (const account of under.azure.world.accounts.values()) Object.assign(account.knobs, untouched);
});

function accountOf(kind: string): AccountState {
  const name = names[kind] ?? `other-${kind}`.toLowerCase();
  const found = [...under.azure.world.accounts.values()].find(({ seed }) => seed.name === name);
  if (found === undefined) throw new Error(`There is no account of the kind ${kind}.`);
  return found;
}

const keyHeader = 'ocp-apim-subscription-key';
const call = (kind: string, line: string, headers: Record<string, string>, body?: unknown) => {
  const [method = '', path = ''] = line.split(' ');
  const text = body === undefined ? undefined : JSON.stringify(body);
  const url = `${under.azure.dataPlaneEndpoint(accountOf(kind).seed.name)}${path}`;
  return send(url, { method, headers, ...(text === undefined ? {} : { body: text }) });
};
const keyOf = (kind: string, name: 'key1' | 'key2' = 'key1') => accountOf(kind).keys[name].value;
const models = 'GET openai/models?api-version=2024-10-21';
const analyze = 'POST language/:analyze-text?api-version=2023-04-01';
const issue = 'POST sts/v1.0/issueToken';

describe('keys', () => {
  test('both keys are taken, another one is refused with 401 byte for byte', async () => {
    for (const name of ['key1', 'key2'] as const) {
      expect((await call('OpenAI', models, { 'api-key': keyOf('OpenAI', name) })).status).toBe(200);
    }
    const refused = await call('OpenAI', models, { 'api-key': keyOf('TextAnalytics') });
    expect([refused.status, refused.reason]).toEqual([401, 'PermissionDenied']);
    expect(refused.headers.get('content-length')).toBe('224');
    expect(refused.text).toBe(
      '{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint. ' +
        'Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource."}}',
    );
  });

  test('a regenerated key is taken and its value before is refused at once', async () => {
    const before = keyOf('TextAnalytics');
    under.azure.world.regenerateKey(accountOf('TextAnalytics').id, 'key1');
    const documents = [{ id: '1', text: 'hello' }];
    const body = { kind: 'LanguageDetection', analysisInput: { documents } };
    expect((await call('TextAnalytics', analyze, { [keyHeader]: before }, body)).status).toBe(401);
    const accepted = await call('TextAnalytics', analyze, { [keyHeader]: keyOf('TextAnalytics') }, body);
    expect(accepted.status).toBe(200);
    expect(JSON.parse(accepted.text)).toMatchObject({
      kind: 'LanguageDetectionResults',
      results: { documents: [{ id: '1', detectedLanguage: { iso6391Name: 'en' } }], errors: [] },
    });
  });

  test('slow gateways: the new key is refused and the old one taken for a while', async () => {
    const before = keyOf('OpenAI', 'key2');
    accountOf('OpenAI').knobs.nodes = [{ acceptsNewAfterMs: 60_000, acceptsOldForMs: 60_000 }];
    under.azure.world.regenerateKey(accountOf('OpenAI').id, 'key2');
    expect((await call('OpenAI', models, { 'api-key': keyOf('OpenAI', 'key2') })).status).toBe(401);
    expect((await call('OpenAI', models, { 'api-key': before })).status).toBe(200);
  });

  test('api-key is for OpenAI alone, and no credentials at all have their own words', async () => {
    const refused = await call('SpeechServices', issue, { 'api-key': keyOf('SpeechServices') });
    expect(refused.status).toBe(401);
    expect(refused.text).toContain('Access denied due to missing subscription key.');
  });
});

describe('nodes of the gateway', () => {
  const LAGGING = { acceptsNewAfterMs: 60_000, acceptsOldForMs: 60_000 };
  const agents: Agent[] = [];
  const turns: number[] = [];
  beforeAll(() => {
    const { nature } = under.azure.world;
    const former = { ...nature };
    nature.chooseNode = (count) => turns.shift() ?? former.chooseNode(count);
  });
  afterEach(() => {
    turns.length = 0;
    for (const agent of agents.splice(0)) agent.destroy();
  });

  /** A client that keeps one connection for all of its calls. */
  const newConnection = (kind: string) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    agents.push(agent);
    return (headers: Record<string, string>, line = models): Promise<number> => {
      const [method = '', path = ''] = line.split(' ');
      const url = `${under.azure.dataPlaneEndpoint(accountOf(kind).seed.name)}${path}`;
      return new Promise((resolve, reject) => {
        const sent = request(url, { agent, method, headers: { ...headers, 'content-length': '0' } }, (response) => {
          response.resume().once('end', () => resolve(response.statusCode ?? 0));
        });
        sent.once('error', reject).end();
      });
    };
  };
  /** From now on, new connections meet these nodes in turn. */
  const meetInTurn = (...nodes: number[]): void => void turns.push(...nodes);
  const lag = (kind: string): void => {
    accountOf(kind).knobs.nodes = [untouched.nodes[0] ?? LAGGING, LAGGING];
  };
  const regenerate = (kind: string): { before: string; after: string } => {
    const before = keyOf(kind);
    return { before, after: under.azure.world.regenerateKey(accountOf(kind).id, 'key1').key1 };
  };

  test('a connection stays on the node that it met first, a new one may meet another', async () => {
    lag('OpenAI');
    const { before, after } = regenerate('OpenAI');
    meetInTurn(1, 0, 1);
    const found: (readonly number[])[] = [];
    for (let connection = 1; connection <= 3; connection++) {
      const callOnIt = newConnection('OpenAI');
      const statuses: number[] = [];
      for (const key of [after, before, after, before]) statuses.push(await callOnIt({ 'api-key': key }));
      found.push(statuses);
    }
    expect(found).toEqual([
      [401, 200, 401, 200],
      [200, 401, 200, 401],
      [401, 200, 401, 200],
    ]);
  });

  test('one connection meets a node of each account that it calls', async () => {
    for (const kind of ['AIServices', 'OpenAI']) lag(kind);
    const [first, second] = [regenerate('AIServices').after, regenerate('OpenAI').after];
    meetInTurn(1, 0);
    const callOnIt = newConnection('OpenAI');
    const other = `GET ../${accountOf('AIServices').seed.name}/openai/v1/models`;
    const statuses: number[] = [];
    for (let round = 1; round <= 2; round++) {
      statuses.push(await callOnIt({ 'api-key': first }, other), await callOnIt({ 'api-key': second }));
    }
    expect(statuses).toEqual([401, 200, 401, 200]);
  });

  test('a key is exchanged for a token at the node of the connection', async () => {
    lag('SpeechServices');
    const { before, after } = regenerate('SpeechServices');
    meetInTurn(0, 1);
    for (const expected of [
      [200, 401],
      [401, 200],
    ]) {
      const callOnIt = newConnection('SpeechServices');
      const statuses: number[] = [];
      for (const key of [after, before]) statuses.push(await callOnIt({ [keyHeader]: key }, issue));
      expect(statuses).toEqual(expected);
    }
  });

  test('a connection meets a node again when the gateway gets other nodes', async () => {
    lag('OpenAI');
    const { after } = regenerate('OpenAI');
    meetInTurn(1);
    const callOnIt = newConnection('OpenAI');
    expect(await callOnIt({ 'api-key': after })).toBe(401);
    accountOf('OpenAI').knobs.nodes = untouched.nodes;
    expect(await callOnIt({ 'api-key': after })).toBe(200);
    accountOf('OpenAI').knobs.nodes = [LAGGING];
    expect(await callOnIt({ 'api-key': after })).toBe(401);
  });
});

describe('posture', () => {
  test('each obstacle has its own answer', async () => {
    const answers = async (knobs: Partial<AccountKnobs>) => {
      Object.assign(accountOf('OpenAI').knobs, untouched, knobs);
      return call('OpenAI', models, { 'api-key': keyOf('OpenAI') });
    };
    const firewall = await answers({ isDeniedByFirewall: true });
    expect([firewall.status, firewall.text]).toEqual([
      403,
      '{"error":{"code":"403","message": "Access denied due to Virtual Network/Firewall rules."}}',
    ]);
    expect(firewall.headers.get('policy-id')).toBe('ThrowExceptionDueToTrafficDenied');
    const disabled = await answers({ isLocalAuthDisabled: true });
    expect([disabled.status, disabled.text]).toEqual([
      403,
      '{"error":{"code":"AuthenticationTypeDisabled","message":"Key based authentication is disabled for this resource."}}',
    ]);
    const quota = await answers({ isOutOfQuota: true });
    expect([quota.status, quota.headers.get('retry-after')]).toEqual([403, '1296000']);
    expect(quota.text).toContain('Out of call volume quota for OpenAI F0 pricing tier.');
  });
});

describe('services', () => {
  test('each kind answers the call that tells whether a key works, and no other kind does', async () => {
    const lines: [string, string][] = [
      ['SpeechServices', 'GET cognitiveservices/voices/list'],
      ['FormRecognizer', 'GET documentintelligence/info?api-version=2024-11-30'],
      ['ContentSafety', 'GET contentsafety/text/blocklists?api-version=2024-09-01'],
      ['ComputerVision', 'GET vision/v3.2/models'],
      ['Face', 'GET face/v1.0/facelists'],
      ['AIServices', 'GET openai/v1/models'],
    ];
    for (const [kind, line] of lines) {
      expect([kind, (await call(kind, line, { [keyHeader]: keyOf(kind) })).status]).toEqual([kind, 200]);
      expect([kind, (await call(kind, line, { [keyHeader]: 'wrong' })).status]).toEqual([kind, 401]);
    }
    const foreign = await call('Face', 'GET vision/v3.2/models', { [keyHeader]: keyOf('Face') });
    expect(foreign.status).toBe(404);
    const info = await call('FormRecognizer', 'GET documentintelligence/info?api-version=2024-11-30', {
      [keyHeader]: keyOf('FormRecognizer'),
    });
    expect(info.text).toBe('{"customDocumentModels":{"count":0,"limit":500}}');
  });

  test('language refuses no documents and an unknown version with 400, after the key', async () => {
    const headers = { [keyHeader]: keyOf('TextAnalytics') };
    const empty = { kind: 'LanguageDetection', analysisInput: { documents: [] } };
    expect((await call('TextAnalytics', analyze, headers, empty)).status).toBe(400);
    expect((await call('TextAnalytics', analyze, { [keyHeader]: 'wrong' }, empty)).status).toBe(401);
    const old = 'POST language/:analyze-text?api-version=1999-01-01';
    expect((await call('TextAnalytics', old, headers, empty)).status).toBe(400);
  });

  test('translator translates, and has its own 401', async () => {
    const line = 'POST translator/text/v3.0/translate?api-version=3.0&to=de';
    const body = [{ Text: 'hello' }];
    const headers = { [keyHeader]: keyOf('TextTranslation'), 'content-type': 'application/json' };
    const translated = await call('TextTranslation', line, headers, body);
    expect(JSON.parse(translated.text)).toMatchObject([{ translations: [{ text: '[de] hello', to: 'de' }] }]);
    const refused = await call('TextTranslation', line, { [keyHeader]: 'wrong' }, body);
    expect([refused.status, refused.text]).toEqual([
      401,
      '{"error":{"code":401000,"message":"The request is not authorized because credentials are missing or invalid."}}',
    ]);
  });
});

describe('tokens', () => {
  test('issueToken answers a JWT of ten minutes that speech takes, for this account only', async () => {
    const issued = await call('SpeechServices', issue, { [keyHeader]: keyOf('SpeechServices') });
    expect(issued.status).toBe(200);
    const payload = issued.text.split('.')[1] ?? '';
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { iat: number; exp: number };
    expect(claims.exp - claims.iat).toBe(600);
    const authorization = `Bearer ${issued.text}`;
    const voices = 'GET cognitiveservices/voices/list';
    expect((await call('SpeechServices', voices, { authorization })).status).toBe(200);
    expect((await call('AIServices', voices, { authorization })).status).toBe(401);
    expect((await call('OpenAI', models, { authorization })).status).toBe(401);
  });

  test('Entra tokens for Cognitive Services are taken, also with keys disabled; others are not', async () => {
    accountOf('OpenAI').knobs.isLocalAuthDisabled = true;
    const good = await bearer(under.credential, 'https://cognitiveservices.azure.com/.default');
    expect((await call('OpenAI', models, { authorization: good })).status).toBe(200);
    const other = await bearer(under.credential, 'https://vault.azure.net/.default');
    expect((await call('OpenAI', models, { authorization: other })).status).toBe(401);
  });
});
