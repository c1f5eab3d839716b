// Who checks callers: the host's function keys, or our own check behind App Service authentication.
// It must not import anything: entry files call it while they load, before anything else may be read or may throw.

export const AUTHORIZATIONS = ['functionKey', 'entra'] as const;
export type Authorization = (typeof AUTHORIZATIONS)[number];

/**
 * Total: anything but `entra` is `functionKey`, so that a typing error leaves the routes closed.
 * `parseSettings` reports the typing error.
 */
export function authorizationOf(env: Readonly<Record<string, string | undefined>>): Authorization {
  return env['AUTHORIZATION']?.trim() === 'entra' ? 'entra' : 'functionKey';
}
