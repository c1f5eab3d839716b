// GET detect?text=…: detects a language with the key in use.
import { app } from '@azure/functions';

app.http('detect-language', {
  methods: ['GET'],
  route: 'detect',
  authLevel: 'function',
  handler: async (request) => {
    const { getConsumer } = await import('../consumer.ts');
    const { detectLanguage, languageIn } = await import('../../detect-language.ts');
    const text = request.query.get('text') ?? '';
    if (text === '') return { status: 400, body: 'Say which text: ?text=…' };
    const endpoint = process.env['ENDPOINT'] ?? '';
    const response = await getConsumer().withKey((key) => detectLanguage(endpoint, key, text));
    return { status: response.ok ? 200 : 502, body: await languageIn(response) };
  },
});
