// GET campaigns, campaigns/{id}: how far they got.
import { registerEndpoint } from '../entry/endpoint.ts';

registerEndpoint('show-campaigns', {
  methods: ['GET'],
  route: 'campaigns/{id?}',
  role: 'Rotation.Read',
  handle: async (call) => (await import('../entry/validating-handlers.ts')).showCampaigns(call),
});
