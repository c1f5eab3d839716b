// The rules for one holder, each with literal instants: what counts as evidence, and which effect comes next.
import { describe, expect, it } from 'vitest';
import { decideHolder, SETTLE_MS, type Target } from '../../../src/holders/decide.ts';
import type { Bringing, HolderContent, KnownHolder } from '../../../src/holders/model.ts';
import { needsPerson, type Subject, standingOf, withoutContradicted } from '../../../src/holders/standing.ts';
import type { Fingerprint, SecretVersion } from '../../../src/rotation/model.ts';

const OLD = 'a'.repeat(32) as SecretVersion;
const NEW = 'b'.repeat(32) as SecretVersion;
const PUBLISHED = '0123456789abcdef' as Fingerprint;
const SUPERSEDED = 'fedcba9876543210' as Fingerprint;
const FOREIGN = '1111111111111111' as Fingerprint;
const HOUR = 3_600_000;
const T = 1_000 * HOUR;
const TARGET: Target = { version: NEW, fingerprint: PUBLISHED, publishedAt: T, isAwaited: true };

const reference = (changes: Partial<HolderContent & { has: 'reference' }> = {}): HolderContent => ({
  has: 'reference',
  vaultUrl: 'https://vault.test',
  secretName: 'shop-key',
  isResolved: true,
  ...changes,
});
const web = (changes: Partial<KnownHolder> = {}): KnownHolder => ({
  kind: 'appServiceReference',
  resource: '/sites/web',
  name: 'KEY',
  standing: { state: 'follows' },
  readAt: T,
  ...changes,
});
const hub = (changes: Partial<KnownHolder> = {}): KnownHolder => ({
  ...web(),
  kind: 'foundryConnection',
  standing: { state: 'copy', slot: 'key1' },
  ...changes,
});
const brought = (changes: Partial<Bringing> = {}): Bringing => ({
  version: NEW,
  effect: 'restart',
  attempts: 1,
  attemptAt: T + 1_000,
  answeredAt: T + 2_000,
  ...changes,
});
const kindOf = (holder: KnownHolder, content: HolderContent, now = T + 10_000, target = TARGET) =>
  decideHolder(holder, content, target, now);

describe('a reference', () => {
  it('is refreshed, then the app restarts, then it is evidence', () => {
    expect(kindOf(web(), reference())).toMatchObject({ kind: 'bring', bringing: { effect: 'refresh', version: NEW } });
    const refreshed = web({ bringing: brought({ effect: 'refresh' }) });
    expect(kindOf(refreshed, reference())).toMatchObject({ kind: 'bring', bringing: { effect: 'restart' } });
    const restarted = web({ bringing: brought() });
    expect(kindOf(restarted, reference())).toEqual({
      kind: 'keep',
      evidence: { version: NEW, grade: 'refreshed', at: T + 10_000 },
    });
  });

  it('that was brought before the publish is no evidence', () => {
    const before = web({ bringing: brought({ version: OLD }) });
    expect(kindOf(before, reference())).toMatchObject({ kind: 'bring', bringing: { effect: 'refresh', version: NEW } });
  });

  it('with another active version is no evidence, with the published one it is seen', () => {
    const restarted = web({ bringing: brought() });
    expect(kindOf(restarted, reference({ activeVersion: OLD })).kind).toBe('wait');
    expect(kindOf(restarted, reference({ activeVersion: NEW }))).toMatchObject({ evidence: { grade: 'seen' } });
  });

  it('that its platform last fetched before the publish is no evidence', () => {
    const restarted = web({ kind: 'namedValue', bringing: brought({ effect: 'refresh' }) });
    expect(kindOf(restarted, reference({ resolvedAt: T - 60_000 })).kind).toBe('wait');
    expect(kindOf(restarted, reference({ resolvedAt: T + 1_500 })).kind).toBe('keep');
  });

  it('that is not resolved is no evidence, however old the publish', () => {
    const restarted = web({ bringing: brought() });
    expect(kindOf(restarted, reference({ isResolved: false })).kind).not.toBe('keep');
    expect(kindOf(restarted, reference({ isResolved: false }), T + 100 * HOUR).kind).not.toBe('keep');
  });

  it('counts by the interval of its platform a day and an hour after the publish', () => {
    expect(kindOf(web(), reference(), T + 25 * HOUR - 1).kind).toBe('bring');
    expect(kindOf(web(), reference(), T + 25 * HOUR)).toMatchObject({ evidence: { grade: 'elapsed' } });
  });

  it('to one version counts only while that version is published, and is never brought', () => {
    const pinned = web({ standing: { state: 'pinned', pinnedTo: OLD } });
    expect(kindOf(pinned, reference({ pinnedTo: OLD }), T + 100 * HOUR).kind).toBe('wait');
    expect(kindOf(pinned, reference({ pinnedTo: NEW }))).toMatchObject({ evidence: { grade: 'seen' } });
  });

  it('to another secret is neither evidence nor brought', () => {
    const moved = web({ standing: { state: 'otherValue' }, bringing: brought() });
    expect(kindOf(moved, reference({ secretName: 'other' }), T + 100 * HOUR).kind).toBe('wait');
  });

  it('is left to its platform at rest, unless it was seen with an earlier version', () => {
    const atRest = { ...TARGET, isAwaited: false };
    expect(kindOf(web(), reference(), T + HOUR, atRest)).toEqual({ kind: 'wait', until: T + 25 * HOUR });
    const leftBehind = web({ evidence: { version: OLD, grade: 'seen', at: T - HOUR } });
    expect(kindOf(leftBehind, reference(), T + HOUR, atRest).kind).toBe('bring');
  });
});

