// POST accounts/{account}/acknowledgements: a consumer's word that it uses a version. Decides nothing.
import { registerEndpoint } from '../../entry/endpoint.ts';

registerEndpoint('acknowledge-key', {
  methods: ['POST'],
  route: 'accounts/{account}/acknowledgements',
  role: 'Rotation.Acknowledge',
  handle: async (call) => (await import('../../entry/validating-handlers.ts')).acknowledgeKey(call),
});
