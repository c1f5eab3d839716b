// Keys in Azure AI Search: those of skills, of the AI service that a skillset is billed to, and of vectorizers.
// Inspected only: a skillset or an index is written as a whole, by its owner. Definitions are read from the service
// itself, with a token. Whether it shows keys is not documented: a key that is not shown is unseen, with its host.
// Not looked at: knowledge bases and knowledge sources, and what only preview versions of the API show.
import type { TokenCredential } from '@azure/identity';
import * as z from 'zod';
import type { Cloud } from '../../config/cloud.ts';
import type { HolderContent, HolderRead } from '../../holders/model.ts';
import type { HolderAdapter } from '../../holders/ports.ts';
import { RotationError } from '../../rotation/errors.ts';
import { SecretValue } from '../../rotation/secret.ts';
import type { ArmRest } from '../client/arm-rest.ts';
import { type AuthorizedCall, createAuthorizedCall } from '../client/authorized-call.ts';
import { classified } from '../client/classify-error.ts';
import { type Deadline, deadlineIn, memoise } from '../client/client-options.ts';
import { type Look, lookOrName, merge, takeInventory } from './inventory.ts';
import { hostOf } from './sent-to.ts';

export interface SearchKeyDependencies {
  readonly rest: ArmRest;
  readonly credential: TokenCredential;
  readonly cloud: Cloud;
}

const ARM_VERSION = 'api-version=2025-05-01';
const VERSION = 'api-version=2024-07-01';

const serviceShape = z.object({
  id: z.string(),
  name: z.string(),
  properties: z.object({ endpoint: z.string().nullish() }).nullish(),
});
/** A skill, or the parameters of a vectorizer. */
const callerShape = z.object({
  apiKey: z.string().nullish(),
  authIdentity: z.unknown().optional(),
  resourceUri: z.string().nullish(),
  uri: z.string().nullish(),
  httpHeaders: z.record(z.string(), z.string().nullable()).nullish(),
});
const skillsetShape = z.object({
  name: z.string(),
  skills: z.array(callerShape.extend({ name: z.string().nullish() })).nullish(),
  cognitiveServices: z
    .object({ '@odata.type': z.string(), key: z.string().nullish(), subdomainUrl: z.string().nullish() })
    .nullish(),
});
const vectorizerShape = z.object({
  name: z.string(),
  azureOpenAIParameters: callerShape.nullish(),
  customWebApiParameters: callerShape.nullish(),
  aiServicesVisionParameters: callerShape.nullish(),
});
const indexShape = z.object({
  name: z.string(),
  vectorSearch: z.object({ vectorizers: z.array(vectorizerShape).nullish() }).nullish(),
});
type Service = z.infer<typeof serviceShape>;
type Caller = z.infer<typeof callerShape>;
/** Without its resource. */
type Found = Pick<HolderRead, 'name' | 'content'>;

/** The two kinds of definitions that hold keys. */
const DEFINITIONS = {
  skillsets: {
    list: 'listSkillsets',
    get: 'getSkillset',
    read: (body: unknown) => inSkillset(skillsetShape.parse(body)),
  },
  indexes: { list: 'listIndexes', get: 'getIndex', read: (body: unknown) => inIndex(indexShape.parse(body)) },
} as const;
type Definition = keyof typeof DEFINITIONS;

export function createSearchKeys({ rest, credential, cloud }: SearchKeyDependencies): HolderAdapter {
  // A service that asks to wait holds up no other.
  const callOf = memoise(() => createAuthorizedCall(credential, cloud.searchScope));
  const plane = new Plane(callOf, cloud);
  return {
    list: (scopes) =>
      takeInventory({
        scopes,
        listIn: (scope, limits) => {
          const path = `${scope}/providers/Microsoft.Search/searchServices?${ARM_VERSION}`;
          return rest.list('listSearchServices', path, serviceShape, limits);
        },
        idOf: ({ id }) => id,
        look: (service, deadline) => look(plane, service, deadline),
      }),
    read: async (holder, withinMs) => {
      const deadline = deadlineIn(withinMs);
      const [, kind, definition] = /^(skillsets|indexes)\/([^/]+)\//.exec(holder.name) ?? [];
      if (kind === undefined || definition === undefined) return undefined;
      const found = await orGone(async () => {
        const service = await rest.get('getSearchService', `${holder.resource}?${ARM_VERSION}`, serviceShape, deadline);
        return plane.get(service, kind as Definition, definition, deadline);
      });
      return found?.find(({ name }) => name === holder.name)?.content;
    },
    perform: (effect, { name }) => {
      const message = `${name}: a key in Azure AI Search is inspected only; its owner writes it.`;
      const details = {
        code: 'Misconfigured',
        service: 'dataPlane',
        operation: `${effect}SearchKey`,
        message,
      } as const;
      return Promise.reject(new RotationError(details));
    },
  };
}

async function orGone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RotationError && error.code === 'NotFound') return undefined;
    throw error;
  }
}

