// A key-value as App Configuration holds it: what the parser of accounts and policies reads.
// It must not import anything: adapters produce it, the parser consumes it, neither knows the other.

export interface RawKeyValue {
  readonly key: string;
  /** Absent when the key-value has no label. */
  readonly label?: string;
  readonly value: string;
  readonly contentType?: string;
  readonly etag?: string;
}

/** Where all of them are read. */
export interface ConfigurationSource {
  /**
   * Ordered as the store lists them: by key, then by label, no label first. The same list as long as nothing has changed,
   * so that no caller can miss a change of which another was told. Throws `RotationError`.
   */
  read(): Promise<readonly RawKeyValue[]>;
}
