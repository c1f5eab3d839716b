// Event Grid: somebody called regenerateKey. A hint: pass over its account, which repairs what was done by hand.
import { app } from '@azure/functions';

app.eventGrid('on-key-regenerated', {
  handler: async (event: unknown, context) => (await import('../entry/handlers.ts')).handleEvent(event, context),
});
