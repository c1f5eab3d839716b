// The parts that the schemas of all HTTP answers share, and the type that such a schema defines.
// Only the OpenAPI document loads the schemas: code that makes or shows an answer imports the type alone.
import * as z from 'zod';

type DeepReadonly<T> = T extends readonly (infer Entry)[]
  ? readonly DeepReadonly<Entry>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** What a schema describes, not to be changed. Not `.readonly()`: the document would then call every field read-only. */
export type Answer<Schema extends z.ZodType> = DeepReadonly<z.infer<Schema>>;

/** ISO 8601, UTC. */
export const instant = z.iso.datetime();
export const count = z.int().min(0);
