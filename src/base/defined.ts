// Removes undefined fields: JSON, rows and attributes leave an absent field out.

/** `fields` without the undefined ones. */
export function defined<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
