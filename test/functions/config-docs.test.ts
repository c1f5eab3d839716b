// Holds docs/configuration.md, local.settings.json.example and host.json in step with what is parsed.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ACCOUNT_GUIDES } from '../../src/config/accounts/account-document.ts';
import { CLOUDS } from '../../src/config/cloud.ts';
import { parseFleet } from '../../src/config/fleet.ts';
import { readCalendar } from '../../src/config/policies/calendar.ts';
import { BUILT_IN_POLICY, POLICY_GUIDES } from '../../src/config/policies/policy-document.ts';
import { parseSettings, SETTING_NAMES } from '../../src/config/settings.ts';

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

const DOCS = read('docs/configuration.md');

/** First and last cell of the table rows under one heading whose first cell is a single name. */
function rowsUnder(heading: string): ReadonlyMap<string, string> {
  const section = DOCS.split(/^#{2,3} /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const rows = section.matchAll(/^\| `([A-Za-z_]+)` \|(?:.*\|)? ?(.*) \|$/gm);
  return new Map([...rows].map(([, name, last]) => [name ?? '', last ?? '']));
}

describe('docs/configuration.md', () => {
  it('has a row for every app setting and no other', () => {
    expect([...rowsUnder('App settings').keys()].toSorted()).toEqual([...SETTING_NAMES].toSorted());
  });

  it('shows the defaults that apply, and the example sets no other', () => {
    const needed = {
      KEY_VAULT_URL: 'https://contoso.vault.azure.net',
      APP_CONFIGURATION_ENDPOINT: 'https://contoso.azconfig.io',
    };
    const storage = { AzureWebJobsStorage: 'UseDevelopmentStorage=true' };
    const result = parseSettings({ ...needed, ...storage });
    if (!result.ok) throw new Error('The settings are valid.');
    const { settings } = result;
    const applied: Readonly<Record<string, string>> = {
      RECORD_TABLE_NAME: settings.records.tableName,
      RECONCILE_SCHEDULE: settings.schedule,
      DISCOVERY_SCHEDULE: settings.discoverySchedule,
      AUTHORIZATION: settings.authorization,
      AZURE_CLOUD: 'public',
    };
    expect(settings.cloud).toEqual(CLOUDS.public);
    const { Values: values } = JSON.parse(read('local.settings.json.example')) as { Values: Record<string, string> };
    const rows = rowsUnder('App settings');
    for (const [name, value] of Object.entries(applied)) {
      expect([name, rows.get(name)]).toEqual([name, `\`${value}\``]);
      expect([name, values[name]]).toEqual([name, value]);
    }
    const shown = [...rows].filter(([, cell]) => cell.startsWith('`')).map(([name]) => name);
    expect(shown.toSorted()).toEqual(Object.keys(applied).toSorted());
  });

  it('has a row for every field of an account and no other', () => {
    expect([...rowsUnder('Account').keys()].toSorted()).toEqual(Object.keys(ACCOUNT_GUIDES).toSorted());
  });

  it('has a row for every field of a policy, with its built-in value', () => {
    const rows = rowsUnder('Policy');
    expect([...rows.keys()].toSorted()).toEqual(Object.keys(POLICY_GUIDES).toSorted());
    for (const [field, value] of Object.entries(BUILT_IN_POLICY)) {
      const shown = typeof value === 'object' ? JSON.stringify(value) : String(value);
      expect([field, rows.get(field)]).toEqual([field, `\`${shown}\``]);
    }
  });

  it('shows documents that are valid', () => {
    const [account, policy, windows] = [...DOCS.matchAll(/```json\n([^`]+)```/g)].map(([, json]) => json ?? '');
    const fleet = parseFleet(
      [
        { key: 'KeyRotation:Accounts:orders-language', value: account ?? '' },
        { key: 'KeyRotation:Policies:acknowledged', value: policy ?? '' },
        { key: 'KeyRotation:Policies:nightly', value: windows ?? '' },
      ],
      { keyVaultUrl: 'https://contoso.vault.azure.net' },
      { readCalendar },
    );
    expect(fleet.problems).toEqual([]);
    expect(fleet.accounts[0]?.policy).toMatchObject({ overlapMinimumMs: 3_600_000, overlapMaximumMs: 259_200_000 });
  });
});

describe('local.settings.json.example', () => {
  const { Values: values } = JSON.parse(read('local.settings.json.example')) as { Values: Record<string, string> };

  it('names every app setting, but for the two that stand in for the connection string of the host', () => {
    const inStead = ['AzureWebJobsStorage__accountName', 'AzureWebJobsStorage__tableServiceUri'];
    const expected = ['FUNCTIONS_WORKER_RUNTIME', ...SETTING_NAMES.filter((name) => !inStead.includes(name))];
    expect(Object.keys(values).toSorted()).toEqual(expected.toSorted());
  });

  it('is valid as it is', () => {
    expect(parseSettings(values).ok).toBe(true);
  });
});

describe('host.json', () => {
  it('gives a run ten minutes and the extensions of the fourth bundle', () => {
    expect(JSON.parse(read('host.json'))).toMatchObject({
      version: '2.0',
      extensionBundle: { id: 'Microsoft.Azure.Functions.ExtensionBundle', version: '[4.0.0, 5.0.0)' },
      functionTimeout: '00:10:00',
      telemetryMode: 'OpenTelemetry',
    });
  });

  it('keeps the requests of the host to its own storage, and debug lines, out of what is exported', () => {
    const { logging } = JSON.parse(read('host.json')) as { logging: { OpenTelemetry: { logLevel: object } } };
    // Alerts query lines of functions at level information: those must stay.
    const levels = { default: 'Information', Function: 'Information', 'Azure.Core': 'Error' };
    expect(logging.OpenTelemetry.logLevel).toEqual(levels);
    for (const [category, level] of Object.entries(levels)) {
      expect(read('docs/observability.md')).toContain(`| \`${category}\` | ${level} |`);
    }
  });
});
