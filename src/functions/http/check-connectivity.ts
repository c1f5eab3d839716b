// POST accounts/{account}/check: probes everything, changes nothing.
import { registerEndpoint } from '../../entry/endpoint.ts';

registerEndpoint('check-connectivity', {
  methods: ['POST'],
  route: 'accounts/{account}/check',
  role: 'Rotation.Check',
  handle: async (call) => (await import('../../entry/validating-handlers.ts')).check(call),
});
