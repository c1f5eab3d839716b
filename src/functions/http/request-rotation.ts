// POST accounts/{account}/{rotate|rollback|approve|pause|resume}: requests of operators. Decides nothing.
import { registerEndpoint } from '../../entry/endpoint.ts';

registerEndpoint('request-rotation', {
  methods: ['POST'],
  route: 'accounts/{account}/{operation}',
  role: 'Rotation.Operate',
  handle: async (call) => (await import('../../entry/validating-handlers.ts')).operate(call),
});
