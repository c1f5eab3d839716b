// Holds what the documents list against the code, name by name, where no other test does: a name that is only on one
// side is a lie, or a secret.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { notificationKey, PARTITION, rowsUnder } from '../../src/azure/table/rows/keys.ts';
import { EVENT_TYPES } from '../../src/base/event-grid/read-event.ts';
import { DISCOVERY_REASONS } from '../../src/config/accounts/discovered-account.ts';
import { builtInPolicy } from '../../src/config/policies/policy.ts';
import { RECONCILE_QUEUE } from '../../src/entry/queues.ts';
import { CAMPAIGN_STATES, FAILURE_REASONS, MEMBER_STATES } from '../../src/fleet/campaign/rules/model.ts';
import { OPERATIONS } from '../../src/http/contract/operations.ts';
import { PROBLEM_KINDS } from '../../src/http/problem.ts';
import { CHECK_NAMES } from '../../src/operators/answers/check.ts';
import { WITHDRAWAL_REFUSALS } from '../../src/rotation/decide/request-end.ts';
import { ERROR_CODES } from '../../src/rotation/errors.ts';
import { HISTORY_KINDS } from '../../src/rotation/history.ts';
import { asProse } from '../support/documents.ts';
import { BICEP, filesIn, findAll, read } from './infra-files.ts';

/** The text under a heading of any level, up to the next one of the same or a higher level. */
function section(file: string, heading: string): string {
  const text = read(file);
  const start = new RegExp(`^(#{1,4}) ${heading.replaceAll(/[{}]/g, '\\$&')}$`, 'm').exec(text);
  if (start === null) throw new Error(`${file} has no heading ${heading}.`);
  const rest = text.slice(start.index + start[0].length);
  const end = new RegExp(`^#{1,${start[1]?.length ?? 1}} `, 'm').exec(rest);
  return rest.slice(0, end?.index);
}

/** Every name in code letters in the first cells of the tables of a text. */
function firstCells(text: string): readonly string[] {
  const cells = [...text.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = '']) => cell);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

