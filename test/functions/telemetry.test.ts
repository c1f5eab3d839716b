// Traces and metrics of a whole rotation over real OTLP/HTTP: the real SDK sends to a receiver on this machine while the
// functions rotate a key over a local Azure. The clock of the service stands still between passes.
import { TableClient } from '@azure/data-tables';
import { InvocationContext } from '@azure/functions';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AccountState } from '../../local/azure/world/world.ts';
import { entityKey } from '../../src/azure/table/rows/keys.ts';
import type { Account } from '../../src/rotation/model.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { runTick } from '../../src/triggers/tick.ts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { DAY, HOUR, type HttpStage, startHttpStage } from './http/stage.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN_ID = '00f067aa0ba902b7';
const MINUTE = 60_000;

let stage: HttpStage;
let receiver: OtlpReceiver;
let alpha: AccountState;
const logged: string[] = [];
/** Every key that was ever made, also those that lived for moments. */
const made = new Set<string>();

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = receiver.url;
  process.env['OTEL_RESOURCE_ATTRIBUTES'] = 'deployment.environment.name=test';
  stage = await startHttpStage();
  const { nature } = stage.azure.world;
  const newKey = nature.newKey.bind(nature);
  Object.assign(nature, {
    newKey: (shape: Parameters<typeof newKey>[0]) => {
      const key = newKey(shape);
      made.add(key);
      return key;
    },
  });
  alpha = stage.addAccount('alpha');
  stage.addAccount('beta');
  stage.serving = { ...stage.app, telemetry: createTelemetry(process.env) };
});
afterAll(async () => {
  Reflect.deleteProperty(process.env, 'OTEL_EXPORTER_OTLP_ENDPOINT');
  Reflect.deleteProperty(process.env, 'OTEL_RESOURCE_ATTRIBUTES');
  await stage.close();
  await receiver.close();
});
beforeEach(() => {
  logged.length = 0;
});

const tick = () =>
  runTick(
    stage.serving,
    new InvocationContext({
      functionName: 'reconcile-on-schedule',
      invocationId: 'invocation-1',
      traceContext: { traceParent: `00-${TRACE_ID}-${SPAN_ID}-01` },
      logHandler: (_level, ...args) => void logged.push(args.map(String).join(' ')),
    }),
  );
const roots = (): ReceivedSpan[] => receiver.spans.filter(({ name }) => name === 'pass');
const childrenOf = (parent: ReceivedSpan): ReceivedSpan[] =>
  receiver.spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId);
const sumOf = (metric: string, attributes: Record<string, unknown>): number =>
  receiver.points
    .filter(
      (point) => point.metric === metric && Object.entries(attributes).every(([k, v]) => point.attributes[k] === v),
    )
    .reduce((sum, { value }) => sum + value, 0);
const lastOf = (metric: string, attributes: Record<string, unknown> = {}): number | undefined =>
  receiver.points.findLast(
    (point) => point.metric === metric && Object.entries(attributes).every(([k, v]) => point.attributes[k] === v),
  )?.value;