describe('a value', () => {
  const value = (fingerprint: Fingerprint): HolderContent => ({ has: 'value', fingerprint });

  it('is written if it is a copy, and seen when it is the published one', () => {
    expect(kindOf(hub(), value(SUPERSEDED))).toMatchObject({ kind: 'bring', bringing: { effect: 'write' } });
    expect(kindOf(hub(), value(PUBLISHED))).toMatchObject({ evidence: { grade: 'seen' } });
  });

  it('is never written if it was never a copy', () => {
    expect(kindOf(hub({ standing: { state: 'otherValue' } }), value(FOREIGN)).kind).toBe('wait');
  });

  it('is still written after its key was renewed', () => {
    expect(kindOf(hub({ standing: { state: 'formerCopy' } }), value(SUPERSEDED)).kind).toBe('bring');
  });

  it('is no evidence while a write whose answer was lost may still happen', () => {
    const lost = { version: NEW, effect: 'write', attempts: 1, attemptAt: T } as const;
    expect(kindOf(hub({ bringing: lost }), value(PUBLISHED), T + SETTLE_MS - 1).kind).toBe('wait');
    expect(kindOf(hub({ bringing: lost }), value(PUBLISHED), T + SETTLE_MS).kind).toBe('keep');
  });
});

describe('attempts', () => {
  it('a lost effect is repeated after it has settled, and counted', () => {
    const lost: Bringing = { version: NEW, effect: 'refresh', attempts: 1, attemptAt: T };
    expect(kindOf(web({ bringing: lost }), reference(), T + 1_000)).toEqual({ kind: 'wait', until: T + SETTLE_MS });
    expect(kindOf(web({ bringing: lost }), reference(), T + SETTLE_MS)).toMatchObject({
      kind: 'bring',
      bringing: { effect: 'refresh', attempts: 2 },
    });
  });

  it('after eight attempts it is tried once in six hours', () => {
    const tired: Bringing = { version: NEW, effect: 'refresh', attempts: 8, attemptAt: T };
    expect(kindOf(web({ bringing: tired }), reference(), T + HOUR)).toEqual({ kind: 'wait', until: T + 6 * HOUR });
    expect(kindOf(web({ bringing: tired }), reference(), T + 6 * HOUR).kind).toBe('bring');
  });
});

