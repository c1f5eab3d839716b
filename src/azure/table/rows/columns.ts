// Common to the rows of all kinds: their keys, the types of their columns, and the checks of columns.
// It must not know what any row means.

import * as z from 'zod';
import { defined } from '../../../base/defined.ts';
import { PARTITION } from './keys.ts';

export type Row = Record<string, unknown> & { readonly partitionKey: string; readonly rowKey: string };

/** Instants are Int64, which the SDK writes from a bigint. An untyped number of that size would be an Int32. */
export type Column = string | number | boolean | bigint | undefined;

export const text = z.string().min(1);
export const instant = z.union([z.bigint(), z.number()]).transform(Number);
/** The service leaves out columns without a value; some compatible services give null. */
export const absent = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

export function row(rowKey: string, columns: Readonly<Record<string, Column>>): Row {
  return { partitionKey: PARTITION, rowKey, ...defined(columns) };
}

export function int64(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(Math.round(value));
}