describe('a whole rotation', () => {
  beforeAll(async () => {
    await tick();
    stage.advance(3 * DAY);
    await stage.post('accounts/alpha/rotate', { reason: 'exercise' });
    // The gateway learns of the new key, the overlap passes, the superseded key is rejected for long enough.
    stage.advance(10 * MINUTE);
    await tick();
    stage.advance(2 * DAY + HOUR);
    await tick();
    stage.advance(16 * MINUTE);
    await tick();
    stage.advance(HOUR);
    await tick();
    expect((await stage.get('accounts/alpha')).body).toMatchObject({ phase: 'idle', rotationId: 1 });
  });

  it('is one trace per pass, each the root of its own', () => {
    expect(roots().length).toBeGreaterThan(4);
    expect(roots().filter(({ parentSpanId }) => parentSpanId !== undefined)).toEqual([]);
    expect(new Set(roots().map(({ traceId }) => traceId)).size).toBe(roots().length);
    for (const span of receiver.spans) expect(roots().some(({ traceId }) => traceId === span.traceId)).toBe(true);
  });

  it('is found by account and rotation id, from the regenerate to the proof', () => {
    const spans = receiver.spans.filter(
      ({ attributes }) =>
        attributes['key_rotation.account'] === 'alpha' && attributes['key_rotation.rotation_id'] === 1,
    );
    const steps = spans.flatMap(({ name }) => (name.startsWith('step ') ? [name.slice('step '.length)] : []));
    expect(steps.join(' ')).toBe(
      'probe regenerate probe probe probe publish announceReference announceFlag record probe regenerate ' +
        'probe probe probe record readSupersededVersion probe probe probe probe disable record',
    );
    // The regenerate, the publish, the retirement, the proof.
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(4);
  });

  it('shows the calls below their step, and what was read below the observation', () => {
    const regenerates = receiver.spans.filter(({ name }) => name === 'step regenerate');
    expect(regenerates.map((span) => childrenOf(span).map(({ name }) => name))).toEqual([
      ['table.write', 'arm.regenerate'],
      ['table.write', 'arm.regenerate'],
    ]);
    expect(regenerates.map(({ attributes }) => attributes)).toMatchObject([
      { 'key_rotation.slot': 'key2', 'key_rotation.phase': 'idle' },
      { 'key_rotation.slot': 'key1', 'key_rotation.phase': 'propagating' },
    ]);
    const [observe] = receiver.spans.filter(({ name }) => name === 'observe');
    const [first, ...others] = observe === undefined ? [] : childrenOf(observe).map(({ name }) => name);
    expect(first).toBe('table.read');
    // Sent at once: each is noted when it ends.
    expect(others.toSorted()).toEqual(['appConfiguration.read', 'arm.list', 'keyVault.readNewest']);
  });

  it('links each pass of the timer to its invocation, and names what ran it', () => {
    const [first] = roots();
    expect(first?.links).toEqual([{ traceId: TRACE_ID, spanId: SPAN_ID }]);
    expect(first?.attributes).toMatchObject({
      'key_rotation.trigger': 'reconcile-on-schedule',
      'key_rotation.invocation_id': 'invocation-1',
      'key_rotation.outcome': 'waiting',
      'key_rotation.reason': 'NotDue',
      'key_rotation.is_blocked': false,
      'key_rotation.is_overdue': false,
    });
    const byRequest = roots().find(({ attributes }) => attributes['key_rotation.trigger'] === 'request-rotation');
    expect(byRequest?.links).toEqual([]);
  });

  it('is counted, with how long its phases took', () => {
    expect(sumOf('key_rotation.rotations', { outcome: 'started', reason: 'RotationRequested' })).toBe(1);
    expect(sumOf('key_rotation.rotations', { outcome: 'completed' })).toBe(1);
    expect(sumOf('key_rotation.phase.duration', { phase: 'idle' })).toBe(3 * 24 * 3600);
    expect(sumOf('key_rotation.phase.duration', { phase: 'propagating' })).toBe(49 * 3600);
    expect(sumOf('key_rotation.calls', { service: 'arm', operation: 'regenerate', outcome: 'answered' })).toBe(2);
    expect(receiver.points.filter(({ kind }) => kind !== 'gauge').every(({ isDelta }) => isDelta)).toBe(true);
  });

  it('leaves the fleet as it is: ages, phases, zero blocked', () => {
    expect(lastOf('key_rotation.accounts', { phase: 'idle' })).toBe(2);
    expect(lastOf('key_rotation.accounts', { phase: 'propagating' })).toBe(0);
    expect(lastOf('key_rotation.accounts.blocked', { reason: 'SecretDisabled' })).toBe(0);
    expect(lastOf('key_rotation.key.age', { statistic: 'median' })).toBe(3600);
    expect(lastOf('key_rotation.key.age', { statistic: 'maximum' })).toBe(440_760);
  });

  it('says which service it is', () => {
    expect(roots()[0]?.resource).toMatchObject({
      'service.name': 'ai-services-key-rotation',
      'deployment.environment.name': 'test',
    });
  });
});

