// Which kind of credentials callers need, read from the environment alone, before the settings are valid.
import { expect, it } from 'vitest';
import { authorizationOf } from '../../src/config/authorization.ts';

it.each([
  [{}, 'functionKey'],
  [{ AUTHORIZATION: 'functionKey' }, 'functionKey'],
  [{ AUTHORIZATION: ' entra ' }, 'entra'],
  [{ AUTHORIZATION: 'Entra' }, 'functionKey'],
  [{ AUTHORIZATION: 'anonymous' }, 'functionKey'],
])('with %j asks for %s', (env, authorization) => {
  expect(authorizationOf(env)).toBe(authorization);
});
