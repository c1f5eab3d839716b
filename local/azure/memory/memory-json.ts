// What the table keeps of a value is its JSON. In memory a value would keep all: a field without a value, a `Date` or a
// `Map` would come back that the table drops or changes.
// It must not write JSON: a simulation stores millions of small values.

/** Values that were looked at, and what is kept of them. They are never changed. */
const known = new WeakMap<object, object>();

/**
 * `value` as it would come back from its JSON: without fields that have no value, and the same object if there are
 * none. Throws if JSON would change anything else; names the field, never its content.
 */
export function jsonOf<T extends object>(what: string, value: T): T {
  let kept = known.get(value);
  if (kept === undefined) {
    kept = keptOf(what, value);
    known.set(value, kept);
  }
  return kept as T;
}

function keptOf(path: string, value: object): object {
  const isList = Array.isArray(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!isList && prototype !== Object.prototype) throw notJson(path);
  let changed: Record<string, unknown> | undefined;
  for (const [name, field] of Object.entries(value) as [string, unknown][]) {
    if (typeof field === 'string' || typeof field === 'boolean' || Number.isFinite(field) || field === null) continue;
    // The codec gives a place back with a label that is not set.
    if (field === undefined && name === 'label') continue;
    const isDropped = field === undefined && !isList;
    if (typeof field !== 'object' && !isDropped) throw notJson(`${path}.${name}`);
    const kept = isDropped ? undefined : keptOf(`${path}.${name}`, field as object);
    if (kept === field && !isDropped) continue;
    changed ??= { ...value };
    if (isDropped) Reflect.deleteProperty(changed, name);
    else changed[name] = kept;
  }
  if (changed === undefined) return value;
  return isList ? Object.values(changed) : changed;
}

function notJson(path: string): TypeError {
  return new TypeError(`${path} would not come back from the table as it is: it is not its own JSON.`);
}
