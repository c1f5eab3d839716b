// Event Grid: a version of a secret was created, nears its expiry, or has expired. A hint: pass over its account.
import { app } from '@azure/functions';

app.eventGrid('on-secret-event', {
  handler: async (event: unknown, context) => (await import('../entry/handlers.ts')).handleEvent(event, context),
});
