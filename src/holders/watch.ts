// The ports of one pass over an account with holders: they hand the pass the evidence as acknowledgements, remember what
// the pass has seen, and let a publish bring the holders along. What the pass writes about keys goes through unchanged.
import type { Account, Acknowledgement, Fingerprint, RotationRecord, Slot } from '../rotation/model.ts';
import { isSameSecret } from '../rotation/place.ts';
import type { Clock, KeyPair, NewestSecret, Ports, RecordWrite, StoredAccount } from '../rotation/ports.ts';
import type { BlockedReason } from '../rotation/reasons.ts';
import type { SecretValue } from '../rotation/secret.ts';
import { recordOf } from '../rotation/working-place.ts';
import type { Target } from './decide.ts';

export type Published = Omit<Target, 'isAwaited'> & { readonly value: SecretValue };

/** What the pass has seen last. Changes while it runs. */
export interface Seen {
  /** As it was read when the pass began. */
  readonly stored: StoredAccount | undefined;
  readonly record: RotationRecord | undefined;
  readonly keys: Readonly<Record<Slot, Fingerprint>> | undefined;
  readonly published: Published | undefined;
}

export interface Watching {
  /** As the configuration has it, without the holders. */
  readonly configured: Account;
  readonly clock: Clock;
  acknowledgementsFor(record: RotationRecord | undefined): readonly Acknowledgement[];
  /** Why the first rotation waits; absent if the holders do not hold it. */
  readonly holdsFirst: string | undefined;
  /** None may throw. */
  afterRead(stored: StoredAccount): Promise<void>;
  beforePublish(): Promise<void>;
  afterPublish(seen: Seen): Promise<void>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function watchPass(ports: Ports, watching: Watching): { readonly ports: Ports; readonly seen: Seen } {
  const { records, keys, secrets } = ports;
  const seen: Mutable<Seen> = { stored: undefined, record: undefined, keys: undefined, published: undefined };
  const noted = (pair: KeyPair): KeyPair => {
    seen.keys = { key1: pair.key1.fingerprint, key2: pair.key2.fingerprint };
    return pair;
  };
  const watched: Ports = {
    ...ports,
    records: {
      ...records,
      read: async (account) => {
        const stored = await records.read(account);
        seen.stored = stored;
        seen.record = recordOf(stored);
        await watching.afterRead(stored);
        const added = watching.acknowledgementsFor(seen.record);
        return { ...stored, acknowledgements: [...stored.acknowledgements, ...added] };
      },
      write: async (account, expected, change) => {
        const etag = await records.write(account, expected, asConfigured(change, watching));
        seen.record = change.entity.record;
        return etag;
      },
    },
    keys: {
      ...keys,
      list: async (account) => noted(await keys.list(account)),
      regenerate: async (account, slot) => noted(await keys.regenerate(account, slot)),
    },
    secrets: {
      ...secrets,
      readNewest: async (account) => {
        const newest = await secrets.readNewest(account);
        if (isSameSecret(account, placeIn(seen, account))) seen.published = publishedIn(newest, watching.clock);
        return newest;
      },
      publish: async (account, content) => {
        // The former place of a move gets the same key, and no holder reads there.
        if (!isSameSecret(account, placeIn(seen, account))) return secrets.publish(account, content);
        await watching.beforePublish();
        const version = await secrets.publish(account, content);
        const { value } = content;
        seen.published = { version, value, fingerprint: value.fingerprint, publishedAt: watching.clock.now() };
        await watching.afterPublish(seen);
        return version;
      },
    },
  };
  return { ports: watched, seen };
}

/** Where the account is published: a change of names takes effect later than in the configuration. */
function placeIn({ record }: Seen, account: Account) {
  return record?.place ?? account;
}

function publishedIn(newest: NewestSecret, clock: Clock): Published | undefined {
  if (newest.state !== 'enabled') return undefined;
  const { version, value, createdAt } = newest;
  return { version, value, fingerprint: value.fingerprint, publishedAt: createdAt ?? clock.now() };
}

/** The stored configuration is the operator's, and a pass that waits for holders says so. */
function asConfigured(change: RecordWrite, { configured: account, holdsFirst }: Watching): RecordWrite {
  const { configured, lastPass } = change.entity;
  const { consumers, standbyIsFree } = account.policy;
  const isHeld = lastPass?.reason === ('StandbyMayBeInUse' satisfies BlockedReason) && lastPass.detail === undefined;
  return {
    ...change,
    entity: {
      ...change.entity,
      ...(configured === undefined
        ? {}
        : { configured: { ...configured, policy: { ...configured.policy, consumers, standbyIsFree } } }),
      ...(isHeld && holdsFirst !== undefined ? { lastPass: { ...lastPass, detail: holdsFirst } } : {}),
    },
  };
}
