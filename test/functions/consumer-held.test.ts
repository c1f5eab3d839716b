// The consumer library has no source of the service, so a few facts are written in both. This test holds them equal.
import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isAboutSecret } from '../../packages/consumer/src/about.ts';
import { SecretValue } from '../../packages/consumer/src/index.ts';
import { KEEP_FORMER_FOR_MS } from '../../packages/consumer/src/key-consumer.ts';
import { tokenAddress } from '../../packages/consumer/src/token-address.ts';
import { baseOf } from '../../src/azure/data-plane/hosts.ts';
import { EVENT_TYPES, readEvent } from '../../src/base/event-grid/read-event.ts';
import { CLOUDS } from '../../src/config/cloud.ts';
import { BUILT_IN_POLICY } from '../../src/config/policies/policy-document.ts';
import type { AccountDetails } from '../../src/operators/check/ports.ts';
import { SecretValue as SecretValueOfService } from '../../src/rotation/secret.ts';

it('the former key is kept for the minimum overlap that is built in', () => {
  expect([KEEP_FORMER_FOR_MS, BUILT_IN_POLICY.overlapMinimum]).toEqual([25 * 3_600_000, 'PT25H']);
});

it('a key has the same fingerprint, and hides itself in the same ways', () => {
  const appearances = (key: SecretValue | SecretValueOfService) => {
    const thrown: unknown[] = [];
    for (const use of [() => Number(key), () => key.valueOf(), () => new (key.constructor as typeof SecretValue)('')]) {
      try {
        thrown.push(use());
      } catch (error) {
        thrown.push(String(error));
      }
    }
    return [
      key.fingerprint,
      key.toString(),
      JSON.stringify({ key }),
      inspect(key),
      Object.keys(key),
      key.reveal(),
      thrown,
    ];
  };
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (value) => {
      expect(appearances(new SecretValue(value))).toEqual(appearances(new SecretValueOfService(value)));
    }),
    { numRuns: 50 },
  );
});

const HOST = 'contoso.vault.azure.net';
const text = (...likely: readonly string[]) => fc.constantFrom(...likely, '', ' ', ' Contoso ', undefined, 1, {});
const data = fc.record(
  {
    Id: text(
      `https://${HOST}/secrets/language-key/0`,
      `https://${HOST}/secrets/`,
      'https://other.vault.azure.net/secrets/x',
    ),
    vaultName: text('contoso', 'CONTOSO', HOST, 'other'),
    ' ObjectName': text('language-key', 'Language-Key', 'other'),
  },
  { requiredKeys: [] },
);
const event = fc.record(
  {
    type: text('Microsoft.KeyVault.KeyNewVersionCreated', ...EVENT_TYPES, ...EVENT_TYPES),
    eventType: text(...EVENT_TYPES),
    subject: text('language-key', 'other'),
    data: fc.oneof(
      data,
      data.map((fields) => JSON.stringify(fields)),
      fc.anything(),
    ),
  },
  { requiredKeys: ['data'] },
);

it('an event is about a secret for the library if it is so for the service', () => {
  const seen = new Set<boolean>();
  fc.assert(
    fc.property(event, (anyEvent) => {
      const hint = readEvent(anyEvent);
      const expected =
        hint?.kind === 'secret' && ['contoso', HOST].includes(hint.vault) && hint.secretName === 'language-key';
      seen.add(expected);
      expect(isAboutSecret(anyEvent, { vaultUrl: `https://${HOST}/`, secretName: 'Language-Key' })).toBe(expected);
    }),
    { numRuns: 5_000 },
  );
  // Both outcomes were met, so the comparison says something.
  expect(seen.size).toBe(2);
});

it.each<[keyof typeof CLOUDS, string, string]>([
  ['public', 'https://api.cognitive.microsofttranslator.com/', 'West Europe'],
  ['public', 'https://api-eur.cognitive.microsofttranslator.com/', 'westeurope'],
  ['public', 'https://api.cognitive.microsofttranslator.com/', 'global'],
  ['public', 'https://westeurope.api.cognitive.microsoft.com/sts/v1.0/issuetoken', 'westeurope'],
  ['public', 'https://mine.cognitiveservices.azure.com/', 'westeurope'],
  ['usGovernment', 'https://api.cognitive.microsofttranslator.us/', 'usgovvirginia'],
  ['usGovernment', 'https://usgovvirginia.api.cognitive.microsoft.us/text/analytics/v2.0', 'usgovvirginia'],
  ['china', 'https://api.translator.azure.cn/', 'chinaeast2'],
  ['china', 'https://mine.cognitiveservices.azure.cn/', 'chinaeast2'],
])('in the cloud %s, tokens for %s (%s) come from where the service asks', (cloud, endpoint, location) => {
  const details = { kind: '', customSubDomainName: undefined, location, endpoint } as unknown as AccountDetails;
  const expected = `${baseOf(details, CLOUDS[cloud])}sts/v1.0/issueToken`;
  expect(tokenAddress({ endpoint, region: location })).toBe(expected);
});
