// Reads one JSON document of App Configuration against a schema.
// It must not know what accounts and policies are.
import type * as z from 'zod';
import { type Guide, type Problem, problemsOf } from './problem.ts';

export type DocumentResult<T> =
  | { readonly ok: true; readonly data: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const WHOLE: Guide = {
  expected: 'A JSON object.',
  remedy: 'Set the key-value to a JSON object with the content type `application/json`.',
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Every problem of the document at once. They name the document `key`. */
export function readDocument<T>(
  schema: z.ZodType<T>,
  guides: Readonly<Record<string, Guide>>,
  key: string,
  text: string,
): DocumentResult<T> {
  const json = parseJson(text);
  const result = schema.safeParse(json);
  if (result.success) return { ok: true, data: result.data };
  const nameOf = (field: string): string => (field === '' ? key : `${key}.${field}`);
  return { ok: false, problems: problemsOf(result.error, json, { guides, whole: WHOLE, nameOf }) };
}
