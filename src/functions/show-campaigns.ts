// GET campaigns, campaigns/{id}: how far they got.
import { registerEndpoint } from '../http/endpoint.ts';

registerEndpoint('show-campaigns', {
  methods: ['GET'],
  route: 'campaigns/{id?}',
  role: 'Rotation.Read',
  handle: async (call) => (await import('../http/requests.ts')).showCampaigns(call),
});
