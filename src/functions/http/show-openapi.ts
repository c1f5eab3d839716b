// GET openapi.json: the HTTP surface, described from the schemas that validate it.
import { registerEndpoint } from '../../entry/endpoint.ts';

registerEndpoint('show-openapi', {
  methods: ['GET'],
  route: 'openapi.json',
  role: 'Rotation.Read',
  isAnsweredWithoutSettings: true,
  handle: async (call) => (await import('../../http/contract/openapi.ts')).showOpenApi(call),
});
