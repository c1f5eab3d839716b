// The shape of an account's holders: resources that hold one of its keys, or point at its secret.
// It must not read anything.
import * as z from 'zod';
import { type Answer, count, instant } from '../../base/answer.ts';
import { GRADES, HOLDER_EFFECTS, HOLDER_KINDS, STANDINGS } from '../../holders/model.ts';
import { slot } from './fields.ts';

const holder = z.strictObject({
  kind: z.enum(HOLDER_KINDS),
  resource: z.string().describe('Lower-cased ARM id.'),
  name: z.string().describe('The setting, named value, connection or skill within the resource.'),
  standing: z
    .enum(STANDINGS)
    .describe(
      'follows: points at the secret. pinned: points at one version of it, for ever. copy: holds the value of a slot. formerCopy: holds a value that was one. otherValue: holds neither key. unseen: could not be read.',
    ),
  slot: slot.exactOptional().describe('Of a copy.'),
  pinnedTo: z.string().exactOptional().describe('The version of the secret.'),
  cause: z.string().exactOptional().describe('Why it could not be read.'),
  needsPerson: z.boolean().describe('Nothing that this service does makes it use the published key.'),
  readAt: instant,
  evidence: z
    .strictObject({ version: z.string(), grade: z.enum(GRADES), at: instant })
    .exactOptional()
    .describe(
      'That it uses a version of the secret. seen: the version or value was read. refreshed: brought after the publish and resolved since. elapsed: the interval of its platform is over.',
    ),
  bringing: z
    .strictObject({
      version: z.string(),
      effect: z.enum(HOLDER_EFFECTS),
      attemptAt: instant,
      attempts: count,
      answeredAt: instant.exactOptional(),
      failure: z.string().exactOptional(),
    })
    .exactOptional()
    .describe('The last effect on it.'),
});

export const holders = z.strictObject({
  isKnown: z.boolean().describe('False if the stored row could not be read.'),
  searchedAt: instant.exactOptional().describe('When all scopes were last searched; absent before the first search.'),
  holders: z.array(holder),
  unseen: z
    .array(z.strictObject({ resource: z.string(), cause: z.string() }))
    .describe('Resources that could not be looked into, at most twenty: they may hold a key.'),
  unseenCount: count,
});

export type HoldersAnswer = Answer<typeof holders>;
