// Connections of Azure AI Foundry accounts (kind `AIServices`) and their projects that are signed in with a key
// (`authType` `ApiKey`). A read shows no key; `listSecrets` does, and needs a right of its own. Not documented for this
// API version: where the service does not know the call, connections are unseen, with the host that they call.
// A connection has no ETag, so a write sends back what it has read. It must not touch connections of another kind.
import * as z from 'zod';
import { forEachInLanes } from '../../base/lanes.ts';
import type { Holder, HolderContent, HolderRead } from '../../holders/model.ts';
import type { HolderAdapter } from '../../holders/ports.ts';
import { RotationError } from '../../rotation/errors.ts';
import { SecretValue } from '../../rotation/secret.ts';
import type { ArmRest } from '../client/arm-rest.ts';
import { type Deadline, deadlineIn } from '../client/client-options.ts';
import { type Look, lookOrName, merge, takeInventory, tooMany } from './inventory.ts';
import { hostOf } from './sent-to.ts';

const VERSION = 'api-version=2025-06-01';
const PARTS_MAXIMUM = 1_000;
/** Of one account; a few accounts are looked into at the same time. */
const PARALLEL = 2;

const accountShape = z.object({ id: z.string(), kind: z.string().nullish() });
const projectShape = z.object({ id: z.string() });
const connectionShape = z.object({
  id: z.string(),
  name: z.string(),
  properties: z.looseObject({ authType: z.string().nullish(), target: z.string().nullish() }),
});
const secretsShape = z.object({
  properties: z.object({ credentials: z.object({ key: z.string().nullish() }).nullish() }),
});
type Connection = z.infer<typeof connectionShape>;

/** What a write sends back. The service sets all other properties. */
const WRITABLE = [
  'authType',
  'category',
  'target',
  'metadata',
  'expiryTime',
  'isSharedToAll',
  'sharedUserList',
  'peRequirement',
  'useWorkspaceManagedIdentity',
];

export function createFoundryConnections({ rest }: { readonly rest: ArmRest }): HolderAdapter {
  return {
    list: (scopes) =>
      takeInventory({
        scopes,
        listIn: async (scope, limits) => {
          const path = `${scope}/providers/Microsoft.CognitiveServices/accounts?${VERSION}`;
          const { items, isComplete } = await rest.list('listFoundryAccounts', path, accountShape, limits);
          return { items: items.filter(({ kind }) => kind === 'AIServices'), isComplete };
        },
        idOf: ({ id }) => id,
        look: ({ id }, deadline) => look(rest, id.toLowerCase(), deadline),
      }),
    read: (holder, withinMs) => read(rest, holder, deadlineIn(withinMs)),
    perform: async (effect, holder, { value }, withinMs) => {
      if (effect !== 'write') throw refused(holder, effect, 'Misconfigured', 'a connection can only be written.');
      await write(rest, holder, value, deadlineIn(withinMs));
    },
  };
}

/** The permissions of a project's connections are others than those of an account's. */
function operationOf(resource: string, verb: 'list' | 'get' | 'update', what: string): string {
  return `${verb}${resource.includes('/projects/') ? 'Project' : ''}${what}`;
}

function pathOf({ resource, name }: Pick<Holder, 'resource' | 'name'>, action = ''): string {
  return `${resource}/connections/${encodeURIComponent(name)}${action}?${VERSION}`;
}

/** The account and its projects, one after the other: one that refuses does not hide the others. */
async function look(rest: ArmRest, account: string, deadline: () => Deadline): Promise<Look> {
  const own = await lookOrName(account, () => lookAt(rest, account, deadline));
  const ofProjects = await lookOrName(account, async () => {
    const limits = { deadline: deadline(), maximum: PARTS_MAXIMUM };
    const path = `${account}/projects?${VERSION}`;
    const { items, isComplete } = await rest.list('listProjects', path, projectShape, limits);
    const looks: Look[] = [];
    for (const { id } of items) {
      looks.push(await lookOrName(id.toLowerCase(), () => lookAt(rest, id.toLowerCase(), deadline)));
    }
    const unseen = isComplete ? [] : [tooMany(account, 'projects')];
    return merge([...looks, { holders: [], unseen, searched: 0 }]);
  });
  return merge([own, ofProjects]);
}

