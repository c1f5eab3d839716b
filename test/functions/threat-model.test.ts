// Holds docs/threat-model.md to what it says: its numbers are complete, and each control has a test that is there and is
// not skipped. A test can be there and say nothing: that it fails without its control is seen when it is written.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { filesIn, findAll, read } from './infra-files.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const page = read('docs/threat-model.md');
const [text = '', table = ''] = page.split('## The test of each control');
const rows = [...table.matchAll(/^\| (C\d+) \| `([^`]+)` \| (.+) \|$/gm)].map(
  ([, control = '', file = '', title = '']) => ({
    control,
    file,
    title,
  }),
);
const numbered = (letter: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);
const inOrder = (found: readonly string[]): readonly string[] =>
  [...new Set(found)].toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1)));

/** Why no test of the file bears the title; undefined if one does, and runs. */
function objectionTo(source: string, title: string): string | undefined {
  const file = ts.createSourceFile('test.ts', source, ts.ScriptTarget.Latest, true);
  let objection: string | undefined = 'is not there';
  const visit = (node: ts.Node, isSkipped: boolean): void => {
    let skipped = isSkipped;
    if (ts.isCallExpression(node)) {
      const [name = '', ...modifiers] = node.expression.getText().replace(/\(.*$/s, '').split('.');
      const [first] = node.arguments;
      if (['it', 'test', 'describe'].includes(name) && first !== undefined && ts.isStringLiteralLike(first)) {
        skipped ||= modifiers.some((modifier) => !['each', 'for', 'concurrent', 'sequential'].includes(modifier));
        if (first.text === title) objection = skipped ? 'is skipped, or only run sometimes' : undefined;
      }
    }
    node.forEachChild((child) => visit(child, skipped));
  };
  visit(file, false);
  return objection;
}

describe('the threat model', () => {
  it('numbers its assets, threats and controls without a gap', () => {
    const assets = findAll(text, /^\| (A\d+) \|/gm);
    expect(inOrder(assets)).toEqual(numbered('A', 4));
    const threats = findAll(text, /^- \*\*Threat (T\d+)\*\* to /gm);
    expect(threats.length).toBeGreaterThan(20);
    expect(inOrder(threats)).toEqual(numbered('T', text.split('\n### ').length - 1));
    const controls = findAll(text, /\((C\d+)\)/g);
    expect(controls.length).toBeGreaterThan(60);
    expect(inOrder(controls)).toEqual(numbered('C', controls.length));
    expect(inOrder(rows.map(({ control }) => control))).toEqual(numbered('C', rows.length));
    expect(rows).toHaveLength(controls.length);
  });

  it('has a threat to an asset, a control and what remains under each entry point', () => {
    const sections = text.split('\n### ').slice(1);
    const wrong = sections.filter(
      (section) =>
        !/^- \*\*Threat T\d+\*\* to A[1-4]: /m.test(section) ||
        !/^- \*\*Controls\*\*:[^]*\(C\d+\)[^]*^- \*\*Remains\*\*:/m.test(section),
    );
    expect(wrong.map((section) => section.split('\n')[0])).toEqual([]);
  });

  it('names a test of each control that is there, and is not skipped', () => {
    const objections = rows.flatMap(({ control, file, title }) => {
      const objection = objectionTo(readFileSync(join(ROOT, file), 'utf8'), title);
      return objection === undefined ? [] : [`${control}: "${title}" of ${file} ${objection}`];
    });
    expect(objections).toEqual([]);
  });
});

describe('the search for a test', () => {
  it.each([
    ["it('holds', () => {});", undefined],
    ["describe('all', () => { test.each([1])('holds', () => {}); });", undefined],
    ["it('holds it', () => {}); // it('holds')", 'is not there'],
    ["it.skip('holds', () => {});", 'is skipped, or only run sometimes'],
    ["it.skipIf(isWindows)('holds', () => {});", 'is skipped, or only run sometimes'],
    ["describe.skip('all', () => { it('holds', () => {}); });", 'is skipped, or only run sometimes'],
    ["it.todo('holds');", 'is skipped, or only run sometimes'],
  ])('%s', (source, objection) => {
    expect(objectionTo(source, 'holds')).toBe(objection);
  });
});

it('every server for development listens on this machine alone', () => {
  const sources = filesIn('local', '.ts').map(read).join('\n');
  const calls = findAll(sources, /\b(?:server|this\.#server)\.listen\(([^)]*)\)?/g);
  const own = calls.filter((call) => call !== 'options.port');
  expect(own.length).toBeGreaterThan(4);
  expect(own.filter((call) => !call.includes("'127.0.0.1'"))).toEqual([]);
});