describe('how a holder stands', () => {
  const subject: Subject = {
    vaultUrl: 'https://vault.test',
    secretName: 'shop-key',
    keys: { key1: SUPERSEDED, key2: PUBLISHED },
    hosts: ['shop.cognitiveservices.azure.com', 'shop.openai.azure.com'],
  };

  it('by its secret, whatever the case', () => {
    expect(standingOf(reference({ secretName: 'Shop-Key' }), subject)).toEqual({ state: 'follows' });
    expect(standingOf(reference({ secretName: 'other' }), subject)).toBeUndefined();
    expect(standingOf(reference({ vaultUrl: 'https://else.test' }), subject)).toBeUndefined();
    expect(standingOf(reference({ pinnedTo: OLD }), subject)).toEqual({ state: 'pinned', pinnedTo: OLD });
  });

  it('by its value, or by where the value is sent', () => {
    const value = (fingerprint: Fingerprint, sentTo?: string): HolderContent => ({
      has: 'value',
      fingerprint,
      ...(sentTo === undefined ? {} : { sentTo }),
    });
    expect(standingOf(value(PUBLISHED), subject)).toEqual({ state: 'copy', slot: 'key2' });
    expect(standingOf(value(FOREIGN), subject)).toBeUndefined();
    expect(standingOf(value(FOREIGN, 'shop.cognitiveservices.azure.com'), subject)).toEqual({ state: 'otherValue' });
    expect(standingOf(value(FOREIGN), subject, { held: FOREIGN })).toEqual({ state: 'formerCopy' });
    expect(standingOf(value(FOREIGN), subject, {})).toEqual({ state: 'otherValue' });
  });

  it.each([
    [{ state: 'follows' }, true, false],
    [{ state: 'copy', slot: 'key1' }, true, false],
    [{ state: 'copy', slot: 'key1' }, false, true],
    [{ state: 'formerCopy' }, false, true],
    [{ state: 'pinned', pinnedTo: OLD }, true, true],
    [{ state: 'otherValue' }, true, true],
    [{ state: 'unseen', cause: '403' }, true, true],
  ] as const)('%j needs a person: brought %s → %s', (standing, canBeBrought, expected) => {
    expect(needsPerson(standing, canBeBrought)).toBe(expected);
  });
});

describe('what an earlier or a contradicting fact takes away', () => {
  const value = (fingerprint: Fingerprint): HolderContent => ({ has: 'value', fingerprint });

  it('a lost write for another version holds up the evidence of the next one', () => {
    const lost: Bringing = { version: OLD, effect: 'write', attempts: 1, attemptAt: T };
    const step = kindOf(hub({ bringing: lost }), value(SUPERSEDED), T + 1_000);
    expect(step).toMatchObject({ bringing: { version: NEW, unsettledUntil: T + SETTLE_MS } });
    if (step.kind !== 'bring') throw new Error('Nothing was begun.');
    const written = hub({ bringing: { ...step.bringing, answeredAt: T + 2_000 } });
    expect(kindOf(written, value(PUBLISHED), T + 3_000).kind).toBe('wait');
    expect(kindOf(written, value(PUBLISHED), T + SETTLE_MS).kind).toBe('keep');
  });

  it("no interval counts against the platform's own word", () => {
    expect(kindOf(web(), reference({ activeVersion: OLD }), T + 100 * HOUR).kind).not.toBe('keep');
    const gateway = web({ kind: 'namedValue' });
    expect(kindOf(gateway, reference({ resolvedAt: T - 60_000 }), T + 100 * HOUR).kind).not.toBe('keep');
  });

  it('an app is not restarted before its platform has the version', () => {
    const refreshed = web({ bringing: brought({ effect: 'refresh' }) });
    expect(kindOf(refreshed, reference({ activeVersion: OLD })).kind).toBe('wait');
  });

  it('evidence goes with the content that gave it', () => {
    const evidence = { version: NEW, grade: 'seen' as const, at: T };
    const known = hub({ evidence, held: PUBLISHED });
    expect(withoutContradicted(value(PUBLISHED), { state: 'copy', slot: 'key2' }, known)).toEqual(known);
    expect(withoutContradicted(value(SUPERSEDED), { state: 'copy', slot: 'key1' }, known)).not.toHaveProperty(
      'evidence',
    );
    expect(withoutContradicted(reference(), { state: 'otherValue' }, known)).not.toHaveProperty('evidence');
  });
});
