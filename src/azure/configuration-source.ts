// The service's own settings in App Configuration: all `KeyRotation:*` key-values as they are, read again only when the
// sentinel has changed. It must not interpret them: `config.ts` does.
//
// Whoever edits changes the sentinel last, so it is read before the list: a list that is newer than its sentinel is
// merely read once more, one that is older would stay in use.
import { AppConfigurationClient } from '@azure/app-configuration';
import type { TokenCredential } from '@azure/identity';
import type { Cloud } from '../cloud.ts';
import type { RawKeyValue } from '../config/raw-key-value.ts';
import { classified, statusOf } from './classify-error.ts';
import { clientOptions, type Deadline, deadlineIn, FLEET_DEADLINE_MS } from './client-options.ts';

export interface ConfigurationSource {
  /**
   * Ordered as the store lists them: by key, then by label, no label first. The same list as long as nothing has changed,
   * so that no caller can miss a change of which another was told. Throws `RotationError`.
   */
  read(): Promise<readonly RawKeyValue[]>;
}

export interface ConfigurationSourceDependencies {
  readonly endpoint: string;
  readonly credential: TokenCredential;
  readonly cloud: Cloud;
  /** For each request; `FLEET_DEADLINE_MS` when absent. */
  readonly deadlineMs?: number;
}

const FILTER = 'KeyRotation:*';
const SENTINEL = 'KeyRotation:Sentinel';

interface Cached {
  readonly sentinel: string | undefined;
  readonly keyValues: readonly RawKeyValue[];
}

export function createConfigurationSource(dependencies: ConfigurationSourceDependencies): ConfigurationSource {
  const { endpoint, credential, cloud } = dependencies;
  const audience = cloud.appConfigurationAudience;
  const client = new AppConfigurationClient(endpoint, credential, { ...clientOptions(), audience });
  const deadline = (): Deadline => deadlineIn(dependencies.deadlineMs ?? FLEET_DEADLINE_MS);
  let cached: Cached | undefined;
  return {
    read: () =>
      classified('appConfiguration', 'readConfiguration', async () => {
        const sentinel = await readSentinel(client, cached?.sentinel, deadline());
        if (cached !== undefined && sentinel !== undefined && sentinel === cached.sentinel) return cached.keyValues;
        const listed = await list(client, deadline());
        const keyValues = cached !== undefined && isSame(cached.keyValues, listed) ? cached.keyValues : listed;
        cached = { sentinel, keyValues };
        return keyValues;
      }),
  };
}

/** The sentinel's ETag, or undefined when there is none. With `known` an unchanged sentinel costs no body. */
async function readSentinel(
  client: AppConfigurationClient,
  known: string | undefined,
  deadline: Deadline,
): Promise<string | undefined> {
  try {
    const id = { key: SENTINEL, ...(known === undefined ? {} : { etag: known }) };
    const read = await client.getConfigurationSetting(id, { onlyIfChanged: known !== undefined, ...deadline });
    return read.statusCode === 304 ? known : read.etag;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

async function list(client: AppConfigurationClient, deadline: Deadline): Promise<RawKeyValue[]> {
  const keyValues: RawKeyValue[] = [];
  for await (const setting of client.listConfigurationSettings({ keyFilter: FILTER, ...deadline })) {
    const { key, label, value, contentType, etag } = setting;
    keyValues.push({
      key,
      value: value ?? '',
      ...(label === undefined ? {} : { label }),
      ...(contentType === undefined ? {} : { contentType }),
      ...(etag === undefined ? {} : { etag }),
    });
  }
  return keyValues;
}

function isSame(former: readonly RawKeyValue[], present: readonly RawKeyValue[]): boolean {
  const identity = (entries: readonly RawKeyValue[]): string =>
    JSON.stringify(entries.map(({ key, label, etag }) => [key, label, etag]));
  return identity(former) === identity(present);
}
