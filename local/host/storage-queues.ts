// Storage queues for the host's trigger and output bindings. A connection setting names the queue's account. Messages
// are in base64 unless host.json says otherwise. It must not run functions. The first binding that needs the library
// loads it.

import type { QueueServiceClient } from '@azure/storage-queue';
import type { RpcBindingInfo } from './rpc.ts';
import type { QueueConfig } from './settings.ts';
import { expandSettings, type Settings } from './settings.ts';

/** The queue of a binding. */
export interface QueueAddress {
  readonly queueName: string;
  readonly connection: QueueConnection;
}

type QueueConnection =
  | { readonly connectionString: string }
  /** A user-assigned identity by its client id; undefined means the system-assigned one. */
  | { readonly serviceUri: string; readonly clientId: string | undefined };

/** The connection named `name`: a connection string, or settings with that prefix that name an identity. */
function connectionOf(name: string, settings: Settings): QueueConnection {
  const connectionString = settings[name] ?? '';
  if (connectionString !== '') return { connectionString };
  const serviceUri = settings[`${name}__queueServiceUri`] ?? '';
  if (serviceUri === '') throw new Error(`The storage connection '${name}' is not set.`);
  if (settings[`${name}__credential`] !== 'managedidentity') {
    throw new Error(`The setting ${name}__credential must be "managedidentity" here.`);
  }
  return { serviceUri, clientId: settings[`${name}__clientId`] };
}

/** Throws with a sentence when the binding cannot be served. */
export function addressOf(binding: RpcBindingInfo, settings: Settings): QueueAddress {
  const { queueName, connection } = binding;
  const name = expandSettings(typeof queueName === 'string' ? queueName : '', settings);
  if (!name.isResolved) throw new Error(`'%${name.missing}%' does not resolve to a value.`);
  const setting = typeof connection === 'string' && connection !== '' ? connection : 'AzureWebJobsStorage';
  return { queueName: name.text, connection: connectionOf(setting, settings) };
}

/** No retries: the next poll tries again, and a sender gets the error. */
export async function openQueues({ connection }: QueueAddress): Promise<QueueServiceClient> {
  const { QueueServiceClient: Client } = await import('@azure/storage-queue');
  const options = { retryOptions: { maxTries: 1, tryTimeoutInMs: 30_000 } };
  if ('connectionString' in connection) return Client.fromConnectionString(connection.connectionString, options);
  const { ManagedIdentityCredential } = await import('@azure/identity');
  const { clientId } = connection;
  const credential = new ManagedIdentityCredential(clientId === undefined ? {} : { clientId });
  return new Client(connection.serviceUri, credential, options);
}

export function encode(text: string, { isBase64 }: QueueConfig): string {
  return isBase64 ? Buffer.from(text).toString('base64') : text;
}

export function decode(text: string, { isBase64 }: QueueConfig): string {
  return isBase64 ? Buffer.from(text, 'base64').toString() : text;
}
