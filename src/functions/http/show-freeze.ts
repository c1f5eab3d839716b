// GET freeze: whether all rotations are frozen, and who has set that.
import { registerEndpoint } from '../../entry/endpoint.ts';

registerEndpoint('show-freeze', {
  methods: ['GET'],
  route: 'freeze',
  role: 'Rotation.Read',
  handle: async (call) => (await import('../../entry/validating-handlers.ts')).showFreeze(call),
});
