// POST accounts/validate: reads documents of accounts as the service would; writes nothing.
import { registerEndpoint } from '../../entry/endpoint.ts';

registerEndpoint('validate-accounts', {
  methods: ['POST'],
  route: 'accounts/validate',
  role: 'Rotation.Read',
  handle: async (call) => (await import('../../entry/validating-handlers.ts')).validateAccounts(call),
});
