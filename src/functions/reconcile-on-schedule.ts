// The timer: a pass over each account that is due; what is too much for one invocation goes to the queue. Decides nothing.
import { app, type InvocationContext, output } from '@azure/functions';

/** Worked off by `reconcile-account`. */
const rest = output.storageQueue({ queueName: 'key-rotation-reconcile', connection: 'AzureWebJobsStorage' });

app.timer('reconcile-on-schedule', {
  schedule: '%RECONCILE_SCHEDULE%',
  extraOutputs: [rest],
  handler: async (_timer, context: InvocationContext) => {
    const { runTick } = await import('../entry/handlers.ts');
    const messages = await runTick(context);
    if (messages.length > 0) context.extraOutputs.set(rest, messages);
  },
});
