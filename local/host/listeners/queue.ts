// Runs one function for each message of a Storage queue, in batches, as the real host does. A message is deleted when
// its function has ended well. Otherwise it comes again, and after too many attempts it goes to the poison queue.
// It must not interpret a message.
import type { DequeuedMessageItem, QueueClient, QueueServiceClient } from '@azure/storage-queue';
import type { RegisteredFunction } from '../app/app-registry.ts';
import type { Invoker } from '../app/invoke.ts';
import { messageOf } from '../host-error.ts';
import { type HostLog, logSystem } from '../log.ts';
import type { RpcTypedData } from '../rpc.ts';
import type { QueueConfig } from '../settings.ts';
import { addressOf, decode, openQueues, type QueueAddress } from '../storage-queues.ts';
import { type StorageWatch, statusOf } from '../storage-watch.ts';
import type { ListenerFactory, TriggerListener } from './trigger.ts';

/** A message in work is hidden from other readers for this long. */
const HIDDEN_SECONDS = 600;
const SHORTEST_POLL_MS = 100;

export function queueListeners(config: QueueConfig): ListenerFactory {
  return (fn, { invoker, log, settings, watch }) =>
    new QueueListener({ fn, invoker, log, watch, config, address: addressOf(fn.trigger, settings) });
}

interface QueueListenerOptions {
  readonly fn: RegisteredFunction;
  readonly invoker: Invoker;
  readonly log: HostLog;
  readonly watch: StorageWatch;
  readonly config: QueueConfig;
  readonly address: QueueAddress;
}

class QueueListener implements TriggerListener {
  readonly #options: QueueListenerOptions;
  readonly #abort = new AbortController();
  readonly #working = new Set<Promise<void>>();
  #polling: Promise<void> = Promise.resolve();
  #isUnreachable = false;

  constructor(options: QueueListenerOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#polling = this.#poll(resolve).catch((error: unknown) => {
        const { log, fn } = this.#options;
        logSystem(log, 'error', `The listener for '${fn.name}' has ended: ${messageOf(error)}`, fn.name);
        resolve();
      });
    });
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#polling;
    await Promise.all([...this.#working]);
  }

  /** Calls `met` when storage has answered for the first time. */
  async #poll(met: () => void): Promise<void> {
    const { address, config } = this.#options;
    const queues = await openQueues(address);
    let waitMs = SHORTEST_POLL_MS;
    while (!this.#abort.signal.aborted) {
      if (this.#working.size > config.newBatchThreshold) {
        await Promise.race(this.#working);
        continue;
      }
      const messages = await this.#receive(queues.getQueueClient(address.queueName), met);
      for (const message of messages) this.#take(queues, message);
      if (messages.length > 0) waitMs = SHORTEST_POLL_MS;
      else {
        await pause(waitMs, this.#abort.signal);
        waitMs = Math.min(2 * waitMs, config.maxPollingIntervalMs);
      }
    }
  }

  /** Empty when the queue does not exist yet, or storage cannot be reached. The log says the latter once. */
  async #receive(queue: QueueClient, met: () => void): Promise<readonly DequeuedMessageItem[]> {
    const { watch } = this.#options;
    try {
      const { receivedMessageItems } = await queue.receiveMessages({
        numberOfMessages: this.#options.config.batchSize,
        visibilityTimeout: HIDDEN_SECONDS,
        abortSignal: this.#abort.signal,
      });
      this.#isUnreachable = false;
      watch.answered('queues');
      met();
      return receivedMessageItems;
    } catch (error) {
      if (this.#abort.signal.aborted) return [];
      watch.failed('queues', error);
      if (statusOf(error) !== undefined) met();
      if (statusOf(error) !== 404 && !this.#isUnreachable) {
        this.#isUnreachable = true;
        const { log, fn, address } = this.#options;
        logSystem(log, 'warning', `The queue '${address.queueName}' cannot be read: ${messageOf(error)}`, fn.name);
      }
      return [];
    }
  }

  #take(queues: QueueServiceClient, message: DequeuedMessageItem): void {
    const { log, fn } = this.#options;
    const work = this.#work(queues, message)
      .catch((error: unknown) => {
        logSystem(log, 'error', `The message ${message.messageId} comes again: ${messageOf(error)}`, fn.name);
      })
      .finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  async #work(queues: QueueServiceClient, message: DequeuedMessageItem): Promise<void> {
    const { fn, invoker, config, address, log } = this.#options;
    const queue = queues.getQueueClient(address.queueName);
    const { messageId, popReceipt, messageText, dequeueCount } = message;
    const data = { string: decode(messageText, config) };
    const outcome =
      dequeueCount > config.maxDequeueCount
        ? undefined
        : await invoker.invoke(fn, { data, metadata: metadataOf(message, data) });
    if (outcome?.status !== 'succeeded' && dequeueCount < config.maxDequeueCount) {
      const seconds = Math.round(config.visibilityTimeoutMs / 1000);
      await queue.updateMessage(messageId, popReceipt, messageText, seconds);
      return;
    }
    if (outcome?.status !== 'succeeded') {
      const poison = queues.getQueueClient(`${address.queueName}-poison`);
      await poison.createIfNotExists();
      await poison.sendMessage(messageText);
      const sentence = `Message has reached MaxDequeueCount of ${config.maxDequeueCount}. Moving message to queue '${poison.name}'.`;
      logSystem(log, 'error', sentence, fn.name);
    }
    await queue.deleteMessage(messageId, popReceipt);
  }
}

function metadataOf(message: DequeuedMessageItem, data: RpcTypedData): Readonly<Record<string, RpcTypedData>> {
  const json = (value: unknown): RpcTypedData => ({ json: JSON.stringify(value) });
  return {
    QueueTrigger: data,
    DequeueCount: json(message.dequeueCount),
    ExpirationTime: json(message.expiresOn),
    Id: { string: message.messageId },
    InsertionTime: json(message.insertedOn),
    NextVisibleTime: json(message.nextVisibleOn),
    PopReceipt: { string: message.popReceipt },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
