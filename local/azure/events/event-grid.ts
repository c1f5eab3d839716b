// Delivers events as Event Grid does: a handshake for each subscription, at least once, in either schema, and again
// after a refusal for a bounded time. Knobs lose, duplicate and reorder events. It must not interpret an event.
import { randomUUID } from 'node:crypto';
import type { EventSchema, EventSubscription, LocalEvents } from '../local-azure.ts';

export interface LocalEvent {
  /** ARM id of the vault or subscription. */
  readonly topic: string;
  readonly subject: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly dataVersion: string;
}

const ATTEMPTS_MAXIMUM = 6;
const BACK_OFF_MS = 400;
const TIMEOUT_MS = 30_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Hides the key of a Functions host: it is part of the webhook's address and must not appear in an error. */
function withoutKey(endpoint: string): string {
  return endpoint.replace(/([?&]code=)[^&]*/, '$1…');
}

function isAbout({ topic, subject }: LocalEvent, source: string): boolean {
  const around = source.toLowerCase();
  return topic.toLowerCase() === around || subject.toLowerCase().startsWith(`${around}/`);
}

export class EventGrid implements LocalEvents {
  readonly knobs = { lose: 0, duplicate: 0, delayMs: 0 };
  readonly #subscriptions = new Set<EventSubscription>();
  readonly #end = new AbortController();
  readonly #now: () => number;
  #published = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  async subscribe(subscription: EventSubscription): Promise<() => void> {
    try {
      await this.#shakeHands(subscription);
    } catch (cause) {
      if (!(cause instanceof DOMException && cause.name === 'TimeoutError')) throw cause;
      const seconds = HANDSHAKE_TIMEOUT_MS / 1_000;
      throw new Error(
        `The endpoint ${withoutKey(subscription.endpoint)} did not answer the handshake in ${seconds} seconds.`,
        {
          cause,
        },
      );
    }
    this.#subscriptions.add(subscription);
    return () => void this.#subscriptions.delete(subscription);
  }

  publish(event: LocalEvent): void {
    this.#published++;
    for (const subscription of this.#subscriptions) {
      if (!subscription.types.includes(event.type)) continue;
      const { operationNames, source } = subscription;
      if (source !== undefined && !isAbout(event, source)) continue;
      const { operationName } = event.data;
      if (operationNames?.some((name) => name === operationName) === false) continue;
      if (this.knobs.lose > 0 && this.#published % this.knobs.lose === 0) continue;
      const copies = this.knobs.duplicate > 0 && this.#published % this.knobs.duplicate === 0 ? 2 : 1;
      // Every other event is late, so that events arrive out of order.
      const delayMs = this.#published % 2 === 0 ? this.knobs.delayMs : 0;
      const body = this.#bodyOf(subscription.schema, event);
      for (let copy = 0; copy < copies; copy++) void this.#deliver(subscription, body, delayMs);
    }
  }

  close(): void {
    this.#subscriptions.clear();
    this.#end.abort();
  }

  #bodyOf(schema: EventSchema, { topic, subject, type, data, dataVersion }: LocalEvent): string {
    const id = randomUUID();
    const time = new Date(this.#now()).toISOString();
    return schema === 'cloudEvents'
      ? JSON.stringify({ id, source: topic, subject, type, time, specversion: '1.0', data })
      : JSON.stringify([
          { id, topic, subject, eventType: type, eventTime: time, data, dataVersion, metadataVersion: '1' },
        ]);
  }

  async #deliver({ endpoint, schema }: EventSubscription, body: string, delayMs: number): Promise<void> {
    const contentType = schema === 'cloudEvents' ? 'application/cloudevents+json; charset=utf-8' : 'application/json';
    for (let attempt = 0; attempt < ATTEMPTS_MAXIMUM && !this.#end.signal.aborted; attempt++) {
      await this.#pause(attempt === 0 ? delayMs : BACK_OFF_MS * 2 ** (attempt - 1));
      const headers = {
        'Content-Type': contentType,
        'aeg-event-type': 'Notification',
        'aeg-delivery-count': String(attempt),
      };
      if (await this.#send(endpoint, headers, body)) return;
    }
  }

  async #send(endpoint: string, headers: Readonly<Record<string, string>>, body: string): Promise<boolean> {
    try {
      const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(TIMEOUT_MS)]);
      const response = await fetch(endpoint, { method: 'POST', headers, body, signal });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      // Not reached, or too slow: sent again, as after a refusal.
      return false;
    }
  }

  async #shakeHands({ endpoint, schema }: EventSubscription): Promise<void> {
    const signal = AbortSignal.timeout(HANDSHAKE_TIMEOUT_MS);
    if (schema === 'cloudEvents') {
      const headers = { 'WebHook-Request-Origin': 'eventgrid.azure.net', 'WebHook-Request-Rate': '120' };
      const response = await fetch(endpoint, { method: 'OPTIONS', headers, signal });
      const origin = response.headers.get('webhook-allowed-origin');
      if (response.status === 200 && (origin === '*' || origin === 'eventgrid.azure.net')) return;
      throw new Error(`The endpoint ${withoutKey(endpoint)} did not answer the handshake (${response.status}).`);
    }
    const validationCode = randomUUID();
    const event = {
      id: randomUUID(),
      topic: '/subscriptions/local',
      subject: '',
      eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      eventTime: new Date(this.#now()).toISOString(),
      data: { validationCode, validationUrl: 'https://localhost/validate' },
      dataVersion: '2',
      metadataVersion: '1',
    };
    const headers = { 'Content-Type': 'application/json', 'aeg-event-type': 'SubscriptionValidation' };
    const response = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify([event]), signal });
    const answer = (await response.json().catch(() => undefined)) as { validationResponse?: string } | undefined;
    if (response.status === 200 && answer?.validationResponse === validationCode) return;
    throw new Error(`The endpoint ${withoutKey(endpoint)} did not answer the handshake (${response.status}).`);
  }

  #pause(ms: number): Promise<void> {
    if (ms === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      this.#end.signal.addEventListener('abort', done, { once: true });
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
    });
  }
}