describe('what goes wrong', () => {
  it('shows as the pass that failed, the call that did it, and the throttling', async () => {
    stage.azure.faults.add({ service: 'keyVault', times: 8, fault: { kind: 'throttle', retryAfterSeconds: 1 } });
    const before = receiver.spans.length;
    stage.advance(7 * HOUR);
    await tick();
    stage.azure.faults.clear();
    const failed = receiver.spans.slice(before).filter(({ isError }) => isError);
    expect(failed.map(({ name }) => name)).toContain('pass');
    expect(failed.find(({ name }) => name === 'keyVault.readNewest')?.attributes).toMatchObject({
      'key_rotation.outcome': 'Throttled',
      'http.response.status_code': 429,
    });
    expect(failed.find(({ name }) => name === 'pass')?.attributes['error.type']).toBe('Throttled');
    expect(sumOf('key_rotation.throttled', { service: 'keyVault' })).toBeGreaterThan(0);
  });

  it('shows as blocked and as repaired, by reason', async () => {
    stage.advance(DAY);
    stage.azure.world.regenerateKey(alpha.id, 'key2');
    stage.azure.world.vault.set('beta-key', { value: 'f00dfeedf00dfeedf00dfeedf00dfeed' });
    await tick();
    expect(sumOf('key_rotation.drift.repaired', { reason: 'PublishedKeyDrifted' })).toBe(1);
    expect(lastOf('key_rotation.accounts.blocked', { reason: 'SecretNotRecognised' })).toBe(1);
    expect(lastOf('key_rotation.accounts.failing')).toBe(0);
  });

  it('shows a leaked key that is sacrificed as a step, with its slot', async () => {
    const leak = { reason: 'in the news', compromised: 'key1', accept: 'outage' };
    const { body } = await stage.post('accounts/beta/rotate', leak);
    expect(body['request']).toMatchObject({ accepts: 'outage', replacedAt: expect.any(String) as unknown });
    const [sacrifice] = receiver.spans.filter(({ name }) => name === 'step sacrifice');
    expect(sacrifice?.attributes).toMatchObject({ 'key_rotation.account': 'beta', 'key_rotation.slot': 'key1' });
    expect(sacrifice && childrenOf(sacrifice).map(({ name }) => name)).toEqual(['table.write', 'arm.regenerate']);
  });

  it('stays blocked while passes fail in between, and fails', async () => {
    stage.azure.faults.add({ service: 'arm', fault: { kind: 'serverError', status: 503 } });
    stage.advance(DAY);
    await tick();
    stage.azure.faults.clear();
    expect(lastOf('key_rotation.accounts.blocked', { reason: 'SecretNotRecognised' })).toBe(1);
    expect(lastOf('key_rotation.accounts.failing')).toBe(2);
    expect(sumOf('key_rotation.calls', { service: 'arm', operation: 'list', status_class: '5xx' })).toBe(2);
  });

  it('shows as blocked where the record cannot be understood, of which no pass writes anything', async () => {
    const connection = stage.azure.endpoints.storageConnectionString ?? '';
    const table = TableClient.fromConnectionString(connection, 'KeyRotation', { allowInsecureConnection: true });
    const rowKey = entityKey({ id: alpha.id.toLowerCase() } as Account);
    const { record } = await table.getEntity<{ record: string }>('rotation', rowKey);
    await table.updateEntity({ partitionKey: 'rotation', rowKey, record: '{' }, 'Merge');
    await tick();
    expect(lastOf('key_rotation.accounts.blocked', { reason: 'RecordUnreadable' })).toBe(1);
    await table.updateEntity({ partitionKey: 'rotation', rowKey, record }, 'Merge');
    await tick();
    expect(lastOf('key_rotation.accounts.blocked', { reason: 'RecordUnreadable' })).toBe(0);
  });
});

describe('the series', () => {
  it('name no account, and are few', () => {
    const series = new Set(receiver.points.map(({ metric, attributes }) => `${metric} ${JSON.stringify(attributes)}`));
    expect([...series].filter((name) => /alpha|beta/.test(name))).toEqual([]);
    expect(series.size).toBeLessThan(100);
  });
});

describe('a collector that does not take it', () => {
  it.each(['refuse', 'refuseMetrics'] as const)('is told to the log, and the tick goes on: %s', async (mode) => {
    receiver.mode = mode;
    stage.advance(DAY);
    await tick();
    expect(logged.filter((line) => line.includes('telemetryNotSent'))).toEqual([
      '{"event":"telemetryNotSent","result":"failed"}',
    ]);
    expect(logged.some((line) => line.startsWith('{"event":"tick"'))).toBe(true);
  });

  it('keeps the invocation waiting for two seconds at most', async () => {
    receiver.mode = 'hang';
    stage.advance(DAY);
    const startedAt = performance.now();
    await tick();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(logged.filter((line) => line.includes('telemetryNotSent'))).toEqual([
      '{"event":"telemetryNotSent","result":"timedOut"}',
    ]);
    receiver.mode = 'take';
  });
});

/** Whether the key is in the text: as it is, in a URL, in hex, or anywhere within something in base64. */
function isIn(text: string, key: string): boolean {
  // Base64 begins at one of three places; what does not depend on the neighbours is looked for.
  const base64 = ['', 'x', 'xx'].map((before) =>
    Buffer.from(`${before}${key}`).toString('base64').replace(/=+$/, '').slice(4, -4),
  );
  return [key, encodeURIComponent(key), Buffer.from(key).toString('hex'), ...base64].some((form) =>
    text.includes(form),
  );
}

it('no key ever left in what was sent, in any encoding', async () => {
  const sent = receiver.raw.join('\n');
  expect(sent).toContain('key_rotation.account');
  const keys = [...new Set([...made, ...stage.everyKey()])];
  expect(keys.length).toBeGreaterThan(5);
  expect(keys.filter((key) => isIn(sent, key))).toEqual([]);
  const [planted = ''] = keys;
  for (const form of [planted, Buffer.from(`a:${planted}:b`).toString('base64')]) {
    expect(isIn(`${sent}${form}${sent}`, planted)).toBe(true);
  }
});
