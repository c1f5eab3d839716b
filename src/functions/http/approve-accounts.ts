// POST accounts/approve: approves the first rotation of many accounts. Decides nothing.
import { registerEndpoint } from '../../entry/endpoint.ts';

registerEndpoint('approve-accounts', {
  methods: ['POST'],
  route: 'accounts/approve',
  role: 'Rotation.Operate',
  handle: async (call) => (await import('../../entry/validating-handlers.ts')).approveAccounts(call),
});
