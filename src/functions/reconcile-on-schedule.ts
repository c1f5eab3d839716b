// The timer: a pass over each account that is due. Translates in and out, decides nothing.
import { app, type InvocationContext } from '@azure/functions';

app.timer('reconcile-on-schedule', {
  schedule: '%RECONCILE_SCHEDULE%',
  handler: async (_timer, context: InvocationContext) => {
    const { runTick } = await import('../service/tick.ts');
    await runTick(context);
  },
});
