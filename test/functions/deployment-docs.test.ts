// Holds docs/deployment.md to the form that a reader needs in a hurry, and its list of failures to the refusals of the
// templates and of the local deployment.
import { describe, expect, it } from 'vitest';
import { BICEP, filesIn, findAll, read } from './infra-files.ts';

const ROW_COLUMNS = 160;
const PAGES = ['docs/deployment.md', 'docs/deployment-variables.md', 'docs/private-networking.md'];
const page = read('docs/deployment.md');
const [, failures = ''] = /^### Known failures\n([\s\S]*?)^### /m.exec(page) ?? [];
const rows = rowsOf(failures);

function sectionOf(heading: string): string {
  return new RegExp(`^### ${heading}\n([\\s\\S]*?)^##`, 'm').exec(page)?.[1] ?? '';
}

/** Cells of each row of the tables of a text, without the lines under their heads. */
function rowsOf(text: string): readonly (readonly string[])[] {
  const lines = findInOrder(text, /^ *\| (.+) \|$/gm);
  return lines.map((cells) => cells.split(' | '));
}

function findInOrder(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found);
}

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

it('each sentence with which a template refuses a deployment is a known failure', () => {
  const refusals = findInOrder([...BICEP.values()].join('\n'), /\bfail\((.+)$/gm);
  const sentences = refusals.flatMap((text) => findInOrder(text, /'([^']{25,})'/g));
  expect(sentences).toHaveLength(9);
  const known = findInOrder(failures, /^\| (`[^|]+) \|/gm)
    .flatMap((words) => findInOrder(words, /`([^`]+)`/g))
    .map((words) => new RegExp(words.replaceAll(/[[\]().*]/g, '\\$&').replaceAll('…', '.+')));
  expect(sentences.filter((sentence) => !known.some((words) => words.test(sentence)))).toEqual([]);
});

it('each limit is a number', () => {
  const [, ...limits] = rowsOf(sectionOf('Limits'));
  expect(limits.length).toBeGreaterThan(9);
  expect(limits.filter(([, number = '']) => !/\d/.test(number))).toEqual([]);
});

it('each action of the fleet is one of docs/permissions.md', () => {
  const rights = read('docs/permissions.md').split('## What you need to deploy')[1] ?? '';
  const actions = rowsOf(sectionOf('Prepare')).flatMap((cells) => findInOrder(cells[2] ?? '', /`([^`]+\/[^`]+)`/g));
  expect(actions).toContain('Microsoft.EventGrid/systemTopics/*');
  // Its last section has the tags, which the service reads and a person writes.
  const isMissing = (action: string): boolean => !rights.includes(action) && !action.endsWith('/tags/write');
  const short = (action: string): string => action.replace(/^Microsoft\.Authorization\//, '');
  expect(actions.map(short).filter(isMissing)).toEqual([]);
});

it('the look whether the app answers ends within the ten minutes that the page says', () => {
  const [, tries, callSeconds, pauseSeconds] =
    /\{1\.\.(\d+)\}; do\n.*--max-time (\d+) [\s\S]*?sleep (\d+)/.exec(sectionOf('Order and time')) ?? [];
  expect(sectionOf('Order and time')).toContain('print 200 within ten minutes');
  expect(Number(tries) * (Number(callSeconds) + Number(pauseSeconds))).toBe(600);
});

it('the fleet is in the subscription of the installation before a command looks for something there', () => {
  const enrol = sectionOf('Enrol the accounts');
  const steps = ['azd env refresh', 'az account set', 'az appconfig list', 'az functionapp keys list'];
  const places = steps.map((step) => enrol.indexOf(step));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

it('a release is deployed without Node by config-zip alone: hooks of azd need it', () => {
  expect(findInOrder(read('azure.yaml'), /^ {4}run: (?:node|npm) (.+)$/gm)).toContain('run package');
  const release = /^## A released version\n([\s\S]*?)^## /m.exec(page)?.[1] ?? '';
  expect(release.replaceAll('\n', ' ')).toContain(
    '`config-zip` deploys without Node. The hooks of `azd deploy` need Node',
  );
});

it('azd is at least the first version that leaves the package as it is, and an older one refuses the project', () => {
  const azure = read('azure.yaml');
  expect(azure).toContain('    remoteBuild: false\n');
  expect(findInOrder(azure, /^requiredVersions:\n(?: +#.*\n)* {2}azd: (.+)$/gm)).toEqual(["'>= 1.23.5'"]);
  expect(findInOrder(page, /\(at least\s+([\d.]+)\)/g)).toEqual(['1.23.5']);
});

it('what a private link scope has is taken out before its group is deleted: Azure refuses it otherwise', () => {
  const taken = page.indexOf('az monitor private-link-scope scoped-resource delete');
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThan(page.indexOf('az group delete'));
  for (const name of findInOrder(read('docs/private-networking.md'), /--name (key-rotation-\w+)/g)) {
    expect(page).toContain(name);
  }
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
