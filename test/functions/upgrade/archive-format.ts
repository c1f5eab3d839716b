// What two releases hand over in the upgrade suite: the rows of the table as Azure Tables sends them, the messages of the
// queue, and the world around them. Keys are numbers: the value of a key follows from its number (`keyOf`), so that no
// value is kept. The bundle of a former release has its own copy of this file, so the form stays as it is.
import { hash } from 'node:crypto';
import type { Row } from '../../../src/azure/table/rows/columns.ts';

export interface Archive {
  readonly now: number;
  /** Numbers given so far: keys, versions, owners. */
  readonly made: number;
  /** `KeyRotation:*`, by the name behind the colon. */
  readonly documents: Readonly<Record<string, object>>;
  readonly accounts: readonly ArchivedAccount[];
  readonly secrets: readonly ArchivedVersion[];
  readonly keyValues: readonly ArchivedKeyValue[];
  readonly messages: readonly unknown[];
  readonly rows: readonly WireRow[];
}

export interface ArchivedAccount {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly keys: readonly { readonly key: number; readonly since: number }[];
  readonly superseded: readonly { readonly key: number; readonly replacedAt: number }[];
}

export interface ArchivedVersion {
  readonly name: string;
  readonly version: string;
  readonly key: number;
  readonly tags: Record<string, string>;
  readonly contentType?: string;
  readonly isEnabled: boolean;
  /** Unix seconds. */
  readonly created: number;
}

export interface ArchivedKeyValue {
  readonly key: string;
  readonly value: string;
  readonly tags: Record<string, string>;
}

/** An Int64 is a text next to its type, as in the answers of the service. */
export type WireRow = Readonly<Record<string, string | number | boolean>>;

const TYPE = '@odata.type';

export function wireRowOf(row: Row): WireRow {
  const columns = Object.entries(row).filter(([name]) => name !== 'etag');
  return Object.fromEntries(
    columns.flatMap(([name, value]) =>
      typeof value === 'bigint'
        ? [
            [name, String(value)],
            [`${name}${TYPE}`, 'Edm.Int64'],
          ]
        : [[name, value]],
    ),
  ) as WireRow;
}

export function rowOfWire(wire: WireRow): Row {
  const columns = Object.entries(wire).filter(([name]) => !name.endsWith(TYPE));
  const read = columns.map(([name, value]) => [name, `${name}${TYPE}` in wire ? BigInt(value) : value]);
  return Object.fromEntries(read) as Row;
}

/** 32 hex digits, as a key. Nobody keeps it: the number is enough. */
export function keyOf(number: number): string {
  return hash('sha256', `key ${number}`, 'hex').slice(0, 32);
}
