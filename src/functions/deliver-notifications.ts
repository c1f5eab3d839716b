// The timer that delivers notifications, each minute. It returns at once if no receiver is configured.
import { app, type InvocationContext } from '@azure/functions';

app.timer('deliver-notifications', {
  schedule: '0 * * * * *',
  handler: async (_timer, context: InvocationContext) => {
    const { runDelivery } = await import('../entry/handlers.ts');
    await runDelivery(context);
  },
});
