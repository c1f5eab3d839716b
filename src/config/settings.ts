// The app settings that the environment must hold before anything can run.
// It must not read the environment itself, throw, or show a connection string.
import * as z from 'zod';
import { HOLDER_KINDS } from '../holders/model.ts';
import { SecretValue } from '../rotation/secret.ts';
import { AUTHORIZATIONS, type Authorization } from './authorization.ts';
import { CLOUDS, type Cloud, localCloud } from './cloud.ts';
import { type HolderScopes, holdersSchema } from './holder-scopes.ts';
import { type Installation, installationNameOf, type RecordTable } from './installation.ts';
import {
  type Notifications,
  notificationSecretSchema,
  notificationsOf,
  notificationUrlSchema,
} from './notifications.ts';
import { isSchedule } from './policies/schedule.ts';
import { PROBE_APIS, PROBE_VERSIONS, type ProbeVersions, parseProbeVersions } from './probe-versions.ts';
import { type Guide, type Problem, problemsOf } from './problem.ts';
import { documentSchema, endpointSchema, loopbackOriginSchema, originSchema } from './urls.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Settings {
  /** `https://host[:port]`, no trailing slash. */
  readonly keyVaultUrl: string;
  /** `https://host[:port]`, no trailing slash. */
  readonly appConfigurationEndpoint: string;
  readonly records: RecordTable;
  readonly installation: Installation;
  /** Client id of the user-assigned identity; absent: the system-assigned one. */
  readonly clientId?: string;
  /** Six-field NCRONTAB, UTC. */
  readonly schedule: string;
  /** Six-field NCRONTAB, UTC. */
  readonly discoverySchedule: string;
  readonly authorization: Authorization;
  readonly cloud: Cloud;
  readonly probeVersions: ProbeVersions;
  /** Empty: no holder is searched. */
  readonly holders: HolderScopes;
  /** Absent: no notification is stored or sent. */
  readonly notifications?: Notifications;
  /** Where people read the runbook. The status page links to its headings. */
  readonly runbookUrl?: string;
}

export type SettingsResult =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const DEFAULT_SCHEDULE = '0 */5 * * * *';
const DEFAULT_DISCOVERY_SCHEDULE = '0 7 * * * *';
const DEFAULT_TABLE_NAME = 'KeyRotation';

const localCloudSchema = z.strictObject({
  resourceManagerEndpoint: loopbackOriginSchema,
  authorityHost: loopbackOriginSchema,
});

function parseCloud(text: string): Cloud | undefined {
  if (Object.hasOwn(CLOUDS, text)) return CLOUDS[text as keyof typeof CLOUDS];
  try {
    const endpoints = localCloudSchema.safeParse(JSON.parse(text));
    return endpoints.success ? localCloud(endpoints.data) : undefined;
  } catch {
    return undefined;
  }
}

const cloudSchema = z.string().transform((text, context): Cloud => {
  const cloud = parseCloud(text);
  if (cloud !== undefined) return cloud;
  context.issues.push({ code: 'invalid_value', values: Object.keys(CLOUDS), input: text });
  return z.NEVER;
});

const probeVersionsSchema = z.string().transform((text, context): ProbeVersions => {
  const versions = parseProbeVersions(text);
  if (versions !== undefined) return versions;
  context.issues.push({ code: 'invalid_format', format: 'regex', input: text });
  return z.NEVER;
});

/** The forms that the Tables client understands. */
function isConnectionString(text: string): boolean {
  const has = (part: string): boolean => new RegExp(`(?:^|;)\\s*${part}=.`, 'i').test(text);
  if (/(?:^|;)\s*UseDevelopmentStorage=true/i.test(text)) return true;
  if (has('AccountKey')) return has('AccountName') && has('DefaultEndpointsProtocol');
  return has('SharedAccessSignature') && has('TableEndpoint');
}

const SCHEMA = z.object({
  KEY_VAULT_URL: originSchema,
  APP_CONFIGURATION_ENDPOINT: originSchema,
  RECORD_TABLE_ENDPOINT: endpointSchema.optional(),
  RECORD_TABLE_NAME: z
    .string()
    .regex(/^(?!tables$)[A-Za-z][A-Za-z0-9]{2,62}$/i)
    .default(DEFAULT_TABLE_NAME),
  FORMER_INSTALLATION: z
    .string()
    .regex(/^[A-Za-z0-9.:[\]-]{1,63}\/[A-Za-z][A-Za-z0-9]{2,62}$/)
    .optional(),
  AZURE_CLIENT_ID: z.guid().toLowerCase().optional(),
  RECONCILE_SCHEDULE: z
    .string()
    .refine(isSchedule, { error: 'Write seconds first, for example `0 */5 * * * *` for every five minutes.' })
    .default(DEFAULT_SCHEDULE),
  DISCOVERY_SCHEDULE: z
    .string()
    .refine(isSchedule, { error: 'Write seconds first, for example `0 7 * * * *` for seven minutes past each hour.' })
    .default(DEFAULT_DISCOVERY_SCHEDULE),
  AUTHORIZATION: z.enum(AUTHORIZATIONS).default('functionKey'),
  AZURE_CLOUD: cloudSchema.default(CLOUDS.public),
  PROBE_API_VERSIONS: probeVersionsSchema.default(PROBE_VERSIONS),
  HOLDERS: holdersSchema.default({}),
  NOTIFICATION_URL: notificationUrlSchema.optional(),
  NOTIFICATION_SECRET: notificationSecretSchema.optional(),
  RUNBOOK_URL: documentSchema.optional(),
  AzureWebJobsStorage: z
    .string()
    .refine(isConnectionString, {
      error:
        'Correct it, or see why the platform could not resolve it if it is a Key Vault reference; or set `RECORD_TABLE_ENDPOINT`.',
    })
    .transform((text) => new SecretValue(text))
    .optional(),
  AzureWebJobsStorage__accountName: z
    .string()
    .regex(/^[a-z0-9]{3,24}$/)
    .optional(),
  AzureWebJobsStorage__tableServiceUri: endpointSchema.optional(),
});

