// Who has no exporter pays nothing for telemetry: the OpenTelemetry SDK stays out of everything that loads without one.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { buildApp } from '../../scripts/build.mjs';
import { signalsOf } from '../../src/telemetry/exporting.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

/** Names the modules of the SDK that a process loads which uses telemetry, with the given environment. */
function loadedIn(environment: Readonly<Record<string, string>>): readonly string[] {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => { if (url.includes('@opentelemetry')) loaded.push(url); return next(url, context); } });
    const { composeApp } = await import('./src/compose.ts');
    await import('./src/triggers/tick.ts');
    await import('./src/triggers/event.ts');
    await import('./src/http/handlers/operate.ts');
    await composeApp(process.env).telemetry?.noteFleet([], 0);
    process.stdout.write(JSON.stringify(loaded));
    process.exit(0);`;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OTEL_')));
  const options = { cwd: root, env: { ...env, ...environment }, encoding: 'utf8', timeout: 50_000 } as const;
  const run = spawnSync(process.execPath, ['--input-type=module', '--eval', script], options);
  expect([run.status, run.stdout]).toEqual([0, expect.stringMatching(/^\[/)]);
  return JSON.parse(run.stdout) as readonly string[];
}

describe('the SDK', () => {
  it('is not loaded without an exporter', () => {
    expect(loadedIn({})).toEqual([]);
  });

  it('is loaded with one', () => {
    expect(loadedIn(ENDPOINT).length).toBeGreaterThan(10);
  });

  it('is in chunks of the bundle that only telemetry asks for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'telemetry-'));
    try {
      const { outputs } = await buildApp(folder);
      const entries = Object.entries(outputs);
      const ofSdk = new Set(
        entries.filter(([, { inputs }]) => Object.keys(inputs).some(isOfSdk)).map(([name]) => name),
      );
      expect(ofSdk.size).toBeGreaterThan(0);
      const askers = entries.filter(
        ([name, { imports }]) => !ofSdk.has(name) && imports.some(({ path }) => ofSdk.has(path)),
      );
      expect(askers.length).toBeGreaterThan(0);
      const kinds = askers.flatMap(([, { imports }]) => imports.filter(({ path }) => ofSdk.has(path)));
      expect(new Set(kinds.map(({ kind }) => kind))).toEqual(new Set(['dynamic-import']));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

const isOfSdk = (input: string): boolean => input.includes('node_modules/@opentelemetry/');

describe('the signals', () => {
  it.each([
    [{}, { traces: false, metrics: false }],
    [ENDPOINT, { traces: true, metrics: true }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, { traces: false, metrics: false }],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' }, { traces: true, metrics: false }],
    [
      { ...ENDPOINT, OTEL_METRICS_EXPORTER: 'none' },
      { traces: true, metrics: false },
    ],
    [
      { ...ENDPOINT, OTEL_SDK_DISABLED: 'true' },
      { traces: false, metrics: false },
    ],
    [
      { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      { traces: false, metrics: false },
    ],
    [
      { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf' },
      { traces: true, metrics: false },
    ],
  ])('of %j are %j', (environment, signals) => {
    expect(signalsOf(environment)).toEqual(signals);
    expect(createTelemetry(environment) === undefined).toBe(!signals.traces && !signals.metrics);
  });
});
