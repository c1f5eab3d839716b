// POST accounts/{account}/check: probes everything, changes nothing.
import { registerEndpoint } from '../http/endpoint.ts';

registerEndpoint('check-connectivity', {
  methods: ['POST'],
  route: 'accounts/{account}/check',
  role: 'Rotation.Check',
  handle: async (call) => (await import('../http/requests.ts')).check(call),
});
