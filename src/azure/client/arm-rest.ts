// Calls of Azure Resource Manager, without SDK clients: one request, one answer, lists page by page.
// It must not know a resource type: the adapters bring paths and schemas.
import { type PipelinePolicy, RestError } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import * as z from 'zod';
import type { Cloud } from '../../config/cloud.ts';
import { type AuthorizedCall, createAuthorizedCall } from './authorized-call.ts';
import { classified } from './classify-error.ts';
import { type Deadline, memoise } from './client-options.ts';

export interface ArmRestDependencies {
  readonly credential: TokenCredential;
  readonly cloud: Cloud;
  /** Sees each request of one subscription, and its answer. */
  readonly policyOf?: (subscriptionId: string) => PipelinePolicy;
}

/** `operation` names the call in errors and logs. Paths begin with `/` and hold their `api-version`. */
export interface ArmRest {
  get<T>(operation: string, path: string, schema: z.ZodType<T>, deadline: Deadline): Promise<T>;
  /** As `get`, with the header `ETag` of the answer. */
  getTagged<T>(
    operation: string,
    path: string,
    schema: z.ZodType<T>,
    deadline: Deadline,
  ): Promise<{ readonly body: T; readonly etag: string | undefined }>;
  /** Items of all pages, at most `maximum`, and whether these are all. */
  list<T>(
    operation: string,
    path: string,
    schema: z.ZodType<T>,
    limits: { readonly deadline: Deadline; readonly maximum: number },
  ): Promise<{ readonly items: readonly T[]; readonly isComplete: boolean }>;
  /** Sends one effect, or a read that is a POST. Returns the body of the answer as `schema` reads it. */
  send<T>(
    operation: string,
    request: {
      readonly method: 'POST' | 'PUT' | 'PATCH';
      readonly path: string;
      readonly body?: unknown;
      /** Sent as `If-Match`. */
      readonly ifMatch?: string;
    },
    schema: z.ZodType<T>,
    deadline: Deadline,
  ): Promise<T>;
}

/** More pages than this are a loop. */
const PAGES_MAXIMUM = 200;

/** ARM counts calls by subscription, so a subscription that asks to wait must not hold off the others. */
function subscriptionOf(url: string): string {
  return /^\/subscriptions\/([^/]+)/i.exec(new URL(url).pathname)?.[1]?.toLowerCase() ?? '';
}

export function createArmRest({ credential, cloud, policyOf }: ArmRestDependencies): ArmRest {
  const callOf = memoise((subscriptionId) =>
    createAuthorizedCall(credential, cloud.resourceManagerScope, policyOf?.(subscriptionId)),
  );
  const call: AuthorizedCall = (request, deadline) => callOf(subscriptionOf(request.url))(request, deadline);
  const origin = cloud.resourceManagerEndpoint;
  const getTagged: ArmRest['getTagged'] = (operation, path, schema, deadline) =>
    classified('arm', operation, async () => {
      const { body, etag } = await call({ method: 'GET', url: `${origin}${path}` }, deadline);
      return { body: schema.parse(body), etag };
    });
  return {
    get: async (operation, path, schema, deadline) => (await getTagged(operation, path, schema, deadline)).body,
    getTagged,
    list: (operation, path, schema, { deadline, maximum }) =>
      classified('arm', operation, async () => {
        const page = z.object({ value: z.array(schema), nextLink: z.string().nullish() });
        const items: z.infer<typeof schema>[] = [];
        let url: string | undefined = `${origin}${path}`;
        for (let pages = 0; url !== undefined && pages < PAGES_MAXIMUM; pages++) {
          const { body } = await call({ method: 'GET', url }, deadline);
          const { value, nextLink } = page.parse(body);
          items.push(...value);
          if (items.length > maximum) break;
          url = nextLink === null || nextLink === undefined || nextLink === '' ? undefined : within(origin, nextLink);
        }
        return { items: items.slice(0, maximum), isComplete: url === undefined && items.length <= maximum };
      }),
    send: (operation, { path, ...request }, schema, deadline) =>
      classified('arm', operation, async () => {
        const { body } = await call({ ...request, url: `${origin}${path}` }, deadline);
        return schema.parse(body);
      }),
  };
}

/** A link elsewhere would get our token. */
function within(origin: string, link: string): string {
  if (new URL(link).origin === new URL(origin).origin) return link;
  throw new RestError('The next page is at another host.', { statusCode: 502 });
}
