// A key-value as App Configuration holds it: the input of the parser of accounts and policies.
// It must not import anything: adapters produce it, the parser reads it, and neither knows the other.

/** The key-value that stops all rotations: `true` or `false`. */
export const FREEZE_KEY = 'KeyRotation:Freeze';
/** The key-value that is changed last, so that a long list is read again. */
export const SENTINEL_KEY = 'KeyRotation:Sentinel';

export interface RawKeyValue {
  readonly key: string;
  /** Absent when the key-value has no label. */
  readonly label?: string;
  readonly value: string;
  readonly contentType?: string;
  readonly etag?: string;
}

/** Reads all key-values. */
export interface ConfigurationSource {
  /**
   * Ordered as the store lists them: by key, then by label, no label first. The same list as long as nothing has
   * changed, so that no caller can miss a change that another caller has seen. Throws `RotationError`.
   */
  read(): Promise<readonly RawKeyValue[]>;
}
