// Reference and flag of an account in App Configuration: one request reads both, each write is conditional.
// It must not decide whether they are in line with the published version. Tags and unknown fields that others have
// added survive our writes.
import { AppConfigurationClient, type ConfigurationSetting } from '@azure/app-configuration';
import type { TokenCredential } from '@azure/identity';
import type { Cloud } from '../../config/cloud.ts';
import { RotationError } from '../../rotation/errors.ts';
import type { Account, ETag, SecretVersion } from '../../rotation/model.ts';
import type { Announcement, AnnouncementsPort, FlagRead, HeldContent, ReferenceRead } from '../../rotation/ports.ts';
import { classified } from '../client/classify-error.ts';
import { clientOptions, deadlineOf } from '../client/client-options.ts';
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
    writeReference: (account, version, former) =>
      classified('appConfiguration', 'writeReference', async () => {
        const content: Content = {
          value: referenceValueOf(account, version),
          contentType: REFERENCE_CONTENT_TYPE,
          tags: { ...former?.held.tags },
        };
        const etag = await write(client, account, account.referenceKey, content, former?.etag);
        return { etag, version, held: content };
      }),
    writeFlag: (account, slot, version, former) =>
      classified('appConfiguration', 'writeFlag', async () => {
        const content: Content = {
          value: flagValueOf(account, slot, former?.held.value),
          contentType: FLAG_CONTENT_TYPE,
          tags: { ...former?.held.tags, [VERSION_TAG]: version },
        };
        const etag = await write(client, account, flagKeyOf(account), content, former?.etag);
        return { etag, slot, version, held: content };
      }),
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
  // Two key-values fit into one page, so there is no second one.
  for await (const page of pages) for (const entry of page.items) found.set(entry.key, entry);
  return { reference: referenceOf(account, found.get(account.referenceKey)), flag: flagOf(found.get(flagKey)) };
}

function referenceOf(account: Account, setting: ConfigurationSetting | undefined): ReferenceRead | undefined {
  if (setting === undefined) return undefined;
  const isReference = setting.contentType?.startsWith('application/vnd.microsoft.appconfig.keyvaultref+json') === true;
  const version = isReference ? referencedVersionOf(account, setting.value) : undefined;
  return { etag: etagOf(setting), held: heldOf(setting), ...(version === undefined ? {} : { version }) };
}

function flagOf(setting: ConfigurationSetting | undefined): FlagRead | undefined {
  if (setting === undefined) return undefined;
  const slot = flagSlotOf(setting.value);
  const version = setting.tags?.[VERSION_TAG];
  return {
    etag: etagOf(setting),
    held: heldOf(setting),
    ...(slot === undefined ? {} : { slot }),
    ...(version === undefined ? {} : { version: version as SecretVersion }),
  };
}

interface Content {
  readonly value: string;
  readonly contentType: string;
  readonly tags: Record<string, string>;
}

/** A PUT replaces the whole key-value, so `content` includes the additions of others. */
async function write(
  client: AppConfigurationClient,
  account: Account,
  key: string,
  content: Content,
  expected: ETag | undefined,
): Promise<ETag> {
  const setting = { key, ...content, ...(account.label === undefined ? {} : { label: account.label }) };
  const written =
    expected === undefined
      ? await client.addConfigurationSetting(setting, deadlineOf(account))
      : await client.setConfigurationSetting(
          { ...setting, etag: expected },
          { onlyIfUnchanged: true, ...deadlineOf(account) },
        );
  return etagOf(written);
}

function heldOf({ value, tags }: ConfigurationSetting): HeldContent {
  return { value, tags: { ...tags } };
}

function etagOf({ etag }: ConfigurationSetting): ETag {
  if (etag !== undefined) return etag as ETag;
  throw new RotationError({
    code: 'Unavailable',
    service: 'appConfiguration',
    operation: 'readETag',
    message: 'The answer lacks the ETag; the next pass reads again.',
  });
}

/** In a filter `*`, `,` and `\` have a special meaning. */
function escapeFilter(name: string): string {
  return name.replace(/[\\*,]/g, (reserved) => `\\${reserved}`);
}
