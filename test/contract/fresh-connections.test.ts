// The calls of a sample application against the local Azure: on which nodes of a gateway they arrive.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createSendCall } from '../../local/start/fresh-connections.ts';
import { type LocalAzureUnderTest, startAzureUnderTest } from './local-azure-clients.ts';

let under: LocalAzureUnderTest;
beforeAll(async () => {
  under = await startAzureUnderTest();
});
afterAll(() => under.azure.close());

test('an application has a new connection for every second call, so that it meets each node', async () => {
  const { world } = under.azure;
  const account = [...world.accounts.values()].find(({ seed }) => seed.kind === 'OpenAI');
  if (account === undefined) throw new Error('There is no account of the kind OpenAI.');
  account.knobs.nodes = [
    { acceptsNewAfterMs: 0, acceptsOldForMs: 0 },
    { acceptsNewAfterMs: 60_000, acceptsOldForMs: 0 },
  ];
  const { key1 } = world.regenerateKey(account.id, 'key1');
  const turns = [0, 1, 0];
  world.nature.chooseNode = () => turns.shift() ?? 1;
  const url = `${under.azure.dataPlaneEndpoint(account.seed.name)}openai/models?api-version=2024-10-21`;
  const send = createSendCall();
  const statuses: number[] = [];
  for (let call = 1; call <= 6; call++) statuses.push((await send(url, { headers: { 'api-key': key1 } })).status);
  expect(statuses).toEqual([200, 200, 401, 401, 200, 200]);
});

test('what it sends and gets is whole', async () => {
  const account = [...under.azure.world.accounts.values()].find(({ seed }) => seed.kind === 'TextAnalytics');
  const answer = await createSendCall()(
    `${under.azure.dataPlaneEndpoint(account?.seed.name ?? '')}language/:analyze-text?api-version=2023-04-01`,
    {
      method: 'POST',
      headers: { 'Ocp-Apim-Subscription-Key': account?.keys.key1.value ?? '', 'Content-Type': 'application/json' },
      body: '{"kind":"LanguageDetection","analysisInput":{"documents":[{"id":"1","text":"où est l’été"}]}}',
    },
  );
  expect(await answer.json()).toMatchObject({ results: { documents: [{ detectedLanguage: { iso6391Name: 'fr' } }] } });
});

test('it goes through the proxy when the environment says so, on new connections as well', async () => {
  const { azure } = await startAzureUnderTest({ hasPublicNames: true });
  try {
    for (const [name, value] of Object.entries(azure.network())) vi.stubEnv(name, value);
    const account = [...azure.world.accounts.values()].find(({ seed }) => seed.kind === 'OpenAI');
    let connections = 0;
    azure.world.nature.chooseNode = () => {
      connections++;
      return 0;
    };
    const url = `${azure.dataPlaneEndpoint(account?.seed.name ?? '')}openai/models?api-version=2024-10-21`;
    const send = createSendCall();
    const statuses: number[] = [];
    for (let call = 1; call <= 5; call++) {
      statuses.push((await send(url, { headers: { 'api-key': account?.keys.key1.value ?? '' } })).status);
    }
    expect([statuses, connections]).toEqual([[200, 200, 200, 200, 200], 3]);
  } finally {
    vi.unstubAllEnvs();
    await azure.close();
  }
});
