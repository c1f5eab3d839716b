// One key-value of a configuration store. A write makes another one: it is never changed.
export interface KeyValueState {
  readonly key: string;
  readonly label: string | null;
  readonly value: string;
  readonly contentType: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly etag: string;
  readonly isLocked: boolean;
  readonly lastModified: number;
}
