// Registers an HTTP function with the host.
// It must not decide anything about accounts. It loads only the programming model: a throw while entry files load would
// leave the app without functions.
import { app } from '@azure/functions';
import { authorizationOf } from '../config/authorization.ts';
import type { Access, Endpoint } from '../http/call.ts';

const registered = new Map<string, Endpoint>();

/** Every endpoint of this process by the name of its function. */
export function registeredEndpoints(): ReadonlyMap<string, Endpoint> {
  return registered;
}

export function registerEndpoint(name: string, endpoint: Endpoint): void {
  registered.set(name, endpoint);
  // The host fixes this when it indexes the app, so a function that cannot fail reads this one setting at start. Each
  // call is checked against the same setting: an open route without our own check cannot exist.
  const authorization = authorizationOf(process.env);
  app.http(name, {
    methods: [...endpoint.methods],
    route: endpoint.route,
    authLevel: authorization === 'entra' || isOpen(endpoint.role) ? 'anonymous' : 'function',
    handler: async (request, context) => {
      const { answerCall } = await import('./handlers.ts');
      return answerCall(endpoint, { authorization, environment: process.env }, request, context);
    },
  });
}

function isOpen(role: Access): boolean {
  return role === 'anyone' || role === 'caller';
}
