// What each answer of the data plane says of the key, with the bodies that the real gateway sends.
import { describe, expect, test } from 'vitest';
import { judge, type ProbeContext } from '../../src/azure/data-plane/probe-verdict.ts';

const CONTEXT: ProbeContext = { isKeyAuthenticationOff: false };
const body = (code: unknown, message: string): string => JSON.stringify({ error: { code, message } });

const DENIED =
  'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.';

describe('the verdict on a key', () => {
  test.each([
    ['a good answer', 200, '{}', 'accepted', 'live'],
    ['an empty good answer', 204, '', 'accepted', 'live'],
    ['an invalid key', 401, body('401', DENIED), 'rejected', 'dead'],
    [
      'Translator, with a numeric code',
      401,
      body(401000, 'The request is not authorized because credentials are missing or invalid.'),
      'rejected',
      'dead',
    ],
    ['a 401 without a body', 401, '', 'rejected', 'dead'],
    ['the older Face', 401, body('Unspecified', 'Access denied due to invalid subscription key.'), 'rejected', 'dead'],
    [
      'a firewall',
      403,
      '{"error":{"code":"403","message": "Access denied due to Virtual Network/Firewall rules."}}',
      'inconclusive',
      'deniedByNetwork',
    ],
    [
      'no public access',
      403,
      'Public access is disabled. Please configure private endpoint.',
      'inconclusive',
      'deniedByNetwork',
    ],
    [
      'keys switched off',
      403,
      body('AuthenticationTypeDisabled', 'Key based authentication is disabled for this resource.'),
      'inconclusive',
      'keyAuthenticationOff',
    ],
    [
      'keys switched off, told as 401',
      401,
      body('AuthenticationTypeDisabled', 'x'),
      'inconclusive',
      'keyAuthenticationOff',
    ],
    [
      'a used up quota',
      403,
      body('403', 'Out of call volume quota for TextAnalytics F0 pricing tier. Please retry after 15 days.'),
      'accepted',
      'liveOutOfQuota',
    ],
    ['another 403', 403, body('403', 'Something else.'), 'inconclusive', 'notUnderstood'],
    ['an unknown path', 404, body('404', 'Resource not found'), 'inconclusive', 'wrongEndpoint'],
    ['a request that was not understood', 400, body('InvalidRequest', 'x'), 'inconclusive', 'notUnderstood'],
    ['a redirect', 302, '', 'inconclusive', 'notUnderstood'],
    ['a server error', 500, '', 'inconclusive', 'unreachable'],
    ['a busy server', 503, '<html>', 'inconclusive', 'unreachable'],
    ['a server that gave up', 408, '', 'inconclusive', 'unreachable'],
  ] as const)('%s (%i)', (_name, status, text, verdict, finding) => {
    expect(judge({ status, body: text }, CONTEXT)).toMatchObject({ status, verdict, finding });
  });

  test('a throttled call tells nothing of the key but when to come back', () => {
    expect(judge({ status: 429, body: '', retryAfterMs: 1_500 }, CONTEXT)).toEqual({
      verdict: 'inconclusive',
      finding: 'throttled',
      status: 429,
      detail: 'Too many requests; the service asks to wait 2 s.',
    });
  });

  test('a 401 says nothing when ARM says that keys are switched off', () => {
    const context = { ...CONTEXT, isKeyAuthenticationOff: true };
    expect(judge({ status: 401, body: '' }, context)).toMatchObject({
      verdict: 'inconclusive',
      finding: 'keyAuthenticationOff',
    });
  });
});

describe('a status that means either a dead key or a closed network', () => {
  const context: ProbeContext = { isKeyAuthenticationOff: false, ambiguousStatuses: [403] };
  test.each([
    ['without words', 403, '', 'ambiguous', 'deadOrKeptOut'],
    ['with words about a quota', 403, body('', 'Quota exceeded.'), 'ambiguous', 'deadOrKeptOut'],
    ['with words about the network', 403, body('', 'Denied by the firewall.'), 'inconclusive', 'deniedByNetwork'],
    ['but another status', 401, '', 'rejected', 'dead'],
    ['but a good answer', 200, '{}', 'accepted', 'live'],
  ] as const)('%s (%i)', (_name, status, text, verdict, finding) => {
    expect(judge({ status, body: text }, context)).toMatchObject({ status, verdict, finding });
  });

  test('says nothing when ARM says that keys are switched off', () => {
    expect(judge({ status: 403, body: '' }, { ...context, isKeyAuthenticationOff: true })).toMatchObject({
      verdict: 'inconclusive',
      finding: 'keyAuthenticationOff',
    });
  });
});
