// The holders of each account, as one row next to its record: due when a holder is to be looked at.
// It must not interpret a holder. It never holds a key: fingerprints, names and versions only.
import type { TransactionAction } from '@azure/data-tables';
import * as z from 'zod';
import {
  type AccountHolders,
  GRADES,
  HOLDER_EFFECTS,
  HOLDER_KINDS,
  NOTHING_KNOWN,
  WRITTEN_MAXIMUM,
} from '../../holders/model.ts';
import type { HolderRecords } from '../../holders/ports.ts';
import { RotationError } from '../../rotation/errors.ts';
import type { ETag, Fingerprint, SecretVersion } from '../../rotation/model.ts';
import { deadlineOf } from '../client/client-options.ts';
import type { Table } from './client.ts';
import { TEXT_MAXIMUM } from './limits.ts';
import { int64, row } from './rows/columns.ts';
import { holdersKey } from './rows/keys.ts';
import { NEVER_DUE } from './rows/request-rows.ts';

const text = z.string().min(1);
const version = text as unknown as z.ZodType<SecretVersion>;
const fingerprint = text as unknown as z.ZodType<Fingerprint>;
const instant = z.number();
const slot = z.enum(['key1', 'key2']);
const standing = z.discriminatedUnion('state', [
  z.object({ state: z.literal('follows') }),
  z.object({ state: z.literal('pinned'), pinnedTo: version }),
  z.object({ state: z.literal('copy'), slot }),
  z.object({ state: z.literal('formerCopy') }),
  z.object({ state: z.literal('otherValue') }),
  z.object({ state: z.literal('unseen'), cause: text }),
]);
const holder = z.object({
  kind: z.enum(HOLDER_KINDS),
  resource: text,
  name: text,
  standing,
  held: fingerprint.exactOptional(),
  written: z.array(fingerprint).max(WRITTEN_MAXIMUM).exactOptional(),
  readAt: instant,
  bringing: z
    .object({
      version,
      effect: z.enum(HOLDER_EFFECTS),
      attemptAt: instant,
      attempts: z.int().positive(),
      answeredAt: instant.exactOptional(),
      failure: text.exactOptional(),
      unsettledUntil: instant.exactOptional(),
    })
    .exactOptional(),
  evidence: z.object({ version, grade: z.enum(GRADES), at: instant }).exactOptional(),
});
const known: z.ZodType<AccountHolders> = z.object({
  searchedAt: instant.exactOptional(),
  holders: z.array(holder),
  unseen: z.array(z.object({ resource: text, cause: text })),
  unseenCount: z.int().nonnegative(),
  lookedFor: version.optional(),
  nextAt: instant.optional(),
});

/** A cause is for people; the row has little room. */
const CAUSE_MAXIMUM = 200;

export function createHolderRecords({ table }: { readonly table: Table }): HolderRecords {
  return {
    async read(account) {
      const found = await table.find('readHolders', holdersKey(account), deadlineOf(account));
      if (found === undefined) return { etag: undefined, known: NOTHING_KNOWN };
      return { etag: found['etag'] as ETag, known: decode(found['holders']) };
    },
    async write(account, expected, change) {
      const written = row(holdersKey(account), {
        accountId: account.id,
        isOfHolders: true,
        nextObservationAt: int64(change.nextAt ?? NEVER_DUE),
        holders: encode(change),
      });
      const action: TransactionAction =
        expected === undefined ? ['create', written] : ['update', written, 'Replace', { etag: expected }];
      const deadline = deadlineOf(account);
      const etag = await table.transact('writeHolders', [action], deadline);
      if (etag !== undefined) return etag;
      const found = await table.find('readHolders', holdersKey(account), deadline);
      return found?.['etag'] as ETag;
    },
  };
}

/** A row that cannot be understood is searched again from nothing. */
function decode(column: unknown): AccountHolders {
  try {
    return known.parse(JSON.parse(String(column)));
  } catch {
    return NOTHING_KNOWN;
  }
}

function encode(change: AccountHolders): string {
  const holders = change.holders.map((entry) => ({
    ...entry,
    ...(entry.standing.state === 'unseen' ? { standing: { ...entry.standing, cause: cut(entry.standing.cause) } } : {}),
    ...(entry.bringing?.failure === undefined
      ? {}
      : { bringing: { ...entry.bringing, failure: cut(entry.bringing.failure) } }),
  }));
  const unseen = change.unseen.map(({ resource, cause }) => ({ resource, cause: cut(cause) }));
  const json = JSON.stringify({ ...change, holders, unseen });
  if (json.length <= TEXT_MAXIMUM) return json;
  throw new RotationError({
    code: 'Misconfigured',
    service: 'table',
    operation: 'writeHolders',
    message: `The ${holders.length} holders of the account do not fit into a row: narrow the scopes in HOLDERS.`,
  });
}

function cut(sentence: string): string {
  return sentence.length <= CAUSE_MAXIMUM ? sentence : `${sentence.slice(0, CAUSE_MAXIMUM - 1)}…`;
}
