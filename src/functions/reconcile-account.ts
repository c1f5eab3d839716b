// The queue: a pass over each account of a message from the timer. Translates in and out, decides nothing.
import { app, type InvocationContext } from '@azure/functions';
import { RECONCILE_QUEUE } from '../entry/queues.ts';

app.storageQueue('reconcile-account', {
  ...RECONCILE_QUEUE,
  handler: async (message: unknown, context: InvocationContext) => {
    const { runQueuedPass } = await import('../entry/handlers.ts');
    await runQueuedPass(message, context);
  },
});
