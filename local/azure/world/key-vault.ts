// One vault's secrets. Every write of a value is a new version. Names are case-insensitive. A disabled version cannot
// be read. A deleted secret keeps its name occupied until it is recovered or purged.
// Times are unix seconds, as on the wire: two versions of the same second differ only in their order of creation.
import type { Nature } from './nature.ts';
import { WorldError } from './world-error.ts';

export interface SecretVersionState {
  readonly version: string;
  readonly value: string;
  tags: Record<string, string>;
  contentType: string | undefined;
  isEnabled: boolean;
  notBefore: number | undefined;
  expires: number | undefined;
  readonly created: number;
  updated: number;
}

export interface SecretContent {
  readonly value: string;
  readonly tags?: Record<string, string>;
  readonly contentType?: string;
  readonly isEnabled?: boolean;
  readonly notBefore?: number;
  readonly expires?: number;
}

export type SecretPatch = Partial<Omit<SecretContent, 'value'>>;

export interface SecretState {
  readonly name: string;
  /** Oldest first. */
  versions: SecretVersionState[];
  deletedAt: number | undefined;
}

export const SECRET_NAME = /^[0-9a-zA-Z-]{1,127}$/;
const VALUE_BYTES_MAXIMUM = 25_600;
const CONTENT_TYPE_LENGTH_MAXIMUM = 255;
const TAGS_MAXIMUM = 15;

function requireFitting(name: string, { value = '', contentType = '', tags = {} }: Partial<SecretContent>): void {
  const refuse = (detail: string): never => {
    throw new WorldError('invalid', 'BadParameter', name, detail);
  };
  if (!SECRET_NAME.test(name)) refuse(`The request URI contains an invalid name: ${name}`);
  if (Object.keys(tags).length > TAGS_MAXIMUM) refuse(`More than ${TAGS_MAXIMUM} tags are not allowed.`);
  if (contentType.length > CONTENT_TYPE_LENGTH_MAXIMUM) {
    refuse(`Property contentType is longer than ${CONTENT_TYPE_LENGTH_MAXIMUM} characters.`);
  }
  if (Buffer.byteLength(value) > VALUE_BYTES_MAXIMUM) refuse('Property value is longer than 25 KB.');
}

export class KeyVault {
  /** By lower-cased name. */
  readonly secrets = new Map<string, SecretState>();
  /** Called after each new version, for events. */
  onNewVersion: ((name: string, version: SecretVersionState) => void) | undefined;
  readonly #nature: Nature;

  constructor(nature: Nature) {
    this.#nature = nature;
  }

  set(name: string, content: SecretContent): SecretVersionState {
    requireFitting(name, content);
    const seconds = Math.floor(this.#nature.now() / 1000);
    const secret = this.secrets.get(name.toLowerCase()) ?? { name, versions: [], deletedAt: undefined };
    if (secret.deletedAt !== undefined) throw new WorldError('conflict', 'ObjectIsDeletedButRecoverable', name);
    const version: SecretVersionState = {
      version: this.#nature.newVersion(),
      value: content.value,
      tags: { ...content.tags },
      contentType: content.contentType,
      isEnabled: content.isEnabled ?? true,
      notBefore: content.notBefore,
      expires: content.expires,
      created: seconds,
      updated: seconds,
    };
    secret.versions.push(version);
    this.secrets.set(name.toLowerCase(), secret);
    this.onNewVersion?.(secret.name, version);
    return version;
  }

  /** The version, or the newest; throws `notFound` or `disabled`. */
  get(name: string, version?: string): SecretVersionState {
    const found = this.find(name, version);
    if (!found.isEnabled) throw new WorldError('disabled', 'SecretDisabled', name);
    return found;
  }

  /** As `get`, but also finds disabled versions (their metadata is readable). */
  find(name: string, version?: string): SecretVersionState {
    const versions = this.versions(name);
    const found = version === undefined ? versions.at(-1) : versions.find((entry) => entry.version === version);
    if (found === undefined)
      throw new WorldError('notFound', 'SecretNotFound', version === undefined ? name : `${name}/${version}`);
    return found;
  }

  versions(name: string): readonly SecretVersionState[] {
    return this.secret(name).versions;
  }

  /** The secret, with the first spelling of its name. Throws `notFound` when it is absent or deleted. */
  secret(name: string): SecretState {
    const secret = this.secrets.get(name.toLowerCase());
    if (secret === undefined || secret.deletedAt !== undefined)
      throw new WorldError('notFound', 'SecretNotFound', name);
    return secret;
  }

  update(name: string, version: string | undefined, patch: SecretPatch): SecretVersionState {
    requireFitting(name, patch);
    const found = this.find(name, version);
    if (patch.tags !== undefined) found.tags = { ...patch.tags };
    if (patch.contentType !== undefined) found.contentType = patch.contentType;
    if (patch.isEnabled !== undefined) found.isEnabled = patch.isEnabled;
    if (patch.notBefore !== undefined) found.notBefore = patch.notBefore;
    if (patch.expires !== undefined) found.expires = patch.expires;
    found.updated = Math.floor(this.#nature.now() / 1000);
    return found;
  }

  delete(name: string): SecretState {
    const secret = this.secret(name);
    secret.deletedAt = Math.floor(this.#nature.now() / 1000);
    return secret;
  }

  recover(name: string): SecretState {
    const secret = this.findDeleted(name);
    secret.deletedAt = undefined;
    return secret;
  }

  /** A deleted secret; throws `notFound` when it is not deleted. */
  findDeleted(name: string): SecretState {
    const secret = this.secrets.get(name.toLowerCase());
    if (secret?.deletedAt === undefined) throw new WorldError('notFound', 'SecretNotFound', name);
    return secret;
  }

  /** Frees the name of a deleted secret. */
  purge(name: string): void {
    this.findDeleted(name);
    this.secrets.delete(name.toLowerCase());
  }
}