type SettingName = keyof z.infer<typeof SCHEMA>;

/** Every app setting that is read, ours first; the last three configure the host's own storage. */
export const SETTING_NAMES = Object.keys(SCHEMA.shape) as readonly SettingName[];

const GUIDES: Readonly<Record<SettingName, Guide>> = {
  KEY_VAULT_URL: {
    expected:
      'The https URL of the key vault that receives the secrets, for example `https://contoso.vault.azure.net`.',
    remedy: 'Copy the vault URI from the vault’s overview.',
  },
  APP_CONFIGURATION_ENDPOINT: {
    expected: 'The https endpoint of the App Configuration store, for example `https://contoso.azconfig.io`.',
    remedy: 'Copy the endpoint from the store’s overview; the connection string is not needed.',
  },
  RECORD_TABLE_ENDPOINT: {
    expected:
      'The https endpoint of a Table service, for example `https://contoso.table.core.windows.net`, or nothing.',
    remedy: 'Copy the Table endpoint of the storage account, or remove the setting to use the host’s storage.',
  },
  RECORD_TABLE_NAME: {
    expected: 'A table name: 3 to 63 letters and digits, a letter first.',
    remedy: `Choose another name, or remove the setting to use \`${DEFAULT_TABLE_NAME}\`.`,
  },
  FORMER_INSTALLATION: {
    expected: 'The storage account and the table of an installation that this one replaces, or nothing.',
    remedy: 'Write for example `contosostorage/KeyRotation`, as the block `OtherInstallation` names it.',
  },
  AZURE_CLIENT_ID: {
    expected: 'The client id of a user-assigned identity, a GUID, or nothing.',
    remedy:
      'Copy the client id from the identity’s overview, or remove the setting to use the system-assigned identity.',
  },
  RECONCILE_SCHEDULE: {
    expected: 'An NCRONTAB schedule of six fields: second, minute, hour, day, month, day of the week.',
    remedy: `Write for example \`${DEFAULT_SCHEDULE}\`.`,
  },
  DISCOVERY_SCHEDULE: {
    expected: 'An NCRONTAB schedule of six fields: second, minute, hour, day, month, day of the week.',
    remedy: `Write for example \`${DEFAULT_DISCOVERY_SCHEDULE}\`.`,
  },
  AUTHORIZATION: {
    expected: '`functionKey` or `entra`.',
    remedy: 'Write one of the two; until then function keys are asked for.',
  },
  AZURE_CLOUD: {
    expected:
      '`public`, `usGovernment`, `china`, or for a local Azure a JSON object with `resourceManagerEndpoint` and `authorityHost`, both https on this machine.',
    remedy: 'Write one of the names, or remove the setting to use `public`.',
  },
  PROBE_API_VERSIONS: {
    expected: `Pairs of an API and its version, with commas between them. The APIs are ${PROBE_APIS.map((api) => `\`${api}\``).join(', ')}.`,
    remedy: 'Write for example `openAi=2024-10-21`, or remove the setting to use the built-in versions.',
  },
  HOLDERS: {
    expected: `Pairs of a kind of holder and a subscription or resource group, with commas between them. The kinds are ${HOLDER_KINDS.map((kind) => `\`${kind}\``).join(', ')}.`,
    remedy:
      'Write for example `appServiceReference=/subscriptions/<id>/resourceGroups/<group>`, or remove the setting to search for none.',
  },
  NOTIFICATION_URL: {
    expected: 'The https address that takes notifications, without user and password, or nothing.',
    remedy: 'Correct it, or remove it together with `NOTIFICATION_SECRET` to send no notifications.',
  },
  NOTIFICATION_SECRET: {
    expected: 'At least 32 characters that sign notifications; behind `whsec_` 24 to 64 bytes in Base64.',
    remedy: 'Make one, for example with `openssl rand -hex 32`, and give it to the receiver as well.',
  },
  RUNBOOK_URL: {
    expected: 'The https address of your copy of the runbook, or nothing.',
    remedy: 'Write the address without a heading, or remove the setting: the status page then links to no runbook.',
  },
  AzureWebJobsStorage: {
    expected: 'A storage connection string.',
    remedy:
      'Set it, or `AzureWebJobsStorage__accountName`, as the host needs; or set `RECORD_TABLE_ENDPOINT` to keep records elsewhere.',
  },
  AzureWebJobsStorage__accountName: {
    expected: 'The name of a storage account: 3 to 24 lower-case letters and digits.',
    remedy: 'Write the name alone, without a domain.',
  },
  AzureWebJobsStorage__tableServiceUri: {
    expected: 'The https endpoint of a Table service, for example `https://contoso.table.core.windows.net`.',
    remedy: 'Copy the Table endpoint of the storage account.',
  },
};

