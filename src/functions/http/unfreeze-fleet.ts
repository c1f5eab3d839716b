// POST unfreeze: ends the freeze. Decides nothing.
import { registerEndpoint } from '../../entry/endpoint.ts';

registerEndpoint('unfreeze-fleet', {
  methods: ['POST'],
  route: 'unfreeze',
  role: 'Rotation.Operate',
  handle: async (call) => (await import('../../entry/validating-handlers.ts')).unfreeze(call),
});
