// GET health: whether the timer runs, and which accounts need an operator.
import { registerEndpoint } from '../../entry/endpoint.ts';

registerEndpoint('show-health', {
  methods: ['GET'],
  route: 'health',
  role: 'Rotation.Read',
  handle: async (call) => (await import('../../entry/handlers.ts')).showHealth(call),
});
