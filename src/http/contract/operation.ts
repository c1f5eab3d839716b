// What an operation of the HTTP surface is. `operations.ts` has all of them.
import type * as z from 'zod';
import type { Access } from '../call.ts';

export interface Operation {
  /** A name for generated clients. */
  readonly id: string;
  readonly method: 'get' | 'post';
  /** Below the prefix `api/`, with `{parameters}`. */
  readonly path: string;
  /** Name of the function that serves it. */
  readonly functionName: string;
  readonly summary: string;
  readonly role: Access;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  readonly takesIdempotencyKey?: true;
  /** Media type of the answers; JSON when absent. */
  readonly mediaType?: 'text/html';
  /** Answers that are no problems; undefined: anything of the media type. */
  readonly answers: Readonly<Record<number, readonly [description: string, schema: z.ZodType | undefined]>>;
  /** Statuses of problems besides those that every operation may return. */
  readonly problems: readonly number[];
}

export function show(
  id: string,
  path: string,
  summary: string,
  answer: z.ZodType,
): Pick<Operation, Exclude<keyof Operation, 'query'>> {
  return {
    id,
    method: 'get',
    path,
    functionName: 'show-status',
    summary,
    role: 'Rotation.Read',
    answers: { 200: ['The state as it is stored.', answer] },
    problems: [404],
  };
}
