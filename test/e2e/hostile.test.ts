// What strangers, mistakes and other versions may send or leave behind: never a crash, never a 500 for a client's mistake,
// always a named problem, nothing lost.
import { TableClient } from '@azure/data-tables';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoAccounts } from '../../local/azure/demo-accounts.ts';
import { freePort } from '../../local/azure/ports.ts';
import { DEMO_POLICY } from '../../local/start/seed.ts';
import { type Stage, setStage } from '../../local/start/stage.ts';
import { eventually, HostClient } from './http-client.ts';

const POLICY = { ...DEMO_POLICY, rotationInterval: 'P1D', spread: 'PT0S', observeEvery: 'PT1S' };
const NAMES = ['demo-language-1', 'demo-openai-2', 'demo-speech-3'] as const;
const path = (name: string): string => `/api/accounts/${name}`;
const RUNS = { numRuns: 250 };

let stage: Stage;
let client: HostClient;
let base: string;

beforeAll(async () => {
  stage = await setStage({ accounts: demoAccounts(3), policy: POLICY, latencyMs: 0, onLine: () => undefined });
  const port = await freePort();
  await stage.startHost(port);
  base = `http://127.0.0.1:${port}`;
  client = new HostClient(port);
  for (const name of NAMES)
    await eventually(
      () => client.get(path(name)),
      ({ body }) => body['phase'] === 'idle',
    );
});
afterAll(() => stage.close());

const segment = fc.oneof(
  fc.constantFrom(
    'accounts',
    ...NAMES,
    'rotate',
    'check',
    'history',
    'requests',
    'pause',
    'health',
    '..',
    '%00',
    '%2e%2e',
  ),
  fc.string({ maxLength: 12 }).map(encodeURIComponent),
);
const body = fc.oneof(
  fc.json(),
  fc.string({ maxLength: 200 }),
  fc
    .record({ reason: fc.anything(), compromised: fc.anything(), overlap: fc.anything() }, { requiredKeys: [] })
    .map((value) => JSON.stringify(value)),
  fc.constant('"'.repeat(50_000)),
);
const headers = fc.record(
  {
    'Idempotency-Key': fc.stringMatching(/^[ -~]{0,80}$/),
    'x-ms-client-principal': fc.base64String({ maxLength: 200 }),
    'Content-Type': fc.constantFrom('application/json', 'text/plain', 'application/xml'),
  },
  { requiredKeys: [] },
);

async function send(
  method: string,
  target: string,
  content: string | undefined,
  extra: Record<string, string>,
): Promise<Response> {
  return fetch(`${base}${target}`, {
    method,
    headers: extra,
    ...(content === undefined ? {} : { body: content }),
    signal: AbortSignal.timeout(30_000),
  });
}

/** A mistake of the caller: a named problem, or the host's own empty 404. */
async function isNamed(response: Response): Promise<boolean> {
  const text = await response.text();
  if (response.status < 400) return true;
  if (text === '') return response.status === 404 || response.status === 400;
  if (response.headers.get('content-type')?.includes('json') !== true) return false;
  const parsed = JSON.parse(text) as Record<string, unknown>;
  return 'isHealthy' in parsed || (typeof parsed['title'] === 'string' && typeof parsed['remedy'] === 'string');
}

describe('any request', () => {
  it('by GET is answered, named when it is a mistake, never with 500', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { maxLength: 5 }), headers, async (segments, extra) => {
        const response = await send('GET', `/api/${segments.join('/')}`, undefined, extra);
        expect(response.status).not.toBe(500);
        expect(await isNamed(response)).toBe(true);
      }),
      RUNS,
    );
  });

  it('by POST to an account that is not there changes nothing, never with 500', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('rotate', 'pause', 'rollback', 'check', 'approve', 'nothing'),
        body,
        headers,
        async (verb, content, extra) => {
          const response = await send('POST', `/api/accounts/nobody/${verb}`, content, extra);
          expect([400, 404, 413]).toContain(response.status);
          expect(await isNamed(response)).toBe(true);
        },
      ),
      RUNS,
    );
  });

  it('with a body that is not as documented leaves the account as it is', async () => {
    const before = (await client.get(`${path(NAMES[0])}/history`)).body;
    const wrong = body.filter((content) => !isGood(content));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('rotate', 'pause', 'rollback', 'approve'), wrong, async (verb, content) => {
        const response = await send('POST', `${path(NAMES[0])}/${verb}`, content, {
          'Content-Type': 'application/json',
        });
        expect([400, 413]).toContain(response.status);
        expect(await isNamed(response)).toBe(true);
      }),
      RUNS,
    );
    expect((await client.get(`${path(NAMES[0])}/history`)).body).toEqual(before);
  });
});

