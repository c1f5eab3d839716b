// POST freeze: stops the rotations of all accounts. Decides nothing.
import { registerEndpoint } from '../../entry/endpoint.ts';

registerEndpoint('freeze-fleet', {
  methods: ['POST'],
  route: 'freeze',
  role: 'Rotation.Operate',
  handle: async (call) => (await import('../../entry/validating-handlers.ts')).freeze(call),
});
