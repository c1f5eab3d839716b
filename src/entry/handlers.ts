// The handlers of the functions, as one module that entry files import at their first call and not before. One module,
// because each file that a process loads costs about as much as a hundred kilobytes of code in one file. It must hold
// only the app, and nothing that imports an SDK. Handlers that validate requests are in `validating-handlers.ts`.
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { answer } from '../http/answer.ts';
import type { Doorway } from '../http/authorize.ts';
import type { Endpoint } from '../http/call.ts';
import * as delivery from '../triggers/delivery.ts';
import * as discovery from '../triggers/discovery.ts';
import * as event from '../triggers/event.ts';
import * as queue from '../triggers/queue.ts';
import type { QueuedAccounts } from '../triggers/queue-batches.ts';
import * as tick from '../triggers/tick.ts';
import { getApp } from './app.ts';

export { showHealth } from '../http/handlers/health.ts';
export { showMe } from '../http/handlers/me.ts';
export { showPage } from '../http/handlers/page.ts';

export function answerCall(
  endpoint: Endpoint,
  doorway: Doorway,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  return answer(getApp, endpoint, doorway, request, context);
}

export function runTick(context: InvocationContext): Promise<readonly QueuedAccounts[]> {
  return tick.runTick(getApp(), context);
}

export function runQueuedPass(message: unknown, context: InvocationContext): Promise<void> {
  return queue.runQueuedPass(getApp(), message, context);
}

export function handleEvent(received: unknown, context: InvocationContext): Promise<void> {
  return event.handleEvent(getApp(), received, context);
}

export function runDiscovery(context: InvocationContext): Promise<void> {
  return discovery.runDiscovery(getApp(), context);
}

export function runDelivery(context: InvocationContext): Promise<void> {
  return delivery.runDelivery(getApp(), context);
}
