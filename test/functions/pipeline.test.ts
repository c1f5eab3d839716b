// Holds what deploys, by hand and from a pipeline, together: the variables of the template's parameters, azure.yaml, the
// workflow and docs/deployment-variables.md; and the workflows to what a repository that deploys should be able to say
// of them.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { givenTo } from '../../scripts/before-down.mjs';
import { objectionTo } from '../../scripts/release-version.mjs';
import { filesIn, findAll, read } from './infra-files.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const parameters = read('infra/main.parameters.json');
const azure = read('azure.yaml');
const workflow = read('.github/workflows/azure-dev.yml');
const workflows = filesIn('.github/workflows', '.yml').map(read).join('\n');

const [, ofJobs = ''] = workflow.split('\njobs:\n');
const jobs = new Map(
  [...ofJobs.matchAll(/^ {2}(\w+):\n((?: {4}.*\n)+)/gm)].map(([, name = '', body = '']) => [name, body] as const),
);
const runsOf = (job: string): readonly string[] =>
  [...(jobs.get(job) ?? '').matchAll(/- run: (.+)$/gm)].map(([, run = '']) => run);

/** Set by the Azure Developer CLI itself. */
const OF_AZD = ['AZURE_ENV_NAME', 'AZURE_LOCATION', 'AZURE_PRINCIPAL_ID', 'AZURE_PRINCIPAL_TYPE'];
/** Set by the steps, in their order. */
const OF_THE_STEPS = ['RECEIVE_EVENTS'];

