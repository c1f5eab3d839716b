// Holds docs/observability.md against what is said: metrics, settings and events of log lines, attributes of spans.
import type { Meter } from '@opentelemetry/api';
import { expect, it } from 'vitest';
import { LOG_EVENTS } from '../../src/base/log.ts';
import { signalsOf } from '../../src/telemetry/exporting.ts';
import { createFleetMetrics } from '../../src/telemetry/fleet-metrics.ts';
import { createPassMetrics } from '../../src/telemetry/pass-metrics.ts';
import { SPAN_ATTRIBUTES } from '../../src/telemetry/pass-spans.ts';
import { findAll, read } from './infra-files.ts';

const docs = read('docs/observability.md');

/** The names of the instruments that are made. */
function instruments(): readonly string[] {
  const made: string[] = [];
  const create = (name: string): unknown => {
    made.push(name);
    return {};
  };
  const meter = new Proxy({}, { get: () => create }) as Meter;
  createPassMetrics(meter);
  createFleetMetrics(meter);
  return made;
}

it('names every metric and no other', () => {
  expect(instruments()).toHaveLength(12);
  expect(findAll(docs, /^\| `(key_rotation\.[\w.]+)` \|/gm)).toEqual(instruments().toSorted());
});

it('names every event of a log line and no other', () => {
  const section = docs.split('## ').find((text) => text.startsWith('Log lines')) ?? '';
  const rows = findAll(section, /^\| (`[^|]+) \|/gm).flatMap((cell) => findAll(cell, /`(\w+)`/g));
  expect(rows.filter((event) => event !== 'event').toSorted()).toEqual([...LOG_EVENTS].toSorted());
});

it('names every attribute of a span', () => {
  expect(SPAN_ATTRIBUTES.filter((name) => !new RegExp(`\\b${name}\\b`).test(docs))).toEqual([]);
});

it('names the settings that switch it on', () => {
  const asked = new Set<string>();
  const environment = new Proxy<Record<string, string | undefined>>(
    {},
    {
      get: (_, name) => {
        asked.add(String(name));
        return undefined;
      },
    },
  );
  signalsOf(environment);
  expect([...asked]).toContain('OTEL_SDK_DISABLED');
  expect([...asked].filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
});