/** Whether a body has, by chance, what is asked for: a reason and nothing unknown. */
function isGood(content: string): boolean {
  try {
    const parsed: unknown = JSON.parse(content);
    return (
      typeof parsed === 'object' &&
      parsed !== null &&
      'reason' in parsed &&
      typeof parsed.reason === 'string' &&
      parsed.reason.trim() !== ''
    );
  } catch {
    return false;
  }
}

describe('a stored record', () => {
  const table = (): TableClient =>
    TableClient.fromConnectionString(stage.azure.endpoints.storageConnectionString ?? '', 'KeyRotation', {
      allowInsecureConnection: true,
    });

  async function rowOf(name: string): Promise<Record<string, unknown> & { partitionKey: string; rowKey: string }> {
    for await (const row of table().listEntities()) {
      if (row['alias'] === name) return row as Record<string, unknown> & { partitionKey: string; rowKey: string };
    }
    throw new Error(`There is no row of ${name}.`);
  }

  it.each([
    ['of a newer version', { schema: 9 }],
    ['of a version before the first', { schema: 0 }],
    ['that was cut off', { record: '{"phase":"idle","rotationId":1' }],
    ['of a phase that does not exist', { record: '{"phase":"resting"}' }],
    ['that lost its record', { record: '' }],
  ])('%s blocks this account by name, is left as it is, and stops no other', async (_, damage) => {
    const { partitionKey, rowKey, schema, record } = await rowOf(NAMES[1]);
    await table().updateEntity({ partitionKey, rowKey, ...damage }, 'Merge');
    const status = await eventually(
      () => client.get(path(NAMES[1])),
      ({ body: { phase } }) => phase === 'unreadable',
    );
    expect(status).toMatchObject({ status: 200, body: { phase: 'unreadable', detail: expect.any(String) as unknown } });
    const asked = await client.post(`${path(NAMES[1])}/rotate`, { reason: 'x' });
    expect(asked).toMatchObject({ status: 409, body: { reason: 'RecordUnreadable' } });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await rowOf(NAMES[1])).toMatchObject(damage);
    expect((await client.get(path(NAMES[2]))).body).toMatchObject({ phase: 'idle' });
    await table().updateEntity({ partitionKey, rowKey, schema, record }, 'Merge');
    const healed = await eventually(
      () => client.get(path(NAMES[1])),
      ({ body: { phase } }) => phase === 'idle',
    );
    expect(healed.body).toMatchObject({ phase: 'idle' });
  });
});

describe('documents in App Configuration', () => {
  it('that are wrong leave out their account by name, and no other', async () => {
    const { store } = stage.azure.world;
    const key = `KeyRotation:Accounts:${NAMES[2]}`;
    const former = store.get(key, null);
    if (former === undefined) throw new Error('The account is not configured.');
    const edit = (value: string): void => {
      store.set(key, null, { value, contentType: 'application/json' });
      store.set('KeyRotation:Sentinel', null, { value: String(Date.now()) });
    };
    const names = async (): Promise<unknown[]> => {
      const { body: answer } = await client.get('/api/accounts');
      return (answer['accounts'] as { account: string }[]).map(({ account }) => account);
    };
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string({ maxLength: 60 })), async (value) => {
        edit(value);
        expect(await names()).toEqual([NAMES[0], NAMES[1]]);
        const answer = await client.get(path(NAMES[2]));
        expect(answer.status).toBe(404);
        expect(answer.body['problems']).toEqual(
          expect.arrayContaining([expect.objectContaining({ account: NAMES[2] }) as unknown]),
        );
      }),
      { numRuns: 30 },
    );
    edit(former.value);
    expect(await names()).toEqual([...NAMES]);
  });
});