const ours = findAll(parameters, /\$\{([A-Z_]+)/g).filter((name) => !OF_AZD.includes(name));

it('a pipeline hands every variable of the parameters on: one that is left out would be set back', () => {
  expect(ours).toContain('ENTRA_CLIENT_ID');
  const expected = ours.filter((name) => !OF_THE_STEPS.includes(name));
  expect(findAll(azure, /^ {4}- ([A-Z_]+)$/gm)).toEqual(expected);
  const handed = [...workflow.matchAll(/^ {2}([A-Z_]+): \$\{\{ (?:vars|secrets)\.([A-Z_]+) \}\}$/gm)];
  expect(handed.filter(([, name, from]) => name !== from)).toEqual([]);
  const names = handed.map(([, name = '']) => name).filter((name) => !name.startsWith('AZURE_'));
  expect(names.toSorted()).toEqual(expected);
});

it('what is secure in the template is a secret of the pipeline, and nothing else is', () => {
  const secure = findAll(read('infra/main.bicep'), /@secure\(\)\nparam (\w+)/g);
  expect(secure).toEqual(['notificationUrl']);
  expect(findAll(workflow, /secrets\.([A-Z_]+)/g)).toEqual(['NOTIFICATION_URL']);
  expect(findAll(azure, /^ {2}secrets:\n((?: {4}- [A-Z_]+\n)+)/gm)).toEqual(['    - NOTIFICATION_URL\n']);
});

it('docs/deployment-variables.md names every variable with its parameter, and no other', () => {
  const { parameters: given } = JSON.parse(parameters) as { parameters: Record<string, { value: unknown }> };
  const expected = Object.entries(given).flatMap(([name, { value }]) => {
    const variable = typeof value === 'string' ? /^\$\{([A-Z_]+)/.exec(value)?.[1] : undefined;
    return variable === undefined || OF_AZD.includes(variable) ? [] : [`${variable} ${name}`];
  });
  const page = read('docs/deployment-variables.md');
  const rows = [...page.matchAll(/^\| (`[A-Z][^|]+) \| (`[^|]+) \|/gm)].flatMap(([, left = '', right = '']) => {
    const names = findInOrder(right);
    return findInOrder(left).map((variable, index) => `${variable} ${names[index] ?? ''}`);
  });
  expect(rows.toSorted()).toEqual(expected.toSorted());
});

it('docs name the outputs of the template that they use', () => {
  const outputs = findAll(read('infra/main.bicep'), /^output ([A-Z_]+) /gm);
  const pages = ['docs/deployment.md', 'docs/deployment-variables.md', 'docs/private-networking.md'];
  const used = findAll(pages.map(read).join('\n'), /["<]\$?([A-Z]+(?:_[A-Z]+)+)[">/ ]/g).filter(
    // What azd itself writes beside the outputs.
    (name) => !ours.includes(name) && name !== 'AZURE_SUBSCRIPTION_ID',
  );
  expect(used).toContain('FUNCTION_APP_URL');
  expect(used.filter((name) => !outputs.includes(name))).toEqual([]);
  // Read by `npm run doctor`, which the page has run with all that azd knows.
  const ofDoctor = ['KEY_VAULT_URL', 'APP_CONFIGURATION_ENDPOINT', 'RECORD_TABLE_ENDPOINT'];
  expect(outputs).toEqual(expect.arrayContaining(ofDoctor));
  // Named by the runbook.
  expect(outputs).toContain('STORAGE_ACCOUNT_NAME');
  // What azd gives back becomes a variable: one that is also read would turn what was made into what was brought.
  expect(outputs.filter((name) => ours.includes(name))).toEqual([]);
});

it('events are wired after the code is there, by hand and from the pipeline, also after everything was taken down', () => {
  const steps = [...azure.matchAll(/^ {6}- azd: (.+)$/gm)].map(([, step]) => step);
  expect(steps).toEqual([
    'env set RECEIVE_EVENTS false',
    'provision',
    'deploy rotator --from-package out/app.zip',
    'env set RECEIVE_EVENTS true',
    'provision',
  ]);
  expect(runsOf('deploy').slice(1)).toEqual([
    'azd provision --no-prompt',
    'npm run package',
    'azd deploy rotator --from-package out/app.zip --no-prompt',
    'azd env set RECEIVE_EVENTS true',
    'azd provision --no-prompt',
  ]);
});

it('a pipeline shows what it would change before the environment lets it change anything', () => {
  expect(runsOf('preview').slice(1)).toEqual(['azd provision --preview --no-prompt']);
  expect(jobs.get('preview')).not.toMatch(/^ {4}environment:/m);
  expect(jobs.get('deploy')).toMatch(/^ {4}needs: preview\n {4}environment: production$/m);
  // Both sign in first. The page names the credential that the environment needs.
  for (const job of jobs.keys()) expect(runsOf(job)[0]).toContain('--federated-credential-provider github');
  expect(read('docs/deployment.md').includes(':environment:production"')).toBe(true);
});

it('workflows name every action by commit, keep no credentials, and read only what they need', () => {
  const actions = findAll(workflows, /uses: (\S+)/g);
  expect(actions.length).toBeGreaterThan(3);
  expect(actions.filter((action) => !/^[\w-]+\/[\w-]+(\/[\w-]+)?@[0-9a-f]{40}$/.test(action))).toEqual([]);
  const checkouts = workflows.match(/uses: actions\/checkout@/g) ?? [];
  expect(workflows.match(/persist-credentials: false/g)).toHaveLength(checkouts.length);
  expect(findAll(workflows, /^ {2}([\w-]+: (?:read|write))$/gm)).toEqual(['contents: read', 'id-token: write']);
  expect(findAll(read('.github/workflows/ci.yml'), /^ +([\w-]+: write)$/gm)).toEqual([]);
});

it('each right to write is of a job that needs it, and every other workflow reads', () => {
  const writes = filesIn('.github/workflows', '.yml').flatMap((file) =>
    findAll(read(file), /^ {6}([\w-]+: write)$/gm).map((right) => `${file.split('/').at(-1) ?? ''} ${right}`),
  );
  expect(writes.toSorted()).toEqual([
    'codeql.yml security-events: write',
    'live.yml id-token: write',
    'release.yml attestations: write',
    'release.yml contents: write',
    'release.yml id-token: write',
    'scorecard.yml id-token: write',
    'scorecard.yml security-events: write',
  ]);
  const file = filesIn('.github/workflows', '.yml').filter((name) => !/^permissions:/m.test(read(name)));
  expect(file).toEqual([]);
});

it('the job that publishes a release runs no code of the tree, and what it publishes is signed before', () => {
  const [, build = '', publish = ''] =
    /\n {2}build:\n([^]*)\n {2}publish:\n([^]*)\n {2}#/.exec(read('.github/workflows/release.yml')) ?? [];
  expect(build).not.toContain('write');
  expect(build).toContain('run: npm run release\n');
  expect(publish).not.toMatch(/checkout@|npm |node /);
  const order = ['sha256sum --check SHA256SUMS', 'attest-build-provenance@', 'gh release create'];
  const places = order.map((step) => publish.indexOf(step));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places.every((place) => place > 0)).toBe(true);
});

it('a release needs a tag that is its version, and a heading in the change log', () => {
  const tree = { version: '1.2.3', changeLog: '# Change log\n\n## [1.2.3] - 2030-01-01\n' };
  expect(objectionTo('v1.2.3', tree)).toBeUndefined();
  expect(objectionTo('v1.2.4', tree)).toBe('The tag is v1.2.4, and package.json has the version 1.2.3.');
  expect(objectionTo('v1.2.3', { ...tree, changeLog: '## [Unreleased]\n' })).toMatch(/^CHANGELOG.md has no heading/);
});

it('workflows run scripts that there are', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const run = findAll(workflows, /npm run ([\w:-]+)/g);
  expect(run).toContain('package');
  expect(run.filter((name) => !(name in scripts))).toEqual([]);
});

