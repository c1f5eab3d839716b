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

/** As a heading is called in an address: lower case, hyphens for spaces, no other signs. */
const anchorsOf = (file: string): string[] =>
  [
    ...readFileSync(join(ROOT, file), 'utf8')
      .replaceAll(/^```[\s\S]*?^```$/gm, '')
      .matchAll(/^#{1,6} (.+)$/gm),
  ].map(([, heading = '']) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

const DOCUMENTS = [
  ...[
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'local/azure/README.md',
    'local/deploy/README.md',
    'examples/README.md',
    'packages/consumer/README.md',
    'packages/operator/README.md',
  ],
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name.replaceAll('\\', '/')}`),
];

it.each(DOCUMENTS)('the headings that %s links to are there', (file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const links = [...text.matchAll(/\]\(([^)#\s:]*)#([^)\s]+)\)/g)].map(([, target = '', anchor = '']) => ({
    to: target === '' ? file : join(dirname(file), target),
    anchor,
  }));
  expect(links.filter(({ to, anchor }) => to.endsWith('.md') && !anchorsOf(to).includes(anchor))).toEqual([]);
});

it.each(DOCUMENTS)('the links of %s lead somewhere', (file) => {
  const local = linksOf(file).filter((target) => !/^[a-z]+:/.test(target));
  expect(local.filter((target) => !existsSync(join(ROOT, dirname(file), target)))).toEqual([]);
});
