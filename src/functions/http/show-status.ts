// GET accounts, accounts/{account}, accounts/{account}/history, accounts/{account}/requests,
// accounts/{account}/requests/{id}: the known state.
import { registerEndpoint } from '../../entry/endpoint.ts';

registerEndpoint('show-status', {
  methods: ['GET'],
  route: 'accounts/{account?}/{view?}/{id?}',
  role: 'Rotation.Read',
  readsQuery: true,
  handle: async (call) => (await import('../../entry/validating-handlers.ts')).show(call),
});
