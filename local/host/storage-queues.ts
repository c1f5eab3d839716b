// Storage queues as the host's trigger and output bindings reach them: by the name of a connection setting, messages in
// base64 unless host.json says otherwise. It must not run functions. The library is loaded by the first binding that needs it.
import type { QueueServiceClient } from '@azure/storage-queue';
import type { RpcBindingInfo } from './rpc.ts';
import { expandSettings, type Settings } from './settings.ts';

/** `extensions.queues` of host.json; spans in milliseconds. */
export interface QueueConfig {
  readonly batchSize: number;
  /** A further batch is fetched when no more than this many messages are being worked on. */
  readonly newBatchThreshold: number;
  readonly maxDequeueCount: number;
  /** How long a message that has failed stays unseen. */
  readonly visibilityTimeoutMs: number;
  readonly maxPollingIntervalMs: number;
  readonly isBase64: boolean;
}

/** Where a binding's messages are. */
export interface QueueAddress {
  readonly queueName: string;
  readonly connectionString: string;
}

/** Throws with a sentence when the binding cannot be served. */
export function addressOf(binding: RpcBindingInfo, settings: Settings): QueueAddress {
  const { queueName, connection } = binding;
  const name = expandSettings(typeof queueName === 'string' ? queueName : '', settings);
  if (!name.isResolved) throw new Error(`'%${name.missing}%' does not resolve to a value.`);
  const setting = typeof connection === 'string' && connection !== '' ? connection : 'AzureWebJobsStorage';
  const connectionString = settings[setting] ?? '';
  if (connectionString === '') throw new Error(`The storage connection '${setting}' is not set.`);
  return { queueName: name.text, connectionString };
}

/** No retries: whoever polls comes again, whoever sends is told. */
export async function openQueues({ connectionString }: QueueAddress): Promise<QueueServiceClient> {
  const { QueueServiceClient: Client } = await import('@azure/storage-queue');
  return Client.fromConnectionString(connectionString, { retryOptions: { maxTries: 1, tryTimeoutInMs: 30_000 } });
}

export function encode(text: string, { isBase64 }: QueueConfig): string {
  return isBase64 ? Buffer.from(text).toString('base64') : text;
}

export function decode(text: string, { isBase64 }: QueueConfig): string {
  return isBase64 ? Buffer.from(text, 'base64').toString() : text;
}
