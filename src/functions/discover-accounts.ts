// The timer that searches subscriptions for tagged accounts. Translates in and out, decides nothing.
import { app, type InvocationContext } from '@azure/functions';

app.timer('discover-accounts', {
  schedule: '%DISCOVERY_SCHEDULE%',
  handler: async (_timer, context: InvocationContext) => {
    const { runDiscovery } = await import('../entry/handlers.ts');
    await runDiscovery(context);
  },
});
