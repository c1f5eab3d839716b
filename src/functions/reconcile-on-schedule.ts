// The timer: a pass over each account that is due. Accounts beyond one invocation go to the queue. Decides nothing.
import { app, type InvocationContext, output } from '@azure/functions';
import { RECONCILE_QUEUE } from '../entry/queues.ts';

const rest = output.storageQueue(RECONCILE_QUEUE);

app.timer('reconcile-on-schedule', {
  schedule: '%RECONCILE_SCHEDULE%',
  extraOutputs: [rest],
  handler: async (_timer, context: InvocationContext) => {
    const { runTick } = await import('../entry/handlers.ts');
    const messages = await runTick(context);
    if (messages.length > 0) context.extraOutputs.set(rest, messages);
  },
});