describe('docs/http-api.md', () => {
  const api = read('docs/http-api.md');

  it('has each operation with its own role, and no other', () => {
    const table = api.split('\n\n').find((text) => text.startsWith('| method and path |')) ?? '';
    const rows = [...table.matchAll(/^\| ([^|]*`[^|]+) \| [^|]+ \| `([\w.]+)`[^|]* \|$/gm)];
    const listed = rows.flatMap(([, paths = '', role = '']) => {
      const [first = '', ...others] = [...paths.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
      const base = first.slice(0, first.lastIndexOf('/'));
      return [first, ...others.map((path) => path.replace('…', base))].map((path) => `${path} ${role}`);
    });
    const emergency = 'compromised Rotation.Emergency';
    const expected = OPERATIONS.map(({ method, path, role }) => `${method.toUpperCase()} ${path} ${role}`);
    expect(listed.toSorted()).toEqual([...expected, emergency].toSorted());
  });

  it('has a row for each kind of problem and no other', () => {
    const table = api.split('\n\n').find((text) => text.includes('| `unauthenticated` |')) ?? '';
    expect(firstCells(table).toSorted()).toEqual([...PROBLEM_KINDS].toSorted());
  });

  it('has a row for each kind of line of the history', () => {
    const kinds = firstCells(section('docs/http-api.md', 'GET accounts/{account}/history'));
    expect(kinds.filter((kind) => kind !== 'kind').toSorted()).toEqual([...HISTORY_KINDS].toSorted());
  });

  it('has a row for each reason to refuse a withdrawal', () => {
    const reasons = firstCells(section('docs/http-api.md', 'POST accounts/{account}/requests/{id}/withdraw'));
    expect(reasons.slice(1).toSorted()).toEqual([...WITHDRAWAL_REFUSALS].toSorted());
  });

  it('has a row for each look of a check', () => {
    const table = api.split('\n\n').find((text) => text.startsWith('| `check` |')) ?? '';
    expect(firstCells(table).slice(1).toSorted()).toEqual([...CHECK_NAMES, '<service>Reachable'].toSorted());
  });
});

describe('docs/runbook.md', () => {
  const runbook = read('docs/runbook.md');

  it('begins "timer silent" with storage, and names the roles that the template gives there', () => {
    const entry = section('docs/runbook.md', 'Timer silent');
    const roles = findAll(read('infra/modules/storage.bicep'), /^ {2}'(Storage [\w ]+)':/gm);
    expect(roles).toHaveLength(3);
    for (const role of roles) expect(entry.replace(/\s+/g, ' ')).toContain(role);
    expect(entry.indexOf('**First: storage**')).toBeGreaterThan(0);
    expect(entry.indexOf('**First: storage**')).toBeLessThan(entry.indexOf('**Check**'));
  });

  it('says what to do for each code of a pass that failed', () => {
    const codes = [...section('docs/runbook.md', 'Account failing').matchAll(/^ *\| ([A-Z]\w+) \|/gm)];
    // A record that cannot be understood blocks; it does not fail.
    const failing = ERROR_CODES.filter((code) => code !== 'RecordUnreadable');
    expect(codes.map(([, code]) => code).toSorted()).toEqual(failing.toSorted());
  });

  it('names the rows, the table and the queue as the service does', () => {
    const condition = rowsUnder('x|');
    expect(runbook.split(`--filter "${condition}"`)).toHaveLength(3);
    expect(runbook).toContain(`--partition-key ${PARTITION} `);
    expect(notificationKey({ id: 'a' } as never, 0, { revision: 1 }, 0).startsWith('o|')).toBe(true);
    const table = /RECORD_TABLE_NAME: '(\w+)'/.exec(BICEP.get('infra/modules/function-app.bicep') ?? '')?.[1] ?? '';
    expect(findAll(runbook, /--table-name (\S+)/g)).toEqual(['"<table>"']);
    expect(runbook).toContain(`the setting \`RECORD_TABLE_NAME\`; without this setting \`${table}\``);
    expect(findAll(runbook, /--queue-name ([\w-]+)/g)).toEqual([`${RECONCILE_QUEUE.queueName}-poison`]);
  });
});

it('the built-in rest of a new key before its test is eight minutes, as the pages say', () => {
  const { settle, activationFor } = builtInPolicy();
  expect([settle, activationFor]).toEqual([170_000, 300_000]);
  expect(asProse(read('README.md'))).toContain('**Verify** the new key about eight minutes later:');
  expect(read('docs/glossary.md')).toContain('The rest begins `settle` (2 minutes 50 seconds) after the regenerate |');
});

it('docs/discovery.md has a row for each reason to leave an account out', () => {
  const rows = [...section('docs/discovery.md', 'Who is left out, and who leaves').matchAll(/^\| ([A-Z]\w+) \|/gm)];
  expect(rows.map(([, reason]) => reason)).toEqual([...DISCOVERY_REASONS]);
});

it('docs/campaigns.md has the states and the reasons', () => {
  const names = firstCells(section('docs/campaigns.md', 'The life of a member'));
  const blocked = ['state', 'reason', 'PublishedKeyNotAccepted'];
  expect(names.filter((name) => !blocked.includes(name)).toSorted()).toEqual(
    [...MEMBER_STATES, ...FAILURE_REASONS].toSorted(),
  );
  const life = section('docs/campaigns.md', 'The life of a campaign');
  expect(CAMPAIGN_STATES.filter((state) => !new RegExp(`\\b${state}\\b`).test(life))).toEqual([]);
});

it('docs/events.md names the types of events that are read and subscribed to', () => {
  const events = read('docs/events.md');
  const shown = findAll(events, /\b(Microsoft\.(?:KeyVault|Resources)\.\w+)/g).map((type) => type.toLowerCase());
  expect([...new Set(shown)].toSorted()).toEqual([...EVENT_TYPES].toSorted());
  const bicep = ['vault-events', 'account-events'].map((name) => BICEP.get(`infra/modules/${name}.bicep`) ?? '').join();
  const subscribed = findAll(bicep, /'(Microsoft\.(?:KeyVault|Resources)\.[A-Z]\w+)'/g).map((type) =>
    type.toLowerCase(),
  );
  expect([...new Set(subscribed)].toSorted()).toEqual(expect.arrayContaining([...EVENT_TYPES]));
});

describe('tearing down', () => {
  const steps = section('docs/deployment.md', 'Tearing down');

  it('takes role assignments away before the identity that they name', () => {
    const order = ['az role assignment delete', 'az role definition delete', 'az group delete'];
    const places = order.map((command) => steps.indexOf(command));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it('never deletes assignments for an empty identity, and shows them first', () => {
    // Without a value, --assignee is no filter: every assignment of the subscription would be deleted.
    const lists = [...steps.matchAll(/az role assignment list .*--assignee (\S+)/g)];
    expect(lists.map(([, assignee]) => assignee)).toEqual(Array(2).fill('"${IDENTITY_PRINCIPAL_ID:?is'));
    const blocks = steps.split('```');
    const firstWith = (command: string): number => blocks.findIndex((block) => block.includes(command));
    expect(firstWith('az role assignment list')).toBeLessThan(firstWith('az role assignment delete'));
  });

  it('never by a command that may delete the resource groups of the accounts', () => {
    const commands = ['README.md', ...filesIn('docs', '.md')].flatMap((page) =>
      [...read(page).matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(([, block = '']) => block),
    );
    expect(commands.length).toBeGreaterThan(20);
    expect(commands.filter((block) => block.includes('azd down'))).toEqual([]);
    expect(steps).toContain('**Never** `azd down`');
  });
});

it('whoever deploys may define roles, as the template does', () => {
  const rights = section('docs/permissions.md', 'What you need to deploy');
  expect(rights).toMatch(/Contributor and User Access Administrator \(or Owner\)/);
});

it('no command prints a key or a secret that it sets', () => {
  const commands = ['README.md', ...filesIn('docs', '.md')].flatMap((page) =>
    findAll(
      read(page),
      /(az (?:keyvault secret set|cognitiveservices account keys regenerate)[^`\n]*(?:\\\n[^\n]*)*)/g,
    ),
  );
  expect(commands.length).toBeGreaterThan(3);
  expect(commands.filter((command) => !command.includes('--output none'))).toEqual([]);
});

it('every cloud has its name for the service, and its private zones', () => {
  const clouds = findAll(
    BICEP.get('infra/modules/function-app.bicep') ?? '',
    /^ {2}(Azure\w*Cloud|AzureUSGovernment): '/gm,
  );
  expect(clouds).toEqual(['AzureChinaCloud', 'AzureCloud', 'AzureUSGovernment']);
  const network = BICEP.get('infra/modules/network.bicep') ?? '';
  expect(findAll(network, /^ {2}(Azure\w+): \{$/gm)).toEqual(clouds);
  const zones = [...network.matchAll(/^ {2}Azure\w+: \{\n([\s\S]*?)^ {2}\}/gm)].map(([, block = '']) =>
    findAll(block, /^ {4}(\w+):/gm),
  );
  expect(new Set(zones.map((names) => names.join())).size).toBe(1);
});

it('the app is found by the Azure Developer CLI under the name of its service', () => {
  const service = /^services:\n {2}(\w+):$/m.exec(read('azure.yaml'))?.[1];
  expect(service).toBe('rotator');
  expect(BICEP.get('infra/modules/function-app.bicep')).toContain(`'azd-service-name': '${service ?? ''}'`);
});

it('every command that edits the store signs in: its access keys are off', () => {
  const commands = ['README.md', ...filesIn('docs', '.md')].flatMap((page) =>
    [...read(page).matchAll(/^ *az appconfig kv (?:[^\n]*\\\n)*[^\n]*$/gm)].map(([command]) => `${page}: ${command}`),
  );
  expect(commands.length).toBeGreaterThan(4);
  expect(commands.filter((command) => !command.includes('--auth-mode login --yes'))).toEqual([]);
});

const PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...filesIn('docs', '.md'), ...filesIn('examples', '.md')];

it.each(PAGES)('the commands of %s are there', (page) => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    scripts: Record<string, string>;
  };
  expect(findAll(read(page), /\bnpm run ([\w:-]+)/g).filter((name) => !(name in scripts))).toEqual([]);
});
