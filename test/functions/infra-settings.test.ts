// Holds what the Bicep sets in step with what the service reads and the example names, and the parameters of azd with
// those of the template. docs/configuration.md is held against the same list in config-docs.test.ts.
import { describe, expect, it } from 'vitest';
import { parseSettings, SETTING_NAMES } from '../../src/config/settings.ts';
import { RECONCILE_QUEUE } from '../../src/entry/queues.ts';
import { BICEP, findAll, read } from './infra-files.ts';

const app = BICEP.get('infra/modules/function-app.bicep') ?? '';
const main = BICEP.get('infra/main.bicep') ?? '';
const block = /var settings = \{\n([\s\S]*?)\n\}/.exec(app)?.[1] ?? '';
const set = findAll(block, /^ {2}(\w+):/gm);

/** Read by the Functions host alone. */
const OF_THE_HOST = [
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'AzureFunctionsJobHost__logging__applicationInsights__samplingSettings__excludedTypes',
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__queueServiceUri',
];

/** The standard ones of OpenTelemetry, which the host and docs/observability.md describe. */
const OF_TELEMETRY = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_PROTOCOL',
  'OTEL_TRACES_SAMPLER',
  'OTEL_TRACES_SAMPLER_ARG',
];

/** A connection string would be a secret; in Azure the identity stands in for it. */
const NEVER_IN_AZURE = ['AzureWebJobsStorage'];

/** Only on a developer's machine. */
const NEVER_LOCAL = ['AzureWebJobsStorage__accountName', 'AzureWebJobsStorage__tableServiceUri'];

describe('the app settings of the Bicep', () => {
  it('are those that the service reads, and those of the host and of telemetry', () => {
    const ours = SETTING_NAMES.filter((name) => !NEVER_IN_AZURE.includes(name));
    const expected = [...ours, ...OF_THE_HOST, ...OF_TELEMETRY];
    expect(set).toEqual(expected.toSorted());
  });

  it('are those of local.settings.json.example, but for where storage and telemetry are', () => {
    const { Values: values } = JSON.parse(read('local.settings.json.example')) as { Values: Record<string, string> };
    const others = [...OF_THE_HOST, ...OF_TELEMETRY, ...NEVER_LOCAL];
    const ours = set.filter((name) => !others.includes(name));
    const local = Object.keys(values).filter(
      (name) => name !== 'FUNCTIONS_WORKER_RUNTIME' && !NEVER_IN_AZURE.includes(name),
    );
    expect(ours).toEqual(local.toSorted());
  });

  it('are valid with the values that a deployment gives', () => {
    const clouds = findAll(app, /^ {2}Azure(?:US|China)?(?:Cloud|Government): '(\w+)'/gm);
    expect(clouds).toEqual(['china', 'public', 'usGovernment']);
    const schedule = /param schedule string = '([^']+)'/.exec(main)?.[1];
    for (const cloud of clouds) {
      const result = parseSettings({
        KEY_VAULT_URL: 'https://kv-abc.vault.azure.net/',
        APP_CONFIGURATION_ENDPOINT: 'https://appcs-abc.azconfig.io',
        RECORD_TABLE_ENDPOINT: 'https://stabc.table.core.windows.net/',
        RECORD_TABLE_NAME: /RECORD_TABLE_NAME: '(\w+)'/.exec(block)?.[1],
        AZURE_CLIENT_ID: 'c6e1f7ad-1b33-4dd9-a1b1-1f0b6a3e2c11',
        RECONCILE_SCHEDULE: schedule,
        DISCOVERY_SCHEDULE: /param discoverySchedule string = '([^']+)'/.exec(main)?.[1],
        AUTHORIZATION: 'functionKey',
        AZURE_CLOUD: cloud,
      });
      expect(result).toMatchObject({ ok: true });
    }
  });
});

describe('the parameters of azd', () => {
  const { parameters } = JSON.parse(read('infra/main.parameters.json')) as {
    parameters: Record<string, { value: unknown }>;
  };

  it('are all parameters of the template: each can be set by azd env set', () => {
    expect(Object.keys(parameters).toSorted()).toEqual(findAll(main, /^param (\w+) /gm));
    expect(findAll(main, /^param (\w+) [^=\n]+$/gm)).toEqual(['environmentName', 'location']);
    const fixed = Object.entries(parameters).filter(([, { value }]) => !/^\$\{\w+(=.*)?\}$/.test(String(value)));
    expect(fixed).toEqual([]);
  });

  it('have the defaults of the template', () => {
    const defaults = [...main.matchAll(/^param (\w+) [^=\n]+ = (?:'([^']*)'|(true|false|\d+))$/gm)];
    const given = new Map(
      Object.entries(parameters).flatMap(([name, { value }]) => {
        const found = typeof value === 'string' ? /^\$\{\w+=(.*)\}$/.exec(value)?.[1] : undefined;
        return found === undefined ? [] : [[name, found] as const];
      }),
    );
    const expected = defaults.map(([, name = '', text, flag]) => [name, text ?? flag ?? ''] as const);
    expect([...given].toSorted()).toEqual(expected.filter(([name]) => given.has(name)).toSorted());
    expect(given.size).toBeGreaterThan(8);
  });
});

it('takes shared keys, local authentication and passwords away wherever a resource has them', () => {
  const off = {
    'storage.bicep': 'allowSharedKeyAccess: false',
    'app-configuration.bicep': 'disableLocalAuth: true',
    'key-vault.bicep': 'enableRbacAuthorization: true',
    'monitoring.bicep': 'DisableLocalAuth: true',
    'function-app.bicep': 'allow: false',
  };
  for (const [file, words] of Object.entries(off)) expect(BICEP.get(`infra/modules/${file}`)).toContain(words);
});

it('uses no module from a registry', () => {
  const modules = [...BICEP.values()].flatMap((text) => findAll(text, /^module \w+ '([^']+)'/gm));
  expect(modules.length).toBeGreaterThan(20);
  expect(modules.filter((path) => !/^(modules\/)?[a-z-]+\.bicep$/.test(path))).toEqual([]);
});

it('makes the queue that the service uses, and its poison queue', () => {
  const [names = ''] = findAll(
    BICEP.get('infra/modules/storage.bicep') ?? '',
    /for name in \[([^\]]+)\]: \{ name: name \}/g,
  );
  expect(names.split(', ')).toEqual([`'${RECONCILE_QUEUE.queueName}'`, `'${RECONCILE_QUEUE.queueName}-poison'`]);
});
