// Objects without the fields that are undefined: in JSON, in rows and in attributes an absent field is absent.

/** `fields` without those that are undefined. */
export function defined<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
