// GET page: the status page. Open, because it holds no data.
import { registerEndpoint } from '../../entry/endpoint.ts';

registerEndpoint('show-page', {
  methods: ['GET'],
  route: 'page',
  role: 'anyone',
  isAnsweredWithoutSettings: true,
  handle: async (call) => (await import('../../entry/handlers.ts')).showPage(call),
});
