// Secrets as Key Vault writes and reads them: bundles, list items, deleted secrets, and the bodies of its writes.
// Times are whole unix seconds.
import type { SecretContent, SecretPatch, SecretState, SecretVersionState } from '../../world/key-vault.ts';
import { readJsonObject, readStrings } from '../http.ts';

const RECOVERABLE_DAYS = 90;

function attributesOf(version: SecretVersionState): object {
  return {
    enabled: version.isEnabled,
    ...(version.notBefore === undefined ? {} : { nbf: version.notBefore }),
    ...(version.expires === undefined ? {} : { exp: version.expires }),
    created: version.created,
    updated: version.updated,
    recoveryLevel: 'Recoverable+Purgeable',
    recoverableDays: RECOVERABLE_DAYS,
  };
}

function common(version: SecretVersionState): object {
  return {
    ...(version.contentType === undefined ? {} : { contentType: version.contentType }),
    attributes: attributesOf(version),
    tags: version.tags,
  };
}

/** A version; with its value only if `withValue`. */
export function bundleOf(origin: string, name: string, version: SecretVersionState, withValue: boolean): object {
  const id = `${origin}/secrets/${name}/${version.version}`;
  return { ...(withValue ? { value: version.value } : {}), id, ...common(version) };
}

/** An item of a list: never a value. */
export function itemOf(origin: string, name: string, version: SecretVersionState, withVersion: boolean): object {
  const id = `${origin}/secrets/${name}${withVersion ? `/${version.version}` : ''}`;
  return { id, ...common(version) };
}

export function deletedOf(origin: string, secret: SecretState): object {
  const newest = secret.versions.at(-1);
  const deletedDate = secret.deletedAt ?? 0;
  return {
    recoveryId: `${origin}/deletedsecrets/${secret.name}`,
    deletedDate,
    scheduledPurgeDate: deletedDate + RECOVERABLE_DAYS * 86_400,
    ...(newest === undefined ? {} : bundleOf(origin, secret.name, newest, false)),
  };
}

function readAttributes(attributes: unknown): Pick<SecretContent, 'isEnabled' | 'notBefore' | 'expires'> | string {
  if (attributes === undefined || attributes === null) return {};
  if (typeof attributes !== 'object') return 'Property attributes is invalid.';
  const { enabled, nbf, exp } = attributes as Record<string, unknown>;
  for (const [name, time] of Object.entries({ nbf, exp })) {
    const isTime = time === undefined || time === null || Number.isInteger(time);
    if (!isTime) return `Property attributes.${name} is invalid.`;
  }
  return {
    ...(typeof enabled === 'boolean' ? { isEnabled: enabled } : {}),
    ...(typeof nbf === 'number' ? { notBefore: nbf } : {}),
    ...(typeof exp === 'number' ? { expires: exp } : {}),
  };
}

function patchOf(body: Readonly<Record<string, unknown>>): SecretPatch | string {
  const { contentType, attributes } = body;
  const read = readAttributes(attributes);
  if (typeof read === 'string') return read;
  const hasTags = body['tags'] !== undefined && body['tags'] !== null;
  const tags = hasTags ? readStrings(body['tags']) : undefined;
  if (hasTags && tags === undefined) return 'Property tags is invalid.';
  return {
    ...read,
    ...(tags === undefined ? {} : { tags }),
    ...(typeof contentType === 'string' ? { contentType } : {}),
  };
}

/** The body of a PATCH, or its error. */
export function readPatch(body: Buffer): SecretPatch | string {
  const object = readJsonObject(body);
  return object === undefined ? 'The request body is not valid JSON.' : patchOf(object);
}

/** The body of a PUT, or its error. */
export function readSecret(body: Buffer): SecretContent | string {
  const object = readJsonObject(body);
  if (object === undefined) return 'The request body is not valid JSON.';
  const { value } = object;
  if (typeof value !== 'string') return 'Property value is required.';
  const patch = patchOf(object);
  return typeof patch === 'string' ? patch : { ...patch, value };
}
