// What the table keeps of a value is its JSON. In memory a value keeps all: an `undefined`, a `Date` or a `Map` would
// come back that a table would have dropped or changed. So values in memory must be their own JSON.
// It must not write JSON: a simulation stores millions of small values.

/** Values that were found to be JSON. They are never changed. */
const known = new WeakSet<object>();

/** Throws if `value` would not come back from its JSON as it is. Names the field, never its content. */
export function requireJson(what: string, value: object | undefined): void {
  if (value === undefined || known.has(value)) return;
  requireFields(what, value);
  known.add(value);
}

function requireFields(path: string, value: object): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) throw notJson(path);
  for (const [name, field] of Object.entries(value) as [string, unknown][]) {
    if (typeof field === 'string' || typeof field === 'boolean' || Number.isFinite(field)) continue;
    // The codec gives a place back with a label that is not set.
    if (field === undefined && name === 'label') continue;
    if (typeof field !== 'object') throw notJson(`${path}.${name}`);
    if (field !== null) requireFields(`${path}.${name}`, field);
  }
}

function notJson(path: string): TypeError {
  return new TypeError(`${path} would not come back from the table as it is: it is not its own JSON.`);
}
