// Event Grid: regenerateKey was called. A hint: the pass over its account repairs changes made by hand.
import { app } from '@azure/functions';

app.eventGrid('on-key-regenerated', {
  handler: async (event: unknown, context) => (await import('../entry/handlers.ts')).handleEvent(event, context),
});
