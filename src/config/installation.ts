// Where an installation keeps its records, and its name: the storage account and the table. Each version of a secret
// is tagged with it, so that two installations with records of their own notice that they work on one account.
// It must not show a connection string.
import type { SecretValue } from '../rotation/secret.ts';

/** Where records and history are: a Table service reached with a connection string or with the app's identity. */
export type RecordTable =
  | { readonly kind: 'connectionString'; readonly connectionString: SecretValue; readonly tableName: string }
  | { readonly kind: 'identity'; readonly endpoint: string; readonly tableName: string };

export interface Installation {
  /** `<storage account>/<table>`; the name of a storage account is unique in its cloud. */
  readonly name: string;
  /** An installation that this one replaces: its secrets are taken over. */
  readonly former?: string;
}

/** 256 characters fit into a tag; a name has at most 88. */
export function installationNameOf(records: RecordTable): string {
  return `${storageAccountOf(records)}/${records.tableName}`;
}

function storageAccountOf(records: RecordTable): string {
  if (records.kind === 'identity') return firstLabelOf(records.endpoint);
  const text = records.connectionString.reveal();
  const named = /(?:^|;)\s*AccountName=([^;]+)/i.exec(text)?.[1];
  const endpoint = /(?:^|;)\s*TableEndpoint=([^;]+)/i.exec(text)?.[1];
  return named ?? (endpoint === undefined ? 'devstoreaccount1' : firstLabelOf(endpoint));
}

function firstLabelOf(endpoint: string): string {
  return new URL(endpoint).hostname.split('.')[0] ?? '';
}