const FIELDS = {
  guides: GUIDES,
  whole: { expected: 'App settings.', remedy: 'Set them as described in docs/configuration.md.' },
  nameOf: (field: string) => field,
  secrets: ['NOTIFICATION_URL', 'NOTIFICATION_SECRET'],
};

/** The places for records. The first that is set wins. */
const PLACES: readonly SettingName[] = [
  'RECORD_TABLE_ENDPOINT',
  'AzureWebJobsStorage',
  'AzureWebJobsStorage__tableServiceUri',
  'AzureWebJobsStorage__accountName',
];

/** The settings that are set, trimmed; blank counts as not set. Of the places for records only the winner is read. */
function selectSettings(env: Environment): Partial<Record<SettingName, string>> {
  const isSet = (name: SettingName): boolean => (env[name] ?? '').trim() !== '';
  const place = PLACES.find(isSet);
  const names = SETTING_NAMES.filter((name) => isSet(name) && (name === place || !PLACES.includes(name)));
  return Object.fromEntries(names.map((name) => [name, env[name]?.trim()]));
}

function recordTableOf(read: z.infer<typeof SCHEMA>): RecordTable | undefined {
  const tableName = read.RECORD_TABLE_NAME;
  if (read.AzureWebJobsStorage !== undefined) {
    return { kind: 'connectionString', connectionString: read.AzureWebJobsStorage, tableName };
  }
  const accountName = read.AzureWebJobsStorage__accountName;
  const endpoint =
    read.RECORD_TABLE_ENDPOINT ??
    read.AzureWebJobsStorage__tableServiceUri ??
    (accountName === undefined ? undefined : `https://${accountName}.table.${read.AZURE_CLOUD.storageSuffix}`);
  return endpoint === undefined ? undefined : { kind: 'identity', endpoint, tableName };
}

/** Notifications need both settings. Returns the missing one, if only one is set. */
function lackingOf(selected: Partial<Record<SettingName, string>>): SettingName | undefined {
  const { NOTIFICATION_URL: url, NOTIFICATION_SECRET: secret } = selected;
  if ((url === undefined) === (secret === undefined)) return undefined;
  return url === undefined ? 'NOTIFICATION_URL' : 'NOTIFICATION_SECRET';
}

/** Every problem at once. Never throws, never shows a value that may be a secret. */
export function parseSettings(env: Environment): SettingsResult {
  const selected = selectSettings(env);
  const result = SCHEMA.safeParse(selected);
  const problems = result.success ? [] : [...problemsOf(result.error, selected, FIELDS)];
  if (!PLACES.some((place) => selected[place] !== undefined)) {
    problems.push({ setting: 'AzureWebJobsStorage', ...GUIDES.AzureWebJobsStorage });
  }
  const lacking = lackingOf(selected);
  if (lacking !== undefined) problems.push({ setting: lacking, ...GUIDES[lacking] });
  const records = result.success ? recordTableOf(result.data) : undefined;
  if (!result.success || records === undefined || lacking !== undefined) return { ok: false, problems };
  const read = result.data;
  const former = read.FORMER_INSTALLATION === undefined ? {} : { former: read.FORMER_INSTALLATION };
  const notifications = notificationsOf(read.NOTIFICATION_URL, read.NOTIFICATION_SECRET);
  return {
    ok: true,
    settings: {
      keyVaultUrl: read.KEY_VAULT_URL,
      appConfigurationEndpoint: read.APP_CONFIGURATION_ENDPOINT,
      records,
      installation: { name: installationNameOf(records), ...former },
      ...(read.AZURE_CLIENT_ID === undefined ? {} : { clientId: read.AZURE_CLIENT_ID }),
      schedule: read.RECONCILE_SCHEDULE,
      discoverySchedule: read.DISCOVERY_SCHEDULE,
      authorization: read.AUTHORIZATION,
      cloud: read.AZURE_CLOUD,
      probeVersions: read.PROBE_API_VERSIONS,
      holders: read.HOLDERS,
      ...(notifications === undefined ? {} : { notifications }),
      ...(read.RUNBOOK_URL === undefined ? {} : { runbookUrl: read.RUNBOOK_URL }),
    },
  };
}
