// The freeze in App Configuration: one key-value without a label. Its tags say who has set it, when and why, so that the
// value and its note are one conditional write. The table is not needed: a stop must work without it.
// It must not interpret the value: `src/config` does.
import { AppConfigurationClient, type ConfigurationSetting } from '@azure/app-configuration';
import * as z from 'zod';
import { FREEZE_KEY } from '../../config/raw-key-value.ts';
import type { FreezeChange, FreezePort, StoredFreeze } from '../../fleet/ports.ts';
import type { ETag } from '../../rotation/model.ts';
import { classified } from '../client/classify-error.ts';
import { clientOptions, deadlineIn, FLEET_DEADLINE_MS } from '../client/client-options.ts';
import type { AnnouncementsDependencies } from './announcements.ts';

/** The tags of the note; every other tag belongs to others. `ChangedTo` is the value that the note is about. */
const NOTE = z.object({
  ChangedBy: z.string(),
  ChangedFor: z.string(),
  /** The rest of a long reason. */
  ChangedForMore: z.string().exactOptional(),
  ChangedAt: z.iso.datetime(),
  ChangedTo: z.enum(['true', 'false']),
});

/** Microsoft's emulator refuses a tag of more than 256 characters, or with a control character. */
const TAG_CHARACTERS = 250;

export function createFreeze({ endpoint, credential, cloud }: AnnouncementsDependencies): FreezePort {
  const audience = cloud.appConfigurationAudience;
  const client = new AppConfigurationClient(endpoint, credential, { ...clientOptions(), audience });
  return {
    read: () =>
      classified('appConfiguration', 'readFreeze', async () => {
        const filter = { keyFilter: FREEZE_KEY, labelFilter: '\0', ...deadlineIn(FLEET_DEADLINE_MS) };
        for await (const setting of client.listConfigurationSettings(filter)) return storedOf(setting);
        return { tags: {} };
      }),
    write: (change, { etag, tags }) =>
      classified('appConfiguration', 'writeFreeze', async () => {
        const setting = { key: FREEZE_KEY, value: String(change.isFrozen), tags: { ...tags, ...noteOf(change) } };
        const deadline = deadlineIn(FLEET_DEADLINE_MS);
        const written =
          etag === undefined
            ? await client.addConfigurationSetting(setting, deadline)
            : await client.setConfigurationSetting({ ...setting, etag }, { onlyIfUnchanged: true, ...deadline });
        return storedOf(written);
      }),
  };
}

function noteOf({ isFrozen, by, reason, at }: FreezeChange): z.infer<typeof NOTE> {
  const [first, more] = halved(reason.replace(/\s+/g, ' '));
  return {
    ChangedBy: by,
    ChangedFor: first,
    ...(more === '' ? {} : { ChangedForMore: more }),
    ChangedAt: new Date(at).toISOString(),
    ChangedTo: isFrozen ? 'true' : 'false',
  };
}

/** A reason has 500 characters at most. No character is cut into halves. */
function halved(text: string): readonly [first: string, more: string] {
  let first = '';
  for (const character of text) {
    if (first.length + character.length > TAG_CHARACTERS) break;
    first += character;
  }
  return [first, text.slice(first.length)];
}

function storedOf({ etag, value, lastModified, tags = {} }: ConfigurationSetting): StoredFreeze {
  const { success, data } = NOTE.safeParse(tags);
  return {
    ...(etag === undefined ? {} : { etag: etag as ETag }),
    value: value ?? '',
    ...(lastModified === undefined ? {} : { changedAt: new Date(lastModified).getTime() }),
    ...(success ? { noted: changeOf(data) } : {}),
    tags: Object.fromEntries(Object.entries(tags).filter(([name]) => !(name in NOTE.shape))),
  };
}

function changeOf({
  ChangedBy: by,
  ChangedFor,
  ChangedForMore = '',
  ChangedAt,
  ChangedTo,
}: z.infer<typeof NOTE>): FreezeChange {
  return { isFrozen: ChangedTo === 'true', by, reason: `${ChangedFor}${ChangedForMore}`, at: Date.parse(ChangedAt) };
}
