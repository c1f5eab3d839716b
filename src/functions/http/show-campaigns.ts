// GET campaigns, campaigns/{id}: the progress of campaigns.
import { registerEndpoint } from '../../entry/endpoint.ts';

registerEndpoint('show-campaigns', {
  methods: ['GET'],
  route: 'campaigns/{id?}',
  role: 'Rotation.Read',
  readsQuery: true,
  handle: async (call) => (await import('../../entry/validating-handlers.ts')).showCampaigns(call),
});
