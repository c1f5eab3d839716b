// Holds docs/observability.md against what is said: metrics, settings and events of log lines.
import { expect, it } from 'vitest';
import { filesIn, findAll, read } from './infra-files.ts';

const docs = read('docs/observability.md');
const source = filesIn('src', '.ts').map(read).join('\n');
const telemetry = filesIn('src/telemetry', '.ts').map(read).join('\n');

it('names every metric and no other', () => {
  const full = findAll(telemetry, /create(?:Histogram|Counter)\('(key_rotation\.[\w.]+)'/g);
  const gauges = findAll(telemetry, /\bgauge\('([\w.]+)'/g).map((name) => `key_rotation.${name}`);
  expect(full.length + gauges.length).toBe(12);
  expect(findAll(docs, /^\| `(key_rotation\.[\w.]+)` \|/gm)).toEqual([...full, ...gauges].toSorted());
});

it('names every event of a log line and no other', () => {
  const section = docs.split('## ').find((text) => text.startsWith('Log lines')) ?? '';
  const rows = findAll(section, /^\| (`[^|]+) \|/gm).flatMap((cell) => findAll(cell, /`(\w+)`/g));
  const said = findAll(source, /\blog\(\s*(?:[^'()]+\? )?'(?:debug|info|warn|error)'(?: : '\w+')?, '(\w+)'/g);
  const byVariable = findAll(source, /\blog\(\s*(?:level|outcome[^,]*), '(\w+)'/g);
  expect(rows.filter((event) => event !== 'event').toSorted()).toEqual(
    [...new Set([...said, ...byVariable])].toSorted(),
  );
});

it('names every attribute of a span', () => {
  const attributes = findAll(telemetry, /'key_rotation\.(\w+)':/g);
  expect(attributes).toContain('rotation_id');
  expect(attributes.filter((name) => !new RegExp(`\\b${name}\\b`).test(docs))).toEqual([]);
});

it('names the settings that switch it on', () => {
  const settings = findAll(source, /'(OTEL_\w+)'/g);
  expect(settings).toContain('OTEL_SDK_DISABLED');
  expect(settings.filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
});
