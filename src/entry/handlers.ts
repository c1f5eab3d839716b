// What the functions do when they are called, as one module: entry files import it at their first call and not before.
// One, because each file that a process loads costs about as much as a hundred kilobytes of code in one of them. It must
// hold nothing itself, and nothing that imports an SDK; what validates requests is in `http/requests.ts`.
export { getApp } from '../compose.ts';
export { runDiscovery } from '../fleet/discovery/search.ts';
export { authorize } from '../http/authorize.ts';
export { asProblem, refuseOtherSites, requireSettings } from '../http/guard.ts';
export { showHealth } from '../http/health.ts';
export { showMe } from '../http/me.ts';
export { showPage } from '../http/page.ts';
export { runDelivery } from '../triggers/delivery.ts';
export { handleEvent } from '../triggers/event.ts';
export { runQueuedPass } from '../triggers/queue.ts';
export { runTick } from '../triggers/tick.ts';
