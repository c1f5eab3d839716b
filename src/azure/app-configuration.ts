// Reference and flag of an account in App Configuration: one request reads both, each write is conditional.
// It must not decide what is in line. Tags and unknown fields that others have added survive our writes.
import { AppConfigurationClient, type ConfigurationSetting } from '@azure/app-configuration';
import type { TokenCredential } from '@azure/identity';
import type { Cloud } from '../cloud.ts';
import { RotationError } from '../rotation/errors.ts';
import type { Account, ETag, SecretVersion } from '../rotation/model.ts';
import type { Announcement, AnnouncementsPort, FlagRead, ReferenceRead } from '../rotation/ports.ts';
import {
  FLAG_CONTENT_TYPE,
  flagKeyOf,
  flagSlotOf,
  flagValueOf,
  REFERENCE_CONTENT_TYPE,
  referencedVersionOf,
  referenceValueOf,
  VERSION_TAG,
} from './announcement-values.ts';
import { classified, statusOf } from './classify-error.ts';
import { clientOptions, type Deadline, deadlineOf } from './client-options.ts';

export interface AnnouncementsDependencies {
  /** URL of the store. */
  readonly endpoint: string;
  readonly credential: TokenCredential;
  readonly cloud: Cloud;
}

export function createAnnouncements({ endpoint, credential, cloud }: AnnouncementsDependencies): AnnouncementsPort {
  const audience = cloud.appConfigurationAudience;
  const client = new AppConfigurationClient(endpoint, credential, { ...clientOptions(), audience });
  return {
    read: (account) => classified('appConfiguration', 'read', () => read(client, account)),
    writeReference: (account, version, expected) =>
      classified('appConfiguration', 'writeReference', () =>
        write(client, account, expected, account.referenceKey, 'writeReference', (former) => ({
          value: referenceValueOf(account, version),
          contentType: REFERENCE_CONTENT_TYPE,
          tags: { ...former?.tags },
        })),
      ),
    writeFlag: (account, slot, version, expected) =>
      classified('appConfiguration', 'writeFlag', () =>
        write(client, account, expected, flagKeyOf(account), 'writeFlag', (former) => ({
          value: flagValueOf(account, slot, former?.value),
          contentType: FLAG_CONTENT_TYPE,
          tags: { ...former?.tags, [VERSION_TAG]: version },
        })),
      ),
  };
}

async function read(client: AppConfigurationClient, account: Account): Promise<Announcement> {
  const flagKey = flagKeyOf(account);
  const pages = client
    .listConfigurationSettings({
      keyFilter: `${escapeFilter(account.referenceKey)},${escapeFilter(flagKey)}`,
      labelFilter: account.label === undefined ? '\0' : escapeFilter(account.label),
      ...deadlineOf(account),
    })
    .byPage();
  const found = new Map<string, ConfigurationSetting>();
  // Two key-values fit into one page; the loop ends with it.
  for await (const page of pages) for (const entry of page.items) found.set(entry.key, entry);
  return { reference: referenceOf(account, found.get(account.referenceKey)), flag: flagOf(found.get(flagKey)) };
}

function referenceOf(account: Account, setting: ConfigurationSetting | undefined): ReferenceRead | undefined {
  if (setting === undefined) return undefined;
  const isReference = setting.contentType?.startsWith('application/vnd.microsoft.appconfig.keyvaultref+json') === true;
  const version = isReference ? referencedVersionOf(account, setting.value) : undefined;
  return { etag: etagOf('read', setting), ...(version === undefined ? {} : { version }) };
}

function flagOf(setting: ConfigurationSetting | undefined): FlagRead | undefined {
  if (setting === undefined) return undefined;
  const slot = flagSlotOf(setting.value);
  const version = setting.tags?.[VERSION_TAG];
  return {
    etag: etagOf('read', setting),
    ...(slot === undefined ? {} : { slot }),
    ...(version === undefined ? {} : { version: version as SecretVersion }),
  };
}

interface Content {
  readonly value: string;
  readonly contentType: string;
  readonly tags: Record<string, string>;
}

/** A PUT replaces the whole key-value, so what others have added is read first; `expected` guards both calls. */
async function write(
  client: AppConfigurationClient,
  account: Account,
  expected: ETag | undefined,
  key: string,
  operation: string,
  contentOf: (former: ConfigurationSetting | undefined) => Content,
): Promise<ETag> {
  const deadline = deadlineOf(account);
  const id = { key, ...(account.label === undefined ? {} : { label: account.label }) };
  if (expected === undefined) {
    const added = await client.addConfigurationSetting({ ...id, ...contentOf(undefined) }, deadline);
    return etagOf(operation, added);
  }
  const former = await find(client, id, deadline);
  const written = await client.setConfigurationSetting(
    { ...id, ...contentOf(former), etag: expected },
    { onlyIfUnchanged: true, ...deadline },
  );
  return etagOf(operation, written);
}

/** A key-value that was deleted meanwhile is left to the conditional write to notice. */
async function find(
  client: AppConfigurationClient,
  id: { key: string; label?: string },
  deadline: Deadline,
): Promise<ConfigurationSetting | undefined> {
  try {
    return await client.getConfigurationSetting(id, deadline);
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

function etagOf(operation: string, { etag }: ConfigurationSetting): ETag {
  if (etag !== undefined) return etag as ETag;
  throw new RotationError({
    code: 'Unavailable',
    service: 'appConfiguration',
    operation,
    message: 'The answer lacks the ETag; the next pass reads again.',
  });
}

/** In a filter `*`, `,` and `\` have a meaning of their own. */
function escapeFilter(name: string): string {
  return name.replace(/[\\*,]/g, (reserved) => `\\${reserved}`);
}
