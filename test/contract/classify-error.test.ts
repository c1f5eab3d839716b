// What becomes of each provider's refusal: the class that somebody must act on, and never a key.
import { inspect } from 'node:util';
import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { describe, expect, test } from 'vitest';
import { classifyError } from '../../src/azure/client/classify-error.ts';
import { RotationError } from '../../src/rotation/errors.ts';

interface Refusal {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** As the SDKs throw it: the parsed body in `details`, the status beside it. */
function restError({ status, body, headers = {} }: Refusal, message = 'The SDK says so.'): RestError {
  const request = createPipelineRequest({ url: 'https://service.test/' });
  const response = { status, request, headers: createHttpHeaders(headers), bodyAsText: JSON.stringify(body ?? null) };
  const error = new RestError(message, { statusCode: status, request, response });
  error.details = body;
  return error;
}

const arm = (code: string, message = 'x'): unknown => ({ error: { code, message } });
const vault = (code: string, inner?: string, message = 'x'): unknown => ({
  error: { code, message, ...(inner === undefined ? {} : { innerError: { code: inner } }) },
});
const problem = (name: string): unknown => ({ type: `https://azconfig.io/errors/${name}`, title: 'x', detail: 'y' });
const table = (code: string): unknown => ({ odataError: { code, message: { value: 'x' } } });

describe('the class of a refusal', () => {
  test.each([
    ['arm', { status: 401, body: arm('InvalidAuthenticationToken') }, 'Forbidden', 'InvalidAuthenticationToken'],
    ['arm', { status: 403, body: arm('AuthorizationFailed') }, 'Forbidden', 'AuthorizationFailed'],
    ['arm', { status: 404, body: arm('ResourceNotFound') }, 'NotFound', 'ResourceNotFound'],
    ['arm', { status: 400, body: arm('BadRequest') }, 'Misconfigured', 'BadRequest'],
    [
      'arm',
      { status: 400, body: arm('AccountProvisioningStateInvalid') },
      'Unavailable',
      'AccountProvisioningStateInvalid',
    ],
    ['arm', { status: 409, body: arm('RequestConflict') }, 'Unavailable', 'RequestConflict'],
    ['arm', { status: 409, body: arm('ScopeLocked') }, 'Misconfigured', 'ScopeLocked'],
    ['arm', { status: 429, body: arm('TooManyRequests') }, 'Throttled', 'TooManyRequests'],
    ['arm', { status: 500 }, 'Unavailable', undefined],
    ['keyVault', { status: 403, body: vault('Forbidden', 'ForbiddenByRbac') }, 'Forbidden', 'ForbiddenByRbac'],
    [
      'keyVault',
      { status: 409, body: vault('Conflict', 'ObjectIsDeletedButRecoverable') },
      'Misconfigured',
      'ObjectIsDeletedButRecoverable',
    ],
    [
      'keyVault',
      { status: 409, body: vault('Conflict', 'ObjectIsBeingDeleted') },
      'Unavailable',
      'ObjectIsBeingDeleted',
    ],
    ['keyVault', { status: 429, body: vault('Throttled') }, 'Throttled', 'Throttled'],
    ['appConfiguration', { status: 412 }, 'LostRace', undefined],
    ['appConfiguration', { status: 409, body: problem('key-locked') }, 'Misconfigured', 'key-locked'],
    ['appConfiguration', { status: 429, body: problem('too-many-requests') }, 'Throttled', 'too-many-requests'],
    ['table', { status: 412, body: table('UpdateConditionNotSatisfied') }, 'LostRace', 'UpdateConditionNotSatisfied'],
    ['table', { status: 409, body: table('EntityAlreadyExists') }, 'LostRace', 'EntityAlreadyExists'],
    ['table', { status: 404, body: table('TableNotFound') }, 'NotFound', 'TableNotFound'],
    ['table', { status: 503, body: table('ServerBusy') }, 'Unavailable', 'ServerBusy'],
    ['dataPlane', { status: 408 }, 'Unavailable', undefined],
  ] as const)('%s %o is %s', (service, refusal, code, providerCode) => {
    expect(classifyError(service, 'read', restError(refusal))).toMatchObject({
      code,
      service,
      operation: 'read',
      providerCode,
      status: refusal.status,
    });
  });

  test.each([
    ['a connection that was cut', new RestError('read ECONNRESET', { code: 'ECONNRESET' })],
    ['a call that took too long', Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' })],
    ['anything else', 'not even an error'],
  ])('%s is Unavailable', (_name, thrown) => {
    expect(classifyError('arm', 'regenerate', thrown)).toMatchObject({ code: 'Unavailable', status: undefined });
  });

  test('what is classified already stays as it is', () => {
    const error = new RotationError({ code: 'LostRace', service: 'core', operation: 'x', message: 'y' });
    expect(classifyError('arm', 'list', error)).toBe(error);
  });
});

describe('the delay that a service asks for', () => {
  const delayOf = (headers: Record<string, string>): number | undefined =>
    classifyError('arm', 'list', restError({ status: 429, headers })).retryAfterMs;

  test('is read in seconds, in milliseconds, or as a date', () => {
    expect(delayOf({ 'retry-after': '17' })).toBe(17_000);
    expect(delayOf({ 'retry-after-ms': '250', 'retry-after': '9' })).toBe(250);
    expect(delayOf({ 'x-ms-retry-after-ms': '40' })).toBe(40);
    expect(delayOf({ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' })).toBe(0);
  });

  test('is absent when it is not told or not understood', () => {
    expect(delayOf({})).toBeUndefined();
    expect(delayOf({ 'retry-after': 'soon' })).toBeUndefined();
    expect(delayOf({ 'retry-after': '-3' })).toBeUndefined();
  });
});

describe('the sentence names the remedy', () => {
  test.each([
    [
      'arm',
      'regenerate',
      { status: 403, body: arm('AuthorizationFailed') },
      'Microsoft.CognitiveServices/accounts/regenerateKey/action',
    ],
    [
      'keyVault',
      'publish',
      { status: 403, body: vault('Forbidden', 'ForbiddenByRbac') },
      'Microsoft.KeyVault/vaults/secrets/setSecret/action',
    ],
    ['keyVault', 'readNewest', { status: 403, body: vault('Forbidden', 'ForbiddenByFirewall') }, 'network rules'],
    [
      'keyVault',
      'publish',
      { status: 409, body: vault('Conflict', 'ObjectIsDeletedButRecoverable') },
      'recover the secret first',
    ],
    ['appConfiguration', 'writeFlag', { status: 409, body: problem('key-locked') }, 'unlock it'],
    [
      'arm',
      'list',
      { status: 400, body: arm('BadRequest', 'Failed to list key. disableLocalAuth is set to be true') },
      'key authentication is switched off',
    ],
    [
      'table',
      'write',
      { status: 403, body: table('AuthorizationPermissionMismatch') },
      'Storage Table Data Contributor',
    ],
  ] as const)('%s %s %o', (service, operation, refusal, remedy) => {
    expect(classifyError(service, operation, restError(refusal)).message).toContain(remedy);
  });
});

describe('no key gets into an error', () => {
  const KEY = '0123456789abcdef0123456789abcdef';
  const LONG_KEY = `${'a1'.repeat(26)}JQQJ99ALACYeBjFXJ3w3AAAAACOGabcd`;

  test.each([
    [
      'a body that the SDK could not parse and put into its message',
      restError({ status: 200 }, `Error while parsing - {"key1":"${KEY}",`),
    ],
    [
      'a provider that repeats the value',
      restError({ status: 400, body: vault('BadParameter', undefined, `bad value ${KEY}`) }),
    ],
    ['a longer key', restError({ status: 400, body: vault('BadParameter', undefined, `bad value ${LONG_KEY}`) })],
    ['an error of the transport', new RestError(`cannot send ${KEY}`, { code: 'ECONNRESET' })],
    ['an error of somebody else', new TypeError(`Invalid character in header: ${KEY}`)],
  ])('%s', (_name, thrown) => {
    const printed = inspect(classifyError('arm', 'list', thrown), { depth: 10, showHidden: true });
    expect(printed).toContain('arm list');
    expect(printed).not.toContain(KEY);
    expect(printed).not.toContain('JQQJ99');
  });
});
