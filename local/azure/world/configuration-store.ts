// One App Configuration store: key-values by key and label. Each change makes a new ETag. Writes may be conditional.
// A condition is checked before a lock, as in Microsoft's emulator.
import { isDeepStrictEqual } from 'node:util';
import type { KeyValueState } from './key-value.ts';
import type { KeyValueHistory } from './key-value-history.ts';
import type { Nature } from './nature.ts';
import { WorldError } from './world-error.ts';

export interface KeyValueContent {
  readonly value: string;
  readonly contentType?: string | null;
  readonly tags?: Record<string, string>;
}

/** Each an unquoted ETag or `*`. */
export interface Condition {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
}

function addressOf(key: string, label: string | null): string {
  return label === null ? key : `${key}\n${label}`;
}

const KEY_VALUE_BYTES_MAXIMUM = 10 * 1024;

/** Whether the service takes a key-value of this size. */
export function fitsStore(key: string, { value, contentType, tags = {} }: KeyValueContent): boolean {
  return Buffer.byteLength(JSON.stringify([key, value, contentType ?? '', tags])) <= KEY_VALUE_BYTES_MAXIMUM;
}

const TAG_CHARACTERS_MAXIMUM = 256;

/** Whether the service takes these tags: as Microsoft's emulator, by length, and without control characters. */
export function fitTags(tags: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(tags)
    .flat()
    .every((text) => text.length <= TAG_CHARACTERS_MAXIMUM && !/\p{Cc}/u.test(text));
}

export class ConfigurationStore {
  readonly keyValues = new Map<string, KeyValueState>();
  /** Called after each write of a key-value, for events. */
  onModified: ((written: KeyValueState) => void) | undefined;
  /** Undefined: nothing is kept. */
  history: KeyValueHistory | undefined;
  readonly #nature: Nature;

  constructor(nature: Nature) {
    this.#nature = nature;
  }

  get(key: string, label: string | null): KeyValueState | undefined {
    return this.keyValues.get(addressOf(key, label));
  }

  /** Content that is there already is no write: ETag and time stay. */
  set(key: string, label: string | null, content: KeyValueContent, condition: Condition = {}): KeyValueState {
    if (!fitsStore(key, content)) throw new WorldError('invalid', 'KeyValueTooLarge', key);
    if (!fitTags(content.tags)) throw new WorldError('invalid', 'TagInvalid', key);
    const present = this.get(key, label);
    requireCondition(present, key, condition);
    requireUnlocked(present, key);
    const { value, contentType = null, tags = {} } = content;
    const isSame = present?.value === value && present.contentType === contentType;
    if (isSame && isDeepStrictEqual(present.tags, { ...tags })) return present;
    const written = this.#put({ key, label, value, contentType, tags: { ...tags }, isLocked: false });
    this.onModified?.(written);
    return written;
  }

  delete(key: string, label: string | null, condition: Condition = {}): KeyValueState | undefined {
    const present = this.get(key, label);
    requireCondition(present, key, condition);
    requireUnlocked(present, key);
    if (present === undefined) return undefined;
    this.keyValues.delete(addressOf(key, label));
    this.history?.note(present, this.#nature.now(), true);
    return present;
  }

  setLock(key: string, label: string | null, isLocked: boolean, condition: Condition = {}): KeyValueState {
    const present = this.get(key, label);
    requireCondition(present, key, condition);
    if (present === undefined) throw new WorldError('notFound', 'KeyNotFound', key);
    return present.isLocked === isLocked ? present : this.#put({ ...present, isLocked });
  }

  /** Ordered by key, then label, no label first. */
  list(accepts: (entry: KeyValueState) => boolean): KeyValueState[] {
    return [...this.keyValues.values()]
      .filter(accepts)
      .sort((a, b) => compare(a.key, b.key) || compare(a.label ?? '', b.label ?? ''));
  }

  #put(content: Omit<KeyValueState, 'etag' | 'lastModified'>): KeyValueState {
    const next: KeyValueState = { ...content, etag: this.#nature.newETag(), lastModified: this.#nature.now() };
    this.keyValues.set(addressOf(next.key, next.label), next);
    this.history?.note(next, next.lastModified, false);
    return next;
  }
}

function requireCondition(present: KeyValueState | undefined, key: string, condition: Condition): void {
  const { ifMatch, ifNoneMatch } = condition;
  if (ifMatch !== undefined && !matches(present, ifMatch)) {
    throw new WorldError('preconditionFailed', 'ETagMismatch', key);
  }
  if (ifNoneMatch !== undefined && matches(present, ifNoneMatch)) {
    throw new WorldError('preconditionFailed', 'KeyExists', key);
  }
}

function requireUnlocked(present: KeyValueState | undefined, key: string): void {
  if (present?.isLocked === true) throw new WorldError('locked', 'KeyLocked', key);
}

function matches(present: KeyValueState | undefined, condition: string): boolean {
  return present !== undefined && (condition === '*' || condition === present.etag);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
