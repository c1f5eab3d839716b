// Makes the OpenAPI 3.1 document from the operations and from the same schemas that validate requests.
// It must not describe anything that a schema or the list of operations can describe.
import type { HttpResponseInit } from '@azure/functions';
import * as z from 'zod';
import type { Access, Call } from '../call.ts';
import { json } from '../json.ts';
import { problemAnswer } from './answers.ts';
import type { Operation } from './operation.ts';
import { COMMON_PROBLEMS, OPERATIONS } from './operations.ts';
import { idempotencyKey } from './schemas.ts';

type Json = Readonly<Record<string, unknown>>;

/** What operations are about, by the first segment of their path. */
const TAGS = {
  accounts: 'Accounts: their status, and what operators and consumers ask for.',
  campaigns: 'Rotations of many accounts, in rings.',
  service: 'The service itself.',
} as const;

function tagOf({ path }: Operation): keyof typeof TAGS {
  const [first] = path.split('/');
  return first === 'accounts' || first === 'campaigns' ? first : 'service';
}

let document: Json | undefined;

export function showOpenApi({ request }: Call): Promise<HttpResponseInit> {
  document ??= openApiDocument();
  // Each path begins with a slash.
  const servers = [{ url: new URL('.', request.url).href.replace(/\/$/, '') }];
  return Promise.resolve(json(200, { ...document, servers }));
}

/** Without `servers`, which depend on the host's name. */
export function openApiDocument(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of OPERATIONS) {
    const item = (paths[`/${operation.path}`] ??= {});
    item[operation.method] = describeOperation(operation);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'AI services key rotation',
      version: '1',
      license: { name: 'MIT', identifier: 'MIT' },
      description: 'Instants are ISO 8601 in UTC. Keys appear as fingerprints only. Problems are RFC 9457 documents.',
    },
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { Problem: shapeOf(problemAnswer, 'output') },
      securitySchemes: {
        functionKey: { type: 'apiKey', in: 'header', name: 'x-functions-key' },
        entra: { type: 'http', scheme: 'bearer', description: 'With AUTHORIZATION=entra: App Service authentication.' },
      },
    },
  };
}

function describeOperation(operation: Operation): Json {
  const { id, summary, role, body } = operation;
  return {
    operationId: id,
    tags: [tagOf(operation)],
    summary,
    description: describeAccess(role),
    parameters: parametersOf(operation),
    ...(body === undefined ? {} : { requestBody: bodyOf(body) }),
    responses: responsesOf(operation),
    security: securityOf(role),
  };
}

function describeAccess(role: Access): string {
  switch (role) {
    case 'anyone':
      return 'Open.';
    case 'caller':
      return 'With Entra: every signed-in caller, with any roles; else open.';
    case 'Rotation.Read':
    case 'Rotation.Check':
    case 'Rotation.Operate':
    case 'Rotation.Emergency':
    case 'Rotation.Acknowledge':
      return `Role with Entra: ${role}.`;
  }
}

function securityOf(role: Access): readonly Json[] {
  if (role === 'anyone') return [{}];
  return role === 'caller' ? [{}, { entra: [] }] : [{ functionKey: [] }, { entra: [role] }];
}

function bodyOf(body: z.ZodObject): Json {
  const schema = shapeOf(body, 'input');
  // A body without required fields may be left out.
  return { required: 'required' in schema, content: { 'application/json': { schema } } };
}

function parametersOf({ path, query, takesIdempotencyKey }: Operation): readonly Json[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const properties = query === undefined ? {} : z.toJSONSchema(query, { io: 'input' }).properties;
  const inQuery = Object.entries(properties ?? {}).map(([name, schema]) => ({ name, in: 'query', schema }));
  const inHeader = {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'The same key with the same body within 24 hours is one request.',
    schema: shapeOf(idempotencyKey, 'input'),
  };
  return [...inPath, ...inQuery, ...(takesIdempotencyKey === true ? [inHeader] : [])];
}

function responsesOf({ answers, problems, mediaType }: Operation): Json {
  const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const responses: Record<string, Json> = {};
  for (const status of [...problems, ...COMMON_PROBLEMS]) {
    responses[status] = { description: 'A problem document.', content: problem };
  }
  for (const [status, [description, schema]] of Object.entries(answers)) {
    const content = {
      [mediaType ?? 'application/json']: { schema: schema === undefined ? {} : shapeOf(schema, 'output') },
    };
    const isProblemToo = COMMON_PROBLEMS.includes(Number(status));
    responses[status] = { description, content: isProblemToo ? { ...content, ...problem } : content };
  }
  return responses;
}

function shapeOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const shape = Object.entries(z.toJSONSchema(schema, { io, unrepresentable: 'any' }));
  // The document names its dialect once, for all of its schemas.
  return Object.fromEntries(shape.filter(([name]) => name !== '$schema'));
}
