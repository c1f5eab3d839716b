// POST campaigns, campaigns/{id}/{pause|resume|abort}: a rotation of many accounts, in rings. Decides nothing.
import { registerEndpoint } from '../../entry/endpoint.ts';

registerEndpoint('request-campaign', {
  methods: ['POST'],
  route: 'campaigns/{id?}/{operation?}',
  role: 'Rotation.Operate',
  handle: async (call) => (await import('../../entry/validating-handlers.ts')).requestCampaign(call),
});
