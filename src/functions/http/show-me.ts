// GET me: who the caller is, and what the caller may do.
import { registerEndpoint } from '../../entry/endpoint.ts';

registerEndpoint('show-me', {
  methods: ['GET'],
  route: 'me',
  role: 'caller',
  isAnsweredWithoutSettings: true,
  handle: async (call) => (await import('../../entry/handlers.ts')).showMe(call),
});
