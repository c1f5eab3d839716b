// Event Grid: a version of the secret was created. Takes the new key into use and calls with it.
import { app } from '@azure/functions';

app.eventGrid('on-new-key', {
  handler: async (event: unknown, context) => {
    const { getConsumer, setting } = await import('../consumer.ts');
    const { detectLanguage } = await import('../../detect-language.ts');
    const consumer = getConsumer();
    await consumer.notify(event);
    const { version } = await consumer.current();
    const { status } = await consumer.withKey((key) => detectLanguage(setting('ENDPOINT'), key, 'Hallo Welt'));
    context.info(`in use: version ${version}, answered with ${status}`);
  },
});
