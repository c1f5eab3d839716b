// The account's secret in Key Vault: reads the newest or one former version, publishes a new one, disables one.
// It must not decide which version counts. Values leave `SecretValue` only in the body of the one PUT.
//
// A GET without version returns the newest version. Never sort the list: its times have whole seconds only.
import type { TokenCredential } from '@azure/identity';
import { type KeyVaultSecret, SecretClient, type SecretProperties } from '@azure/keyvault-secrets';
import type { Cloud } from '../../config/cloud.ts';
import type { Installation } from '../../config/installation.ts';
import { RotationError } from '../../rotation/errors.ts';
import type { Account, SecretVersion } from '../../rotation/model.ts';
import type { NewestSecret, PublishContent, SecretsPort, SecretVersionRead } from '../../rotation/ports.ts';
import { SecretValue } from '../../rotation/secret.ts';
import { classified, providerCodeOf, statusOf } from '../client/classify-error.ts';
import { clientOptions, type Deadline, deadlineOf, memoise } from '../client/client-options.ts';
import { CONTENT_TYPE, expiryOf, heldOf, readTags, rejectedContentType, tagsOf } from './secret-tags.ts';

export interface SecretsDependencies {
  readonly credential: TokenCredential;
  readonly cloud: Cloud;
  readonly installation: Installation;
}

/** Key Vault's maximum per page. The pages bound the search for a disabled version at 2,500 versions. */
const VERSIONS_PER_PAGE = 25;
const PAGES_MAXIMUM = 100;

export function createSecrets({ credential, cloud, installation }: SecretsDependencies): SecretsPort {
  const clientOf = memoise(
    (vaultUrl) =>
      new SecretClient(vaultUrl, credential, {
        ...clientOptions(),
        disableChallengeResourceVerification: !cloud.isChallengeResourceVerified,
      }),
  );
  const reach = (account: Account): Reach => ({ client: clientOf(account.vaultUrl), account, installation });
  return {
    readNewest: (account) => classified('keyVault', 'readNewest', () => readNewest(reach(account))),
    readVersion: (account, version) =>
      classified('keyVault', 'readVersion', () => readVersion(reach(account), version)),
    publish: (account, content) => classified('keyVault', 'publish', () => publish(reach(account), content)),
    disable: (account, version, rejectedAt) =>
      classified('keyVault', 'disable', () => disable(reach(account), version, rejectedAt)),
  };
}

/** What a call needs: the client of the account's vault, the account, and who is calling. */
interface Reach {
  readonly client: SecretClient;
  readonly account: Account;
  readonly installation: Installation;
}

async function readNewest({ client, account, installation }: Reach): Promise<NewestSecret> {
  const read = await get(client, account, undefined, deadlineOf(account));
  if (read === 'missing' || read === 'disabled') return { state: read };
  const { value, properties } = read;
  if (value === undefined || value === '' || properties.version === undefined) throw incomplete('readNewest');
  return {
    state: 'enabled',
    version: properties.version as SecretVersion,
    value: new SecretValue(value),
    tags: readTags(account, properties, installation),
    held: heldOf(properties),
    ...(properties.createdOn === undefined ? {} : { createdAt: properties.createdOn.getTime() }),
  };
}

async function readVersion(reach: Reach, version: SecretVersion): Promise<SecretVersionRead> {
  const { client, account, installation } = reach;
  const deadline = deadlineOf(account);
  const read = await get(client, account, version, deadline);
  if (read === 'missing') return { state: 'missing' };
  if (read === 'disabled') {
    const properties = await findProperties(client, account, version, deadline);
    if (properties === undefined) return { state: 'missing' };
    return { state: 'disabled', tags: readTags(account, properties, installation) };
  }
  if (read.value === undefined || read.value === '') throw incomplete('readVersion');
  const tags = readTags(account, read.properties, installation);
  return { state: 'enabled', value: new SecretValue(read.value), tags };
}

async function publish({ client, account, installation }: Reach, content: PublishContent): Promise<SecretVersion> {
  const { properties } = await client.setSecret(account.secretName, content.value.reveal(), {
    tags: tagsOf(account, content, installation),
    contentType: content.held?.contentType ?? CONTENT_TYPE,
    expiresOn: expiryOf(content.expiresAt),
    ...deadlineOf(account),
  });
  if (properties.version === undefined) throw incomplete('publish');
  return properties.version as SecretVersion;
}

/** One write, which leaves the tags as they are. */
async function disable({ client, account }: Reach, version: SecretVersion, rejectedAt: number): Promise<void> {
  await client.updateSecretProperties(account.secretName, version, {
    enabled: false,
    contentType: rejectedContentType(rejectedAt),
    ...deadlineOf(account),
  });
}

async function get(
  client: SecretClient,
  account: Account,
  version: SecretVersion | undefined,
  deadline: Deadline,
): Promise<KeyVaultSecret | 'missing' | 'disabled'> {
  try {
    return await client.getSecret(account.secretName, {
      ...(version === undefined ? {} : { version }),
      ...deadline,
    });
  } catch (error) {
    if (statusOf(error) === 404 && providerCodeOf(error) === 'SecretNotFound') return 'missing';
    if (statusOf(error) === 403 && providerCodeOf(error) === 'SecretDisabled') return 'disabled';
    throw error;
  }
}

/** A disabled version refuses GET; only the list of versions shows its tags. */
async function findProperties(
  client: SecretClient,
  account: Account,
  version: SecretVersion,
  deadline: Deadline,
): Promise<SecretProperties | undefined> {
  const pages = client
    .listPropertiesOfSecretVersions(account.secretName, deadline)
    .byPage({ maxPageSize: VERSIONS_PER_PAGE });
  let left = PAGES_MAXIMUM;
  for await (const page of pages) {
    const found = page.find((entry) => entry.version === version);
    if (found !== undefined) return found;
    left -= 1;
    if (left === 0) break;
  }
  return undefined;
}

function incomplete(operation: string): RotationError {
  return new RotationError({
    code: 'Unavailable',
    service: 'keyVault',
    operation,
    message: 'The answer lacks the value or the version; the next pass reads again.',
  });
}
