// GET page: the status page. Open, because it holds no data.
import { registerEndpoint } from '../http/endpoint.ts';

registerEndpoint('show-page', {
  methods: ['GET'],
  route: 'page',
  role: 'anyone',
  isAnsweredWithoutSettings: true,
  handle: async (call) => (await import('../handlers.ts')).showPage(call),
});
