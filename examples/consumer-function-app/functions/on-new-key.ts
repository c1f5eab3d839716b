// Event Grid: a version of the secret was created. Takes the new key into use.
import { app } from '@azure/functions';

app.eventGrid('on-new-key', {
  handler: async (event: unknown, context) => {
    const { getConsumer } = await import('../consumer.ts');
    await getConsumer().notify(event);
    context.info(`in use: version ${(await getConsumer().current()).version}`);
  },
});
