// Holds the index of the documentation complete, and the links between documents alive.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const pages = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
const linksOf = (file: string): string[] =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);

it('the index names every page', () => {
  const linked = linksOf('docs/README.md');
  expect(pages.length).toBeGreaterThan(10);
  expect(pages.filter((page) => page !== 'README.md' && !linked.includes(page))).toEqual([]);
});

it.each(['README.md', 'CONTRIBUTING.md', ...pages.map((page) => `docs/${page}`)])(
  'the links of %s lead somewhere',
  (file) => {
    const local = linksOf(file).filter((target) => !/^[a-z]+:/.test(target));
    expect(local.filter((target) => !existsSync(join(ROOT, dirname(file), target)))).toEqual([]);
  },
);
