// POST campaigns, campaigns/{id}/{pause|resume|abort}: a rotation of many accounts, in rings. Decides nothing.
import { registerEndpoint } from '../http/endpoint.ts';

registerEndpoint('request-campaign', {
  methods: ['POST'],
  route: 'campaigns/{id?}/{operation?}',
  role: 'Rotation.Operate',
  handle: async (call) => (await import('../http/requests.ts')).requestCampaign(call),
});
