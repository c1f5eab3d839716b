// Sends the queue outputs of a function that has ended well: one message per element of a list.
// It must not send anything for a failed function. A message that cannot be sent makes the invocation fail.

import type { RpcInvocationResponse, RpcTypedData } from '../rpc.ts';
import type { QueueConfig, Settings } from '../settings.ts';
import { addressOf, encode, openQueues } from '../storage-queues.ts';
import type { RegisteredFunction } from './app-registry.ts';

/** Delivers an invocation's outputs; rejects when one cannot be delivered. */
export type OutputSender = (fn: RegisteredFunction, response: RpcInvocationResponse) => Promise<void>;

/** Texts as they are, everything else as JSON. */
function messagesOf(data: RpcTypedData): readonly string[] {
  if (data.json === undefined) return data.string === undefined ? [] : [data.string];
  const value: unknown = JSON.parse(data.json);
  if (value === null) return [];
  const elements: readonly unknown[] = Array.isArray(value) ? value : [value];
  return elements.map((element) => (typeof element === 'string' ? element : JSON.stringify(element)));
}

export function createQueueOutput(config: QueueConfig, settings: Settings): OutputSender {
  return async (fn, { outputData }) => {
    for (const { name, data } of outputData ?? []) {
      const binding = fn.metadata.bindings[name];
      if (binding?.type?.toLowerCase() !== 'queue') continue;
      const messages = messagesOf(data);
      if (messages.length === 0) continue;
      const address = addressOf(binding, settings);
      const queue = (await openQueues(address)).getQueueClient(address.queueName);
      await queue.createIfNotExists();
      for (const message of messages) await queue.sendMessage(encode(message, config));
    }
  };
}
