// What a process loads, and when: the entry file registers every function and loads no SDK; what handlers share loads none either.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../scripts/build.mjs';

let folder: string;
let outputs: Metafile['outputs'];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  ({ outputs } = await buildApp(folder));
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Outputs that load with the one of this name, itself first. */
function loadedWith(name: RegExp): readonly string[] {
  const loaded = Object.keys(outputs).filter((path) => name.test(path));
  for (const path of loaded) {
    const { imports } = outputs[path] ?? { imports: [] };
    for (const { kind, path: next } of imports) {
      if (kind === 'import-statement' && next in outputs && !loaded.includes(next)) loaded.push(next);
    }
  }
  return loaded;
}

const filesIn = (paths: readonly string[]): readonly string[] =>
  paths.flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}));

const packagesIn = (paths: readonly string[]): readonly string[] => {
  const names = filesIn(paths).flatMap((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []);
  return [...new Set(names)].sort();
};

describe('the bundle', () => {
  it('registers every function in one entry file', async () => {
    const entries = Object.entries(outputs).filter(([path]) => path.endsWith('/functions.js'));
    const inputs = entries.flatMap(([, output]) => Object.keys(output.inputs));
    const found = await readdir(new URL('../../src/functions/', import.meta.url), { recursive: true });
    const files = found.filter((name) => name.endsWith('.ts'));
    expect(entries).toHaveLength(1);
    expect(files.length).toBeGreaterThan(10);
    expect(inputs).toEqual(expect.arrayContaining(files.map((file) => `src/functions/${file}`)));
  });

  it('loads the programming model with it, in few files, and nothing else', () => {
    const loaded = loadedWith(/\/functions\.js$/);
    expect(loaded.length).toBeLessThanOrEqual(3);
    expect(packagesIn(loaded)).toEqual(['@azure/functions', '@azure/functions-extensions-base', 'cookie']);
    expect(packagesIn(loaded.slice(0, 1))).toContain('@azure/functions');
  });

  it('loads no SDK, and of zod only what is used, with what handlers share', () => {
    const loaded = loadedWith(/\/handlers-\w+\.js$/);
    expect(packagesIn(loaded)).toEqual(['zod']);
    const bytes = loaded.map((path) => outputs[path]?.bytes ?? 0).reduce((sum, each) => sum + each, 0);
    expect(bytes).toBeLessThan(310_000);
  });

  it('loads the schemas of answers with the OpenAPI document alone', () => {
    const ours = (name: RegExp) => filesIn(loadedWith(name)).filter((file) => /^src\/.*answers?\W/.test(file));
    expect(ours(/\/openapi-\w+\.js$/)).toEqual(expect.arrayContaining(['src/operators/answers/check.ts']));
    expect(ours(/handlers-\w+\.js$/)).toEqual(['src/http/answer.ts']);
  });

  it('has a page of its own files, phases, reasons and kinds of history lines, the wait for all, and two packages', () => {
    const page = Object.keys(outputs).filter((path) => path.endsWith('/page.js'));
    const files = filesIn(page).filter((file) => !file.startsWith('src/page/') && !file.includes('node_modules'));
    expect(files.toSorted()).toEqual([
      'src/base/lanes.ts',
      'src/operators/remedies.ts',
      'src/rotation/history.ts',
      'src/rotation/reasons.ts',
    ]);
    expect(packagesIn(page)).toEqual(['preact', 'uplot']);
  });
});
