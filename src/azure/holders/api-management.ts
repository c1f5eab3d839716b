// Named values of API Management: references to a vault, which the platform fetches again every four hours or when
// told to, and values of their own. A secret value needs a right of its own to be read (`listValue`). A value counts as
// a key only as a whole: a policy expression around a key is not recognised.
import * as z from 'zod';
import { forEachInLanes } from '../../base/lanes.ts';
import type { Holder, HolderContent, HolderEffect, HolderRead } from '../../holders/model.ts';
import type { HolderAdapter, PublishedKey } from '../../holders/ports.ts';
import { RotationError } from '../../rotation/errors.ts';
import type { SecretVersion } from '../../rotation/model.ts';
import { SecretValue } from '../../rotation/secret.ts';
import type { ArmRest } from '../client/arm-rest.ts';
import { type Deadline, deadlineIn } from '../client/client-options.ts';
import { type Look, takeInventory, tooMany } from './inventory.ts';

const VERSION = 'api-version=2024-05-01';
const VALUES_MAXIMUM = 2_000;
/** Of one service; a few services are looked into at the same time. */
const PARALLEL = 2;

const serviceShape = z.object({ id: z.string() });
const lastStatusShape = z.object({ code: z.string().nullish(), timeStampUtc: z.string().nullish() });
const namedValueShape = z.object({
  name: z.string(),
  properties: z.object({
    secret: z.boolean().nullish(),
    value: z.string().nullish(),
    keyVault: z.object({ secretIdentifier: z.string(), lastStatus: lastStatusShape.nullish() }).nullish(),
  }),
});
const valueShape = z.object({ value: z.string().nullish() });
type NamedValue = z.infer<typeof namedValueShape>;

export function createNamedValues({ rest }: { readonly rest: ArmRest }): HolderAdapter {
  return {
    list: (scopes) =>
      takeInventory({
        scopes,
        listIn: (scope, limits) => {
          const path = `${scope}/providers/Microsoft.ApiManagement/service?${VERSION}`;
          return rest.list('listApiServices', path, serviceShape, limits);
        },
        idOf: ({ id }) => id,
        look: ({ id }, deadline) => look(rest, id.toLowerCase(), deadline),
      }),
    read: (holder, withinMs) => read(rest, holder, deadlineIn(withinMs)),
    perform: (effect, holder, published, withinMs) => perform(rest, effect, holder, published, deadlineIn(withinMs)),
  };
}

function pathOf({ resource, name }: Pick<Holder, 'resource' | 'name'>, action = ''): string {
  return `${resource}/namedValues/${encodeURIComponent(name)}${action}?${VERSION}`;
}

async function look(rest: ArmRest, resource: string, deadline: () => Deadline): Promise<Look> {
  const limits = { deadline: deadline(), maximum: VALUES_MAXIMUM };
  const path = `${resource}/namedValues?${VERSION}`;
  const { items, isComplete } = await rest.list('listNamedValues', path, namedValueShape, limits);
  const holders: HolderRead[] = [];
  let refusal: RotationError | undefined;
  const readOne = async (namedValue: NamedValue): Promise<void> => {
    const holder: Holder = { kind: 'namedValue', resource, name: namedValue.name };
    let content = contentOf(namedValue);
    if (content === 'hidden') {
      const listed = refusal ?? (await listValue(rest, holder, deadline()));
      // The right is one for the service: the other values need not be asked for.
      if (listed instanceof RotationError && listed.code === 'Forbidden') refusal = listed;
      content = listed instanceof RotationError ? { has: 'unseen', cause: listed.message } : listed;
    }
    if (content !== undefined) holders.push({ ...holder, content });
  };
  await forEachInLanes(items, PARALLEL, readOne);
  return { holders, unseen: isComplete ? [] : [tooMany(resource, 'named values')], searched: 1 };
}

/** `hidden`: a secret value, which a list does not show. Undefined: there is nothing in it. */
function contentOf({ properties: { keyVault, secret, value } }: NamedValue): HolderContent | 'hidden' | undefined {
  if (keyVault !== undefined && keyVault !== null) return referenceOf(keyVault);
  if (secret === true) return 'hidden';
  return valueOf(value);
}

function valueOf(value: string | null | undefined): HolderContent | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return { has: 'value', fingerprint: new SecretValue(value).fingerprint };
}

const SECRET_PATH = /^\/secrets\/([0-9a-zA-Z-]{1,127})(?:\/([0-9a-f]{32}))?\/?$/;

