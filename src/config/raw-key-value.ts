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
