// An entity as the table would give it back: its record and last pass as their JSON, its configuration as its column.
// It must not store anything.
import { encodeConfigured, storedConfigured } from '../../../src/azure/table/rows/configured-codec.ts';
import type { Configured, StoredEntity } from '../../../src/rotation/ports.ts';
import { jsonOf } from './memory-json.ts';

/** Successive passes get the same configuration object, so it is examined once. */
const configurations = new WeakMap<Configured, { readonly stored: Configured | undefined }>();

export function storedEntity(entity: StoredEntity): StoredEntity {
  const { record, lastPass, configured } = entity;
  const stored = {
    ...entity,
    record: record === undefined ? undefined : jsonOf('record', record),
    lastPass: lastPass === undefined ? undefined : jsonOf('lastPass', lastPass),
  };
  if (configured === undefined) return stored;
  let known = configurations.get(configured);
  if (known === undefined) {
    known = { stored: encodeConfigured(configured) === undefined ? undefined : storedConfigured(configured) };
    configurations.set(configured, known);
    if (known.stored !== undefined) configurations.set(known.stored, known);
  }
  return { ...stored, configured: known.stored };
}
