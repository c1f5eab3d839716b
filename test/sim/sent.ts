// Effects as a pass sent them. An effect whose answer was lost may happen later; until then it is part of the state.
// What it will do, and whether it still can, is known from its arguments: not from the pass that sent it.
import { requestChangesOf } from '../../src/azure/table/rows/request-rows.ts';
import type { AccountHolders, HolderEffect } from '../../src/holders/model.ts';
import type { Account, ETag, SecretVersion, Slot } from '../../src/rotation/model.ts';
import type { FlagRead, Ports, PublishContent, RecordWrite, ReferenceRead } from '../../src/rotation/ports.ts';
import type { SecretValue } from '../../src/rotation/secret.ts';
import type { Universe } from './universe.ts';

export type Sent = { readonly account: Account } & (
  | { readonly operation: 'regenerate'; readonly slot: Slot }
  | { readonly operation: 'publish'; readonly content: PublishContent }
  | { readonly operation: 'disable'; readonly version: SecretVersion }
  | {
      readonly operation: 'writeReference';
      readonly version: SecretVersion;
      readonly former: ReferenceRead | undefined;
    }
  | {
      readonly operation: 'writeFlag';
      readonly slot: Slot;
      readonly version: SecretVersion;
      readonly former: FlagRead | undefined;
    }
  | { readonly operation: 'write'; readonly expected: ETag | undefined; readonly change: RecordWrite }
  | {
      readonly operation: 'bringHolder';
      readonly resource: string;
      readonly effect: HolderEffect;
      readonly value: SecretValue;
    }
  | { readonly operation: 'writeHolders'; readonly expected: ETag | undefined; readonly known: AccountHolders }
);

/** The ports, with `note` called right before each effect: an interceptor does not see arguments. */
export function withNotes(ports: Ports, note: (sent: Sent) => void): Ports {
  const { keys, secrets, announcements, records } = ports;
  return {
    ...ports,
    keys: {
      ...keys,
      regenerate: (account, slot) => {
        note({ operation: 'regenerate', account, slot });
        return keys.regenerate(account, slot);
      },
    },
    secrets: {
      ...secrets,
      publish: (account, content) => {
        note({ operation: 'publish', account, content });
        return secrets.publish(account, content);
      },
      disable: (account, version, at) => {
        note({ operation: 'disable', account, version });
        return secrets.disable(account, version, at);
      },
    },
    announcements: {
      ...announcements,
      writeReference: (account, version, former) => {
        note({ operation: 'writeReference', account, version, former });
        return announcements.writeReference(account, version, former);
      },
      writeFlag: (account, slot, version, former) => {
        note({ operation: 'writeFlag', account, slot, version, former });
        return announcements.writeFlag(account, slot, version, former);
      },
    },
    records: {
      ...records,
      write: (account, expected, change) => {
        note({ operation: 'write', account, expected, change });
        return records.write(account, expected, change);
      },
    },
  };
}

/**
 * Whether the effect can change nothing any more. An ETag never comes back, a closed request is not opened again, and a
 * version that is gone stays gone.
 */
export function isSpent({ ports, world, holders }: Universe, sent: Sent): boolean {
  const { account } = sent;
  const label = account.label ?? null;
  switch (sent.operation) {
    case 'regenerate':
    case 'publish':
    case 'bringHolder':
      return false;
    case 'writeHolders':
      return holders?.stored.etag !== sent.expected;
    case 'disable':
      return world.vault.secrets.get(account.secretName)?.versions.every(isOther(sent.version)) ?? true;
    case 'writeReference':
      return world.store.get(account.referenceKey, label)?.etag !== sent.former?.etag;
    case 'writeFlag':
      return world.store.get(`.appconfig.featureflag/${account.flagName}`, label)?.etag !== sent.former?.etag;
    case 'write': {
      const { etag, requests } = ports.records.rowsOf(account.id);
      const isOpen = (changed: string): boolean =>
        requests.some((request) => request.id === changed && request.closedAt === undefined);
      return etag !== sent.expected || !requestChangesOf(sent.change).every((change) => isOpen(change.id));
    }
  }
}

const isOther =
  (version: string) =>
  (entry: { readonly version: string }): boolean =>
    entry.version !== version;