/** Skillsets and indexes of one service. A refusal of one of them does not hide the other. */
async function look(plane: Plane, service: Service, deadline: () => Deadline): Promise<Look> {
  const resource = service.id.toLowerCase();
  const looks: Look[] = [];
  for (const kind of ['skillsets', 'indexes'] as const) {
    looks.push(
      await lookOrName(resource, async () => {
        const found = await plane.list(service, kind, deadline());
        const holders = found.map((one): HolderRead => ({ kind: 'searchKey', resource, ...one }));
        return { holders, unseen: [], searched: 0 };
      }),
    );
  }
  const { holders, unseen } = merge(looks);
  return { holders, unseen: unseen.slice(0, 1), searched: unseen.length === 0 ? 1 : 0 };
}

/** The data plane of the search services. */
class Plane {
  readonly #callOf: (endpoint: string) => AuthorizedCall;
  readonly #cloud: Cloud;

  constructor(callOf: (endpoint: string) => AuthorizedCall, cloud: Cloud) {
    this.#callOf = callOf;
    this.#cloud = cloud;
  }

  list(service: Service, kind: Definition, deadline: Deadline): Promise<readonly Found[]> {
    const { list, read } = DEFINITIONS[kind];
    return classified('dataPlane', list, async () => {
      const { value } = z.object({ value: z.array(z.unknown()) }).parse(await this.#get(service, kind, deadline));
      return value.flatMap(read);
    });
  }

  get(service: Service, kind: Definition, name: string, deadline: Deadline): Promise<readonly Found[]> {
    const { get, read } = DEFINITIONS[kind];
    return classified('dataPlane', get, async () =>
      read(await this.#get(service, `${kind}('${encodeURIComponent(name)}')`, deadline)),
    );
  }

  async #get(service: Service, path: string, deadline: Deadline): Promise<unknown> {
    const endpoint = this.#endpointOf(service);
    const request = { method: 'GET', url: `${endpoint}/${path}?${VERSION}` } as const;
    return (await this.#callOf(endpoint)(request, deadline)).body;
  }

  /** From the name alone: the listed endpoint can be written by the service's owner, and would get our token. */
  #endpointOf({ name, properties }: Service): string {
    const { searchSuffix, isAccountInPath } = this.#cloud;
    if (isAccountInPath && typeof properties?.endpoint === 'string') return properties.endpoint.replace(/\/+$/, '');
    if (/^[a-z0-9-]+$/i.test(name)) return `https://${name}.${searchSuffix}`;
    throw new TypeError('The name of the search service cannot be part of a host.');
  }
}

function inSkillset({ name, skills, cognitiveServices }: z.infer<typeof skillsetShape>): readonly Found[] {
  // Azure numbers skills without a name from 1.
  const found = (skills ?? []).map((skill, index) =>
    named(`skillsets/${name}/${skill.name ?? `#${index + 1}`}`, contentOf(skill)),
  );
  const isByKey = cognitiveServices?.['@odata.type'].endsWith('ByKey') === true;
  const billed = isByKey ? keyContent(cognitiveServices.key, cognitiveServices.subdomainUrl) : undefined;
  return [...found, named(`skillsets/${name}/cognitiveServices`, billed)].flat();
}

function inIndex({ name, vectorSearch }: z.infer<typeof indexShape>): readonly Found[] {
  return (vectorSearch?.vectorizers ?? []).flatMap((vectorizer) => {
    const { azureOpenAIParameters, customWebApiParameters, aiServicesVisionParameters } = vectorizer;
    const caller = azureOpenAIParameters ?? customWebApiParameters ?? aiServicesVisionParameters;
    return named(`indexes/${name}/${vectorizer.name}`, caller ? contentOf(caller) : undefined);
  });
}

function named(name: string, content: HolderContent | undefined): readonly Found[] {
  return content === undefined ? [] : [{ name, content }];
}

/** Undefined if it calls nothing, or signs in without a key. */
function contentOf({ apiKey, authIdentity, resourceUri, uri, httpHeaders }: Caller): HolderContent | undefined {
  const target = resourceUri ?? uri;
  if (typeof apiKey === 'string') return keyContent(apiKey, target);
  const header = Object.entries(httpHeaders ?? {}).find(([name]) => KEY_HEADER.test(name));
  if (header !== undefined) return keyContent(header[1], target);
  if (apiKey === undefined || (authIdentity !== undefined && authIdentity !== null)) return undefined;
  const cause = 'It shows no key: it signs in as the search service, or its key is not shown.';
  return { has: 'unseen', cause, ...hostOf(target) };
}

const KEY_HEADER = /^(?:api-key|ocp-apim-subscription-key)$/i;
/** What services write in place of a value: nothing, `<redacted>`, `<encrypted>`, asterisks. */
const BLANKED = /^(?:|<[^>]*>|\*+)$/;

function keyContent(key: string | null | undefined, target: string | null | undefined): HolderContent {
  if (key === undefined || key === null || BLANKED.test(key)) {
    return { has: 'unseen', cause: 'The service does not show its key.', ...hostOf(target) };
  }
  return { has: 'value', fingerprint: new SecretValue(key).fingerprint, ...hostOf(target) };
}
