// GET accounts, accounts/{account}, accounts/{account}/history, accounts/{account}/requests/{id}: what is known.
import { registerEndpoint } from '../http/endpoint.ts';

registerEndpoint('show-status', {
  methods: ['GET'],
  route: 'accounts/{account?}/{view?}/{id?}',
  role: 'Rotation.Read',
  handle: async (call) => (await import('../http/requests.ts')).show(call),
});
