// Holds docs/deployment.md to the form that a reader needs in a hurry, and its list of failures to the refusals of the
// local deployment.
import { describe, expect, it } from 'vitest';
import { filesIn, findAll, read } from './infra-files.ts';

const ROW_COLUMNS = 160;
const PAGES = ['docs/deployment.md', 'docs/deployment-variables.md', 'docs/private-networking.md'];
const page = read('docs/deployment.md');
const [, failures = ''] = /^### Known failures\n([\s\S]*?)^### /m.exec(page) ?? [];
const rows = [...failures.matchAll(/^\| (.+) \|$/gm)].map(([, cells = '']) => cells.split(' | '));

it.each(PAGES)('%s has lists in place of wide rows', (file) => {
  const wide = read(file)
    .split('\n')
    .filter((line) => /^ *\|/.test(line) && line.length > ROW_COLUMNS);
  expect(wide).toEqual([]);
});

describe('a known failure', () => {
  it('has words, cause, remedy, time and undo', () => {
    const [head, ...known] = rows;
    expect(head).toEqual(['you see', 'cause', 'do', 'time', 'undo']);
    expect(known.length).toBeGreaterThan(20);
    expect(known.filter((cells) => cells.length !== 5 || cells.some((cell) => /^[–\s]*$/.test(cell)))).toEqual([]);
  });

  it('is each refusal of the local deployment that has a code', () => {
    const codes = findAll(filesIn('local/deploy/refusals', '.ts').map(read).join('\n'), /`([A-Z][A-Za-z]+): /g);
    expect(codes).toContain('InvalidDeploymentLocation');
    const seen = rows.map(([words = '']) => words).join('\n');
    expect(codes.filter((code) => !seen.includes(code))).toEqual([]);
  });
});

it('the fleet has an environment before the first variable is set', () => {
  const [, prepare = ''] = /^### Prepare\n([\s\S]*?)^### /m.exec(page) ?? [];
  expect(prepare.indexOf('azd env new ')).toBeGreaterThan(0);
  expect(prepare.indexOf('azd env new ')).toBeLessThan(prepare.indexOf('azd env set '));
});

it('the fleet sets the policy before anything is adopted: the place in the spread is kept from the adoption on', () => {
  const [, enrol = ''] = /^### Enrol the accounts\n([\s\S]*?)^### /m.exec(page) ?? [];
  const steps = ['KeyRotation:Policies:default', 'KeyRotation:Discovery', 'az tag update', '/approve"'];
  const places = steps.map((step) => enrol.indexOf(step));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});
