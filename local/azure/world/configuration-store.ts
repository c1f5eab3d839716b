// One App Configuration store: key-values by key and label. Each write makes a new ETag. Writes may be conditional.

import type { Nature } from './nature.ts';
import { WorldError } from './world-error.ts';

export interface KeyValueState {
  readonly key: string;
  readonly label: string | null;
  value: string;
  contentType: string | null;
  tags: Record<string, string>;
  etag: string;
  isLocked: boolean;
  lastModified: number;
}

export interface KeyValueContent {
  readonly value: string;
  readonly contentType?: string | null;
  readonly tags?: Record<string, string>;
}

/** `ifMatch`: an unquoted ETag or `*`; `ifNoneMatch`: `*`. */
export interface Condition {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
}

function addressOf(key: string, label: string | null): string {
  return label === null ? key : `${key}\n${label}`;
}

export class ConfigurationStore {
  readonly keyValues = new Map<string, KeyValueState>();
  /** Called after each write of a key-value, for events. */
  onModified: ((written: KeyValueState) => void) | undefined;
  readonly #nature: Nature;

  constructor(nature: Nature) {
    this.#nature = nature;
  }

  get(key: string, label: string | null): KeyValueState | undefined {
    return this.keyValues.get(addressOf(key, label));
  }

  set(key: string, label: string | null, content: KeyValueContent, condition: Condition = {}): KeyValueState {
    const present = this.get(key, label);
    this.#require(present, key, condition);
    const next: KeyValueState = {
      key,
      label,
      value: content.value,
      contentType: content.contentType ?? null,
      tags: { ...content.tags },
      etag: this.#nature.newETag(),
      isLocked: false,
      lastModified: this.#nature.now(),
    };
    this.keyValues.set(addressOf(key, label), next);
    this.onModified?.(next);
    return next;
  }

  delete(key: string, label: string | null, condition: Condition = {}): KeyValueState | undefined {
    const present = this.get(key, label);
    this.#require(present, key, condition);
    this.keyValues.delete(addressOf(key, label));
    return present;
  }

  setLock(key: string, label: string | null, isLocked: boolean, condition: Condition = {}): KeyValueState {
    const present = this.get(key, label);
    if (present === undefined) throw new WorldError('notFound', 'KeyNotFound', key);
    if (condition.ifMatch !== undefined && !matches(present, condition.ifMatch)) {
      throw new WorldError('preconditionFailed', 'ETagMismatch', key);
    }
    present.isLocked = isLocked;
    present.etag = this.#nature.newETag();
    return present;
  }

  /** Ordered by key, then label, no label first. */
  list(accepts: (entry: KeyValueState) => boolean): KeyValueState[] {
    return [...this.keyValues.values()]
      .filter(accepts)
      .sort((a, b) => compare(a.key, b.key) || compare(a.label ?? '', b.label ?? ''));
  }

  #require(present: KeyValueState | undefined, key: string, condition: Condition): void {
    if (present?.isLocked === true) throw new WorldError('locked', 'KeyLocked', key);
    if (condition.ifNoneMatch === '*' && present !== undefined)
      throw new WorldError('preconditionFailed', 'KeyExists', key);
    if (condition.ifMatch !== undefined && !matches(present, condition.ifMatch)) {
      throw new WorldError('preconditionFailed', 'ETagMismatch', key);
    }
  }
}

function matches(present: KeyValueState | undefined, ifMatch: string): boolean {
  return present !== undefined && (ifMatch === '*' || ifMatch === present.etag);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
