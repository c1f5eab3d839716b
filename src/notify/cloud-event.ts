// Makes the CloudEvent 1.0 of a notification, in JSON. The schema is the documented one, and every event follows it.
// It must not send anything. It holds fingerprints and versions only: no key is in reach here.
import { hash } from 'node:crypto';
import * as z from 'zod';
import type { NotedLine } from './names.ts';
import { EVENT_NAMES, type EventName, eventNameOf, TYPE_PREFIX } from './names.ts';

const TYPES = EVENT_NAMES.map((name): `${typeof TYPE_PREFIX}${EventName}` => `${TYPE_PREFIX}${name}`);
const text = z.string().min(1);

export const cloudEvent = z.object({
  specversion: z.literal('1.0'),
  id: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe('The same in every attempt: who has seen it need not act again.'),
  source: text.describe('The installation: its Function App, or its App Configuration store.'),
  type: z.enum(TYPES),
  subject: text.describe('Lower-cased ARM id of the account.'),
  time: z.iso.datetime().describe('When it happened, not when it is sent.'),
  datacontenttype: z.literal('application/json'),
  data: z.object({
    account: text.exactOptional().describe('The alias; absent when the account is not configured any more.'),
    resourceId: text.describe('Lower-cased ARM id of the account.'),
    rotationId: z.int().min(0),
    reason: text.exactOptional().describe('A reason of the runbook, or what an operator wrote.'),
    slot: z.enum(['key1', 'key2']).exactOptional(),
    fingerprint: z
      .string()
      .regex(/^[0-9a-f]{16}$/)
      .exactOptional()
      .describe('First 16 hex digits of the SHA-256 of a key.'),
    version: text.exactOptional().describe('Version of the secret in Key Vault.'),
    requestId: text.exactOptional(),
    by: text.exactOptional().describe('Who asked.'),
  }),
});

export type CloudEvent = z.infer<typeof cloudEvent>;

export interface EventContext {
  readonly source: string;
  /** The account's alias; undefined when it is not configured. */
  aliasOf(accountId: string): string | undefined;
}

/** Undefined if there is no event for such a line, for instance after a change of the notified kinds. */
export function eventOf(key: string, { accountId, entry }: NotedLine, context: EventContext): CloudEvent | undefined {
  const name = eventNameOf(entry);
  if (name === undefined) return undefined;
  const alias = context.aliasOf(accountId);
  const { rotationId, reason, slot, fingerprint, version, requestId, by } = entry;
  return {
    specversion: '1.0',
    id: eventIdOf(key),
    source: context.source,
    type: `${TYPE_PREFIX}${name}`,
    subject: accountId,
    time: new Date(entry.at).toISOString(),
    datacontenttype: 'application/json',
    data: {
      ...(alias === undefined ? {} : { account: alias }),
      resourceId: accountId,
      rotationId,
      ...present({ reason, slot, fingerprint, version, requestId, by }),
    },
  };
}

/** Made from the key alone, so that every attempt has the same id. No full stops: they separate the signed parts. */
export function eventIdOf(key: string): string {
  return hash('sha256', key, 'hex').slice(0, 32);
}

type Optional<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out absent and blank fields. */
function present<T extends object>(fields: T): Optional<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''),
  ) as Optional<T>;
}
