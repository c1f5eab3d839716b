// What a notification says, and that docs/notifications.md, the settings and the code say the same.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseSettings } from '../../src/config/settings.ts';
import { ATTEMPTS_MINIMUM, DEAD_AFTER_MS, forgottenBefore, nextAttemptAt } from '../../src/notify/back-off.ts';
import { cloudEvent, eventIdOf, eventOf } from '../../src/notify/cloud-event.ts';
import { EVENT_NAMES, eventNameOf, NOTIFIED } from '../../src/notify/names.ts';
import type { AccountId, Fingerprint, RequestId, RotationId, SecretVersion } from '../../src/rotation/model.ts';
import type { HistoryEntry } from '../../src/rotation/ports.ts';
import { asProse, readDocument } from '../support/documents.ts';

const DOCS = readDocument('docs/notifications.md');
const PROSE = asProse(DOCS);
const ACCOUNT = '/subscriptions/s/resourcegroups/g/providers/microsoft.cognitiveservices/accounts/shop' as AccountId;
const CONTEXT = {
  source: 'urn:ai-services-key-rotation:app:func-abc',
  aliasOf: (id: string) => (id === ACCOUNT ? 'shop-language' : undefined),
};
const entryOf = (changes: Partial<HistoryEntry>): HistoryEntry => ({
  kind: 'RotationCompleted',
  at: Date.UTC(2030, 5, 1),
  rotationId: 12 as RotationId,
  ...changes,
});

/** The first block of `language` behind a heading. */
function blockUnder(heading: string, language: string): string {
  const section = DOCS.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(section)?.[1] ?? '';
}

describe('an event', () => {
  it('says all that the history line says', () => {
    const entry = entryOf({
      reason: 'DeathProven',
      slot: 'key1',
      fingerprint: 'aaaaaaaaaaaaaaaa' as Fingerprint,
      version: '11111111111111111111111111111111' as SecretVersion,
      requestId: 'r-1' as RequestId,
      by: 'ana@example.org',
    });
    const event = eventOf('o|hash|0001|000', { accountId: ACCOUNT, entry }, CONTEXT);
    expect(event).toEqual({
      specversion: '1.0',
      id: eventIdOf('o|hash|0001|000'),
      source: 'urn:ai-services-key-rotation:app:func-abc',
      type: 'AiServicesKeyRotation.RotationCompleted',
      subject: ACCOUNT,
      time: '2030-06-01T00:00:00.000Z',
      datacontenttype: 'application/json',
      data: {
        account: 'shop-language',
        resourceId: ACCOUNT,
        rotationId: 12,
        reason: 'DeathProven',
        slot: 'key1',
        fingerprint: 'aaaaaaaaaaaaaaaa',
        version: '11111111111111111111111111111111',
        requestId: 'r-1',
        by: 'ana@example.org',
      },
    });
    expect(cloudEvent.parse(event)).toEqual(event);
  });

  it('leaves out what is not known', () => {
    const line = { accountId: 'another' as AccountId, entry: entryOf({ reason: '' }) };
    expect(eventOf('k', line, CONTEXT)?.data).toEqual({ resourceId: 'another', rotationId: 12 });
  });

  it('has an id of its own for each row, the same in each attempt, without a full stop', () => {
    const ids = ['o|h|1|000', 'o|h|1|001', 'o|h|1.|000'].map(eventIdOf);
    expect(new Set(ids).size).toBe(3);
    expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
    expect(eventIdOf('o|h|1|000')).toBe(ids[0]);
  });

  it.each([
    ['compromised: leaked in a log', 'CompromisedRequested'],
    ['rotate: compromised: no', 'Requested'],
    [undefined, 'Requested'],
  ])('of a request with the reason %j is %s', (reason, name) => {
    expect(eventNameOf({ kind: 'Requested', ...(reason === undefined ? {} : { reason }) })).toBe(name);
  });

  it('there is for each line that is put into the outbox, and for no other', () => {
    for (const kind of NOTIFIED) expect(eventNameOf({ kind })).toBe(kind);
    for (const kind of ['Adopted', 'Published', 'RetireStarted', 'RegenerateRepeated', 'Paused', 'Resumed'] as const) {
      expect(NOTIFIED.has(kind)).toBe(false);
      expect(eventOf('k', { accountId: ACCOUNT, entry: entryOf({ kind }) }, CONTEXT)).toBeUndefined();
    }
  });
});

describe('a leaked key', () => {
  const LEAKED = { requestId: 'r-1' as RequestId, fingerprint: 'aaaaaaaaaaaaaaaa' as Fingerprint };
  const told = (changes: Partial<HistoryEntry>) =>
    eventOf('k', { accountId: ACCOUNT, entry: entryOf({ ...LEAKED, ...changes }) }, CONTEXT);

  it.each([
    ['is replaced', { kind: 'KeyReplaced' }, 'KeyReplaced', undefined],
    ['is proven dead', { kind: 'RequestClosed', reason: 'KeyIsDead' }, 'RequestClosed', 'KeyIsDead'],
    ['ends unproven', { kind: 'RequestClosed', reason: 'KeyReplaced' }, 'RequestClosed', 'KeyReplaced'],
    ['is sacrificed', { kind: 'KeySacrificed', reason: 'it is in the news' }, 'KeySacrificed', 'it is in the news'],
  ] as const)('that %s is told, with its fingerprint and its request', (_, changes, name, reason) => {
    const event = told(changes);
    expect(event?.type).toBe(`AiServicesKeyRotation.${name}`);
    expect(event?.data).toMatchObject({ requestId: 'r-1', fingerprint: 'aaaaaaaaaaaaaaaa' });
    expect(event?.data.reason).toBe(reason);
    expect(cloudEvent.parse(event)).toEqual(event);
    expect(NOTIFIED.has(changes.kind)).toBe(true);
  });
});

