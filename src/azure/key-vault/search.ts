// Looks for other secrets in an account's vault that hold one of its keys: a rotation does not know these places.
// It must not return values, look at former versions, or insist: it skips secrets that it may not read. Bounded in
// secrets and time.

import type { TokenCredential } from '@azure/identity';
import { SecretClient, type SecretProperties } from '@azure/keyvault-secrets';
import { forEachInLanes } from '../../base/lanes.ts';
import type { Cloud } from '../../config/cloud.ts';
import type { VaultSearch, VaultSearchResult } from '../../operators/check/ports.ts';
import { type Account, SLOTS, type Slot } from '../../rotation/model.ts';
import type { KeyPair } from '../../rotation/ports.ts';
import { classified, statusOf } from '../client/classify-error.ts';
import { clientOptions, type Deadline, deadlineIn, memoise } from '../client/client-options.ts';

export interface VaultSearchDependencies {
  readonly credential: TokenCredential;
  readonly cloud: Cloud;
}

const PARALLEL = 8;
const TIME_MAXIMUM_MS = 60_000;

export function createVaultSearch({ credential, cloud }: VaultSearchDependencies): VaultSearch {
  const clientOf = memoise(
    (vaultUrl) =>
      new SecretClient(vaultUrl, credential, {
        ...clientOptions(),
        disableChallengeResourceVerification: !cloud.isChallengeResourceVerified,
      }),
  );
  return {
    async search(account, keys, secretsMaximum) {
      const client = clientOf(account.vaultUrl);
      const deadline = deadlineIn(TIME_MAXIMUM_MS);
      const { names, isComplete } = await classified('keyVault', 'listSecrets', () =>
        list(client, { account, secretsMaximum, deadline }),
      );
      return searchIn(client, { names, isComplete }, keys, deadline);
    },
  };
}

interface Listed {
  readonly names: readonly string[];
  readonly isComplete: boolean;
}

async function list(
  client: SecretClient,
  { account, secretsMaximum, deadline }: { account: Account; secretsMaximum: number; deadline: Deadline },
): Promise<Listed> {
  const names: string[] = [];
  for await (const properties of client.listPropertiesOfSecrets(deadline)) {
    if (!isCandidate(properties, account)) continue;
    if (names.length === secretsMaximum) return { names, isComplete: false };
    names.push(properties.name);
  }
  return { names, isComplete: true };
}

/** A managed secret is the private key of a certificate: we should not read it. */
function isCandidate({ name, enabled, managed }: SecretProperties, account: Account): boolean {
  return enabled !== false && managed !== true && name.toLowerCase() !== account.secretName.toLowerCase();
}

async function searchIn(
  client: SecretClient,
  { names, isComplete }: Listed,
  keys: KeyPair,
  deadline: Deadline,
): Promise<VaultSearchResult> {
  const holders: { name: string; slots: Slot[] }[] = [];
  let searched = 0;
  let unreadable = 0;
  const search = async (name: string): Promise<void> => {
    const slots = await slotsIn(client, name, keys, deadline);
    if (slots === undefined) unreadable++;
    else searched++;
    if (slots !== undefined && slots.length > 0) holders.push({ name, slots });
  };
  await forEachInLanes(names, PARALLEL, search, () => !deadline.abortSignal.aborted);
  const ordered = holders.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const isDone = searched + unreadable === names.length;
  return { holders: ordered, searched, unreadable, isComplete: isComplete && isDone };
}

/** Undefined when the secret cannot be read. */
async function slotsIn(
  client: SecretClient,
  name: string,
  keys: KeyPair,
  deadline: Deadline,
): Promise<Slot[] | undefined> {
  try {
    const { value = '' } = await client.getSecret(name, deadline);
    return SLOTS.filter((slot) => value.includes(keys[slot].reveal()));
  } catch (error) {
    // Deleted between the list and the read: it holds nothing any more.
    return statusOf(error) === 404 ? [] : undefined;
  }
}