function referenceOf({
  secretIdentifier,
  lastStatus,
}: NonNullable<NamedValue['properties']['keyVault']>): HolderContent {
  const url = URL.canParse(secretIdentifier) ? new URL(secretIdentifier) : undefined;
  const [, secretName, version] = SECRET_PATH.exec(url?.pathname ?? '') ?? [];
  if (url === undefined || secretName === undefined) {
    return { has: 'unseen', cause: 'It refers to a Key Vault secret, but its identifier cannot be read.' };
  }
  const code = lastStatus?.code ?? undefined;
  const resolvedAt = instantOf(lastStatus?.timeStampUtc);
  return {
    has: 'reference',
    vaultUrl: url.origin,
    secretName,
    ...(version === undefined ? {} : { pinnedTo: version as SecretVersion }),
    isResolved: code === 'Success',
    ...(resolvedAt === undefined ? {} : { resolvedAt }),
    ...(code === undefined ? {} : { detail: code }),
  };
}

/** Undefined if it is no time. Without a zone it is UTC, as the name of the field says. */
function instantOf(text: string | null | undefined): number | undefined {
  if (text === undefined || text === null) return undefined;
  const at = Date.parse(/(?:Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/** Undefined if the named value is gone, or empty. Any other refusal is returned. */
async function listValue(
  rest: ArmRest,
  holder: Holder,
  deadline: Deadline,
): Promise<HolderContent | RotationError | undefined> {
  try {
    const request = { method: 'POST', path: pathOf(holder, '/listValue') } as const;
    return valueOf((await rest.send('listNamedValue', request, valueShape, deadline)).value);
  } catch (error) {
    if (!(error instanceof RotationError)) throw error;
    return error.code === 'NotFound' ? undefined : error;
  }
}

async function read(rest: ArmRest, holder: Holder, deadline: Deadline): Promise<HolderContent | undefined> {
  const found = await getTagged(rest, holder, deadline);
  const content = found === undefined ? undefined : contentOf(found.body);
  if (content !== 'hidden') return content;
  const listed = await listValue(rest, holder, deadline);
  if (!(listed instanceof RotationError)) return listed;
  if (listed.code === 'Forbidden') return { has: 'unseen', cause: listed.message };
  throw listed;
}

async function getTagged(rest: ArmRest, holder: Holder, deadline: Deadline) {
  try {
    return await rest.getTagged('getNamedValue', pathOf(holder), namedValueShape, deadline);
  } catch (error) {
    if (error instanceof RotationError && error.code === 'NotFound') return undefined;
    throw error;
  }
}

async function perform(
  rest: ArmRest,
  effect: HolderEffect,
  holder: Holder,
  { value }: PublishedKey,
  deadline: Deadline,
): Promise<void> {
  switch (effect) {
    case 'refresh': {
      // It may be answered before the secret is fetched (202). The next read shows when it was.
      const request = { method: 'POST', path: pathOf(holder, '/refreshSecret') } as const;
      await rest.send('refreshNamedValue', request, z.unknown(), deadline);
      return;
    }
    case 'write':
      await write(rest, holder, value, deadline);
      return;
    case 'restart':
      throw refused(effect, 'Misconfigured', 'a named value cannot be restarted.');
  }
}

async function write(rest: ArmRest, holder: Holder, value: SecretValue, deadline: Deadline): Promise<void> {
  const found = await getTagged(rest, holder, deadline);
  if (found === undefined) throw refused('write', 'NotFound', 'the named value is gone.');
  const { keyVault } = found.body.properties;
  if (keyVault !== undefined && keyVault !== null) {
    throw refused('write', 'LostRace', 'the named value has become a reference to a vault.');
  }
  if (found.etag === undefined)
    throw refused('write', 'Unavailable', 'the answer has no ETag, so nothing was written.');
  const body = { properties: { value: value.reveal() } };
  const request = { method: 'PATCH', path: pathOf(holder), body, ifMatch: found.etag } as const;
  await rest.send('updateNamedValue', request, z.unknown(), deadline);
  const after = await read(rest, holder, deadline);
  if (after?.has !== 'value' || after.fingerprint !== value.fingerprint) {
    throw refused('write', 'Unavailable', 'the new value was sent, but another value or none was read back.');
  }
}

function refused(effect: HolderEffect, code: RotationError['code'], message: string): RotationError {
  return new RotationError({ code, service: 'arm', operation: `${effect}NamedValue`, message });
}