describe('docs/notifications.md', () => {
  it('has a row for every event and no other', () => {
    const rows = [...DOCS.matchAll(/^\| `([A-Z]\w+)` \|/gm)].map(([, name]) => name);
    expect(rows).toEqual([...EVENT_NAMES]);
  });

  it('shows an event that is valid and says nothing beside the schema', () => {
    const shown: unknown = JSON.parse(blockUnder('What is sent', 'json'));
    expect(cloudEvent.strict().parse(shown)).toEqual(shown);
  });

  it('has the schema of the code', () => {
    expect(JSON.parse(blockUnder('Schema', 'json'))).toEqual(z.toJSONSchema(cloudEvent, { io: 'input' }));
  });

  it('tells the waits between attempts, and when one is given up and forgotten, as they are', () => {
    const minutes = [1, 2, 3, 4, 5, 6, 7, 8].map((attempts) => nextAttemptAt(0, attempts, undefined) / 60_000);
    expect(minutes).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(PROSE).toContain('after 1, 2, 4, 8, 16, 32 minutes, then hourly.');
    expect([DEAD_AFTER_MS, ATTEMPTS_MINIMUM]).toEqual([86_400_000, 6]);
    expect(PROSE).toContain('**Given up** after one day and at least six attempts.');
    expect(forgottenBefore(30 * 86_400_000)).toBe(0);
    expect(forgottenBefore(30 * 86_400_000 + 60_000)).toBeUndefined();
    expect(PROSE).toContain('They are removed 30 days after the change that they report.');
    expect(asProse(readDocument('docs/runbook.md'))).toContain(
      'The service removes these rows 30 days after the event.',
    );
  });

  it('shows the verification that is tested', () => {
    const code = readFileSync(new URL('../../examples/notification-relay/verify.ts', import.meta.url), 'utf8');
    expect(code).toContain(blockUnder('Verify', 'ts'));
    expect(blockUnder('Verify', 'ts')).toContain('export function isGenuine');
  });
});

describe('the settings', () => {
  const GOOD = {
    KEY_VAULT_URL: 'https://contoso.vault.azure.net',
    APP_CONFIGURATION_ENDPOINT: 'https://contoso.azconfig.io',
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  };
  const HOOK = 'https://hooks.example.org/services/T00/B00/abcdefghijklmnop';
  const SECRET = '0123456789abcdefghijklmnopqrstuv';
  const parse = (url: string | undefined, secret: string | undefined) =>
    parseSettings({ ...GOOD, NOTIFICATION_URL: url, NOTIFICATION_SECRET: secret });

  it.each([
    [HOOK, SECRET],
    ['https://example.org/workflows/1?api-version=1&sig=abc', SECRET],
    ['http://127.0.0.1:7090/', SECRET],
    ['http://localhost:7090/', SECRET],
    [HOOK, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  ])('take %s with %s', (url, secret) => {
    const result = parse(url, secret);
    const notifications = result.ok ? result.settings.notifications : undefined;
    if (notifications?.state !== 'ready') throw new Error('They are refused.');
    expect([notifications.url.reveal(), notifications.secret.reveal()]).toEqual([url, secret]);
    expect(JSON.stringify(result)).not.toContain(secret);
    expect(JSON.stringify(result)).not.toContain(url);
  });

  it.each([
    ['http://example.org/hook', SECRET, 'NOTIFICATION_URL'],
    ['http://localhost.example.org/hook', SECRET, 'NOTIFICATION_URL'],
    ['hooks/secret-part', SECRET, 'NOTIFICATION_URL'],
    ['https://user:password@example.org/', SECRET, 'NOTIFICATION_URL'],
    [HOOK, 'too-short', 'NOTIFICATION_SECRET'],
    [HOOK, 'whsec_not*base64*not*base64*not*base64', 'NOTIFICATION_SECRET'],
    [HOOK, undefined, 'NOTIFICATION_SECRET'],
    [undefined, SECRET, 'NOTIFICATION_URL'],
  ])('refuse %s with %s, and show neither', (url, secret, setting) => {
    const result = parse(url, secret);
    expect(result).toMatchObject({ ok: false, problems: [{ setting }] });
    for (const value of [url, secret]) if (value !== undefined) expect(JSON.stringify(result)).not.toContain(value);
  });

  it.each([
    ['@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/hook)', SECRET, ['NOTIFICATION_URL']],
    [HOOK, '@Microsoft.KeyVault(VaultName=kv;SecretName=s)', ['NOTIFICATION_SECRET']],
  ])('stop nothing when the platform could not resolve a reference: %s, %s', (url, secret, settings) => {
    expect(parse(url, secret)).toMatchObject({
      ok: true,
      settings: { notifications: { state: 'unresolved', settings } },
    });
  });

  it('notify nobody when both are blank', () => {
    const result = parse('', ' ');
    expect(result.ok && 'notifications' in result.settings).toBe(false);
    expect(result.ok).toBe(true);
  });
});
