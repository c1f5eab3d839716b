// POST accounts/{account}/requests/{id}/withdraw: ends a request that nothing was done for. Decides nothing.
import { registerEndpoint } from '../../entry/endpoint.ts';

registerEndpoint('withdraw-request', {
  methods: ['POST'],
  route: 'accounts/{account}/requests/{id}/withdraw',
  role: 'Rotation.Operate',
  handle: async (call) => (await import('../../entry/validating-handlers.ts')).withdrawRequest(call),
});
