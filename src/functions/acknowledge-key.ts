// POST accounts/{account}/acknowledgements: a consumer's word that it uses a version. Decides nothing.
import { registerEndpoint } from '../http/endpoint.ts';

registerEndpoint('acknowledge-key', {
  methods: ['POST'],
  route: 'accounts/{account}/acknowledgements',
  role: 'Rotation.Acknowledge',
  handle: async (call) => (await import('../http/requests.ts')).acknowledgeKey(call),
});