async function lookAt(rest: ArmRest, resource: string, deadline: () => Deadline): Promise<Look> {
  const limits = { deadline: deadline(), maximum: PARTS_MAXIMUM };
  const operation = operationOf(resource, 'list', 'Connections');
  const listed = await rest.list(operation, `${resource}/connections?${VERSION}`, connectionShape, limits);
  const holders: HolderRead[] = [];
  const readOne = async (connection: Connection): Promise<void> => {
    const holder: Holder = {
      kind: 'foundryConnection',
      resource: parentOf(connection) ?? resource,
      name: connection.name,
    };
    const content = await contentOf(rest, holder, connection, deadline());
    holders.push({ ...holder, content: content instanceof RotationError ? unseenBy(content, connection) : content });
  };
  await forEachInLanes(listed.items.filter(hasKey), PARALLEL, readOne);
  return { holders, unseen: listed.isComplete ? [] : [tooMany(resource, 'connections')], searched: 1 };
}

function hasKey({ properties }: Connection): boolean {
  return properties.authType === 'ApiKey';
}

/** A project also lists the connections that its account shares. Undefined if the id is not one of a connection. */
function parentOf({ id }: Connection): string | undefined {
  return /^(.+)\/connections\/[^/]+$/.exec(id.toLowerCase())?.[1];
}

/** A refusal to show the key is returned: a 404 may mean that the service does not know the call. */
async function contentOf(
  rest: ArmRest,
  holder: Holder,
  { properties: { target } }: Connection,
  deadline: Deadline,
): Promise<HolderContent | RotationError> {
  const operation = operationOf(holder.resource, 'list', 'ConnectionSecrets');
  try {
    const request = { method: 'POST', path: pathOf(holder, '/listSecrets') } as const;
    const { properties } = await rest.send(operation, request, secretsShape, deadline);
    const key = properties.credentials?.key ?? '';
    if (key === '') return { has: 'unseen', cause: 'The service shows no key of this connection.', ...hostOf(target) };
    return { has: 'value', fingerprint: new SecretValue(key).fingerprint, ...hostOf(target) };
  } catch (error) {
    if (error instanceof RotationError) return error;
    throw error;
  }
}

function unseenBy({ message }: RotationError, { properties: { target } }: Connection): HolderContent {
  return { has: 'unseen', cause: message, ...hostOf(target) };
}

/** Undefined if it is gone, or not signed in with a key any more. */
async function getConnection(rest: ArmRest, holder: Holder, deadline: Deadline): Promise<Connection | undefined> {
  const operation = operationOf(holder.resource, 'get', 'Connection');
  try {
    const found = await rest.get(operation, pathOf(holder), connectionShape, deadline);
    return hasKey(found) ? found : undefined;
  } catch (error) {
    if (error instanceof RotationError && error.code === 'NotFound') return undefined;
    throw error;
  }
}

async function read(rest: ArmRest, holder: Holder, deadline: Deadline): Promise<HolderContent | undefined> {
  const connection = await getConnection(rest, holder, deadline);
  if (connection === undefined) return undefined;
  const content = await contentOf(rest, holder, connection, deadline);
  if (!(content instanceof RotationError)) return content;
  if (content.code === 'Unavailable' || content.code === 'Throttled') throw content;
  return unseenBy(content, connection);
}

async function write(rest: ArmRest, holder: Holder, value: SecretValue, deadline: Deadline): Promise<void> {
  const found = await getConnection(rest, holder, deadline);
  if (found === undefined)
    throw refused(holder, 'write', 'NotFound', 'no connection with a key has this name any more.');
  const kept = WRITABLE.filter((name) => found.properties[name] !== undefined && found.properties[name] !== null);
  const properties = Object.fromEntries(kept.map((name) => [name, found.properties[name]]));
  const body = { properties: { ...properties, credentials: { key: value.reveal() } } };
  const operation = operationOf(holder.resource, 'update', 'Connection');
  await rest.send(operation, { method: 'PATCH', path: pathOf(holder), body }, z.unknown(), deadline);
  const after = await read(rest, holder, deadline);
  if (after?.has !== 'value' || after.fingerprint !== value.fingerprint) {
    const message = 'the new key was sent, but another key or none was read back.';
    throw refused(holder, 'write', 'Unavailable', message);
  }
}

function refused({ name }: Holder, operation: string, code: RotationError['code'], message: string): RotationError {
  return new RotationError({
    code,
    service: 'arm',
    operation: `${operation}Connection`,
    message: `${name}: ${message}`,
  });
}