it('scripts use nothing of a shell that is not the same on every system', () => {
  const manifests = ['package.json', 'packages/consumer/package.json', 'packages/operator/package.json'].map(
    (file) => JSON.parse(read(file)) as { readonly scripts: Readonly<Record<string, string>> },
  );
  const all = manifests.flatMap(({ scripts }) => Object.entries(scripts));
  expect(all.length).toBeGreaterThan(20);
  // What stands between double quotes goes to the program as it is.
  const words = all.map(([name, script]) => [name, script.replaceAll(/"[^"]*"/g, '')] as const);
  const isOfAShell = (script: string) =>
    /['`$;|<>*~]|&(?!& )(?<!&&)|(?:^|&& )(?:\w+=|rm |cp |mv |mkdir |export )/.test(script);
  expect(words.filter(([, script]) => isOfAShell(script)).map(([name]) => name)).toEqual([]);
  expect(
    ['rm -rf dist', 'TZ=UTC node a', 'node a; node b', 'node $A', 'node a &'].filter((each) => !isOfAShell(each)),
  ).toEqual([]);
});

function findInOrder(cell: string): string[] {
  return [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
}

it('azd down is stopped while the installation has something that is in a resource group of its own', () => {
  expect(givenTo({})).toEqual([]);
  const variables = {
    ACCOUNTS: '/subscriptions/s/resourceGroups/g/providers/p/accounts/a',
    ACCOUNT_RESOURCE_GROUPS: '/subscriptions/s/resourceGroups/g',
    HOLDERS: 'namedValue=/subscriptions/s/resourceGroups/g',
    KEY_VAULT_ID: '/a/vault',
    APP_CONFIGURATION_ID: '/a/store',
    VAULT_SYSTEM_TOPIC_ID: '/a/topic',
    GROUP_SYSTEM_TOPICS: '/a/group=/a/topic',
    RESOURCE_GROUP_NAME: 'rg-of-others-too',
  };
  expect(givenTo({ ...variables, DEMO_ACCOUNT: 'true' })).toEqual(Object.keys(variables));
  // Every parameter whose value is the scope of a module is looked at.
  const main = read('infra/main.bicep');
  const places =
    /^param (?!action)(\w*(?:[aA]ccounts?|[gG]roups?\w*|holders|keyVaultId|appConfigurationId|SystemTopics?(?:Id)?)) /gm;
  const scopes = ['accountResourceGroups', 'accounts', 'appConfigurationId', 'demoAccount', 'groupSystemTopics'];
  expect(findAll(main, places)).toEqual([
    ...scopes,
    'holders',
    'keyVaultId',
    'resourceGroupName',
    'vaultSystemTopicId',
  ]);

  const command = /predown:\n {4}shell: sh\n {4}run: node (\S+)/.exec(azure)?.[1] ?? '';
  const run = (environment: Readonly<Record<string, string>>) =>
    spawnSync(process.execPath, [command], { cwd: ROOT, env: environment, encoding: 'utf8' });
  expect(run({}).status).toBe(0);
  const stopped = run({ KEY_VAULT_ID: '/a/vault' });
  expect(stopped.status).toBe(1);
  expect(stopped.stderr).toContain('(KEY_VAULT_ID)');
});
