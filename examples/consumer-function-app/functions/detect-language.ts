// GET detect?text=…: detects a language with the key in use.
import { app } from '@azure/functions';

app.http('detect-language', {
  methods: ['GET'],
  route: 'detect',
  authLevel: 'function',
  handler: async (request) => {
    const { getConsumer, setting } = await import('../consumer.ts');
    const { detectLanguage, languageIn } = await import('../../detect-language.ts');
    const text = request.query.get('text') ?? '';
    if (text === '') return { status: 400, body: 'Say which text: ?text=…' };
    const consumer = getConsumer();
    const response = await consumer.withKey((key) => detectLanguage(setting('ENDPOINT'), key, text));
    const { version } = await consumer.current();
    return { status: response.ok ? 200 : 502, jsonBody: { language: await languageIn(response), version } };
  },
});
