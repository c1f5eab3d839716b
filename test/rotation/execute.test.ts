// The shell's own refusals: what is not sent although it was decided, or because the pass was held up.
import { describe, expect, it } from 'vitest';
import type { ActingStep } from '../../src/rotation/decide/step.ts';
import { RotationError } from '../../src/rotation/errors.ts';
import type { Account, Fingerprint, OwnerId, RotationId, SecretVersion } from '../../src/rotation/model.ts';
import type { Sighting } from '../../src/rotation/pass/observe.ts';
import type { PublishContent } from '../../src/rotation/ports.ts';
import { ACCOUNT, SIM_POLICY } from '../sim/sim-account.ts';
import type { Universe } from '../sim/universe.ts';
import { asked as ask, V1 } from './given.ts';
import { accepted, bench, regenerateOf } from './given-step.ts';

describe('a decision that is unsafe', () => {
  it.each<[string, (sighting: Sighting) => ActingStep]>([
    ['to regenerate the published slot', (seen) => regenerateOf('key1', seen)],
    ['to regenerate while the published key was not accepted', (seen) => regenerateOf('key2', seen)],
    [
      'to publish a key that was not accepted',
      ({ keys }) => ({ kind: 'publish', slot: 'key2', fingerprint: keys.key2.fingerprint, reason: 'NewKeyAccepted' }),
    ],
    [
      'to publish a key that is not live',
      () => ({ kind: 'publish', slot: 'key2', fingerprint: 'f0' as Fingerprint, reason: 'SecretMissing' }),
    ],
    [
      'to disable the newest version',
      ({ stored }) => ({ kind: 'disable', version: stored.entity.record?.published.version ?? V1 }),
    ],
    ['to probe a value that was not seen', () => ({ kind: 'probe', fingerprint: 'f0' as Fingerprint })],
  ])('%s, sends nothing, not even the record', async (_, stepOf) => {
    const { sighting, effects, carryOut } = await bench();
    const refusal: unknown = await carryOut(stepOf(sighting)).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'UnsafeStep', service: 'core', operation: 'execute' });
    expect(String(refusal)).toContain('Refused to');
    expect(effects).toEqual([]);
  });
  it('to announce without having read App Configuration, announces nothing', async () => {
    const { sighting, effects, carryOut } = await bench();
    const step = { kind: 'announceReference', version: V1 } as const;
    await expect(carryOut(step, { ...sighting, announcement: { cause: 'No answer.' } })).rejects.toMatchObject({
      code: 'UnsafeStep',
    });
    expect(effects).not.toContain('writeReference');
  });
});

describe('regenerate', () => {
  it('writes the intent with the clock read at the write, then regenerates, and answers both keys', async () => {
    const { universe, sighting, effects, carryOut } = await bench();
    universe.now += 70;
    const after = await carryOut(regenerateOf('key2', sighting), accepted(sighting));
    expect(effects).toEqual(['write', 'regenerate']);
    expect(universe.rows.entity).toMatchObject({
      record: { phase: 'preparing', attemptAt: universe.now },
      lease: { owner: 'me', expiresAt: universe.now + 14_000 },
    });
    expect(after.sighting.keys.key2.reveal()).toBe(universe.azureAccount.keys.key2.value);
    expect(after.sighting.keys.key2.fingerprint).not.toBe(sighting.keys.key2.fingerprint);
  });
  it('asks to be admitted before the intent: refused, neither the record nor the key changes', async () => {
    const { universe, sighting, effects, carryOut } = await bench();
    const asked: unknown[] = [];
    universe.ports.keys.admit = (account, call, urgency) => {
      asked.push([account.alias, call, urgency]);
      const details = { code: 'Throttled', service: 'arm', operation: call, retryAfterMs: 4_300 } as const;
      return Promise.reject(new RotationError({ ...details, message: 'Not sent.' }));
    };
    await expect(carryOut(regenerateOf('key2', sighting), accepted(sighting))).rejects.toMatchObject({
      code: 'Throttled',
      retryAfterMs: 4_300,
    });
    expect(asked).toEqual([['language', 'regenerate', 'routine']]);
    expect(effects).toEqual([]);
  });
  it.each([
    ['open', undefined, 'compromised'],
    ['closed', 5, 'routine'],
  ])('asks to be admitted as %s requests about a leaked key say', async (_, closedAt, expected) => {
    const { universe, sighting, carryOut } = await bench();
    let asked: string | undefined;
    universe.ports.keys.admit = (_account, _call, urgency) => {
      asked = urgency;
      return Promise.resolve();
    };
    const request = { ...ask('compromised'), ...(closedAt === undefined ? {} : { closedAt }) };
    // A wish for a rotation is no emergency.
    const seen = accepted({ ...sighting, stored: { ...sighting.stored, requests: [ask('rotate'), request] } });
    await carryOut(regenerateOf('key2', seen), seen);
    expect(asked).toBe(expected);
  });
  it('does not regenerate when another pass has written the record since it was read', async () => {
    const { universe, sighting, effects, carryOut } = await bench();
    await universe.ports.records.write(ACCOUNT, universe.rows.etag, {
      entity: universe.rows.entity,
      closes: [],
      history: [],
      at: universe.now,
    });
    await expect(carryOut(regenerateOf('key2', sighting), accepted(sighting))).rejects.toMatchObject({
      code: 'LostRace',
    });
    expect(effects).toEqual(['write']);
  });
  it('regenerates as long as one call still ends before the lease does for every clock', async () => {
    const lateMs = SIM_POLICY.leaseMs - SIM_POLICY.callDeadlineMs - SIM_POLICY.clockSkewMs;
    const heldUp = (ms: number) =>
      bench((universe, operation) => {
        if (operation === 'write') universe.now += ms;
      });
    const inTime = await heldUp(lateMs);
    await inTime.carryOut(regenerateOf('key2', inTime.sighting), accepted(inTime.sighting));
    expect(inTime.effects).toEqual(['write', 'regenerate']);
    const late = await heldUp(lateMs + 1);
    await expect(late.carryOut(regenerateOf('key2', late.sighting), accepted(late.sighting))).rejects.toMatchObject({
      code: 'LostRace',
      service: 'core',
    });
    expect(late.effects).toEqual(['write']);
  });
});

describe('the lease of other effects', () => {
  const flagStep = (sighting: Sighting): ActingStep => ({
    kind: 'announceFlag',
    slot: 'key1',
    version: sighting.stored.entity.record?.published.version ?? V1,
  });

  it('is taken before the first, and is enough for the second', async () => {
    const { sighting, effects, carryOut } = await bench();
    const first = await carryOut(flagStep(sighting));
    expect(effects).toEqual(['write', 'writeFlag']);
    await carryOut(flagStep(sighting), first.sighting);
    expect(effects).toEqual(['write', 'writeFlag', 'writeFlag']);
  });
  it('is renewed as soon as it is too old for one more call', async () => {
    const { universe, sighting, effects, carryOut } = await bench();
    const first = await carryOut(flagStep(sighting));
    universe.now += 11_000;
    const second = await carryOut(flagStep(sighting), first.sighting);
    expect(effects).toEqual(['write', 'writeFlag', 'writeFlag']);
    universe.now += 1;
    await carryOut(flagStep(sighting), second.sighting);
    expect(effects.slice(3)).toEqual(['write', 'writeFlag']);
    expect(universe.rows.entity.lease).toEqual({ owner: 'me', expiresAt: universe.now + 14_000 });
  });
  it('is not somebody else’s: theirs is replaced by a write that may lose', async () => {
    const { sighting, effects, carryOut } = await bench();
    const lease = { owner: 'other' as OwnerId, expiresAt: Number.MAX_SAFE_INTEGER };
    const theirs = { ...sighting, stored: { ...sighting.stored, entity: { ...sighting.stored.entity, lease } } };
    await carryOut(flagStep(sighting), theirs);
    expect(effects).toEqual(['write', 'writeFlag']);
  });
  it('sends nothing when taking it took too long', async () => {
    const { sighting, effects, carryOut } = await bench((universe, operation) => {
      if (operation === 'write') universe.now += 11_001;
    });
    await expect(carryOut(flagStep(sighting))).rejects.toMatchObject({ code: 'LostRace' });
    expect(effects).toEqual(['write']);
  });
});

it('reads the superseded version, and keeps its value at hand to be probed', async () => {
  const { universe, sighting, effects, carryOut } = await bench();
  const version = universe.newest?.version as SecretVersion;
  const bare = { ...sighting, values: new Map<Fingerprint, never>() };
  const { sighting: after } = await carryOut({ kind: 'readSupersededVersion', version }, bare);
  expect(after.superseded).toMatchObject({ version, read: { state: 'enabled' } });
  expect([...after.values.keys()]).toEqual([sighting.keys.key1.fingerprint]);
  expect(after.keys).toBe(sighting.keys);
  expect(effects).toEqual([]);
});

it.each(['missing', 'disabled'] as const)(
  'takes a superseded version that is %s for read, without a value',
  async (state) => {
    const { universe, sighting, carryOut } = await bench();
    const read = state === 'missing' ? { state } : { state, tags: {} };
    Object.assign(universe.ports.secrets, { readVersion: () => Promise.resolve(read) });
    const { sighting: after } = await carryOut({ kind: 'readSupersededVersion', version: V1 });
    expect(after.superseded).toEqual({ version: V1, read });
    expect(after.values).toBe(sighting.values);
  },
);

it('remembers a verdict, and what the probe said for the log', async () => {
  const { sighting, carryOut } = await bench();
  const { fingerprint } = sighting.keys.key1;
  const once = await carryOut({ kind: 'probe', fingerprint });
  expect(once.probed).toMatchObject({ verdict: 'accepted', finding: 'live' });
  const twice = await carryOut({ kind: 'probe', fingerprint }, once.sighting);
  expect(twice.sighting.verdicts.get(fingerprint)).toEqual({ verdict: 'accepted', inARow: 2 });
});

/** What is published from now on. */
function publications({ ports }: Universe): readonly PublishContent[] {
  const published: PublishContent[] = [];
  const publish = ports.secrets.publish.bind(ports.secrets);
  Object.assign(ports.secrets, {
    publish: (account: Account, content: PublishContent) => {
      published.push(content);
      return publish(account, content);
    },
  });
  return published;
}

it('publishes in the name of the rotation that is under way', async () => {
  const { universe, sighting, carryOut } = await bench();
  const { record } = sighting.stored.entity;
  if (record === undefined) throw new Error('The account has been adopted.');
  const third = { ...record, rotationId: 3 as RotationId };
  const stored = { ...sighting.stored, entity: { ...sighting.stored.entity, record: third } };
  const { fingerprint } = sighting.keys.key1;
  const published = publications(universe);
  await carryOut({ kind: 'publish', slot: 'key1', fingerprint, reason: 'SecretMissing' }, { ...sighting, stored });
  expect(published).toMatchObject([{ rotationId: 3 }]);
});

it('publishes until the expected replacement: interval, spread and overlap from now', async () => {
  const { universe, sighting, carryOut } = await bench();
  const { fingerprint } = sighting.keys.key1;
  const published = publications(universe);
  const step = { kind: 'publish', slot: 'key1', fingerprint, reason: 'SecretMissing' } as const;
  const { sighting: after } = await carryOut(step);
  expect(published).toMatchObject([
    { slot: 'key1', rotationId: 0, expiresAt: universe.now + 100_000, validityMs: 100_000 },
  ]);
  expect(after.newest).toMatchObject({
    state: 'enabled',
    version: universe.newest?.version,
    tags: { slot: 'key1', accountId: ACCOUNT.id },
  });
  expect(after.keys).toBe(sighting.keys);
});

it('marks and disables a version in one write, and takes that for read', async () => {
  const { universe, sighting, effects, carryOut } = await bench();
  const version = universe.newest?.version as SecretVersion;
  universe.world.vault.set(ACCOUNT.secretName, { value: universe.azureAccount.keys.key2.value });
  const newest = await universe.ports.secrets.readNewest(ACCOUNT);
  const announcement = { reference: undefined, flag: undefined };
  const { sighting: after } = await carryOut({ kind: 'disable', version }, { ...sighting, newest, announcement });
  expect(effects).toEqual(['write', 'disable']);
  expect(universe.version(version)?.isEnabled).toBe(false);
  expect(after).toMatchObject({
    newest,
    superseded: { version, read: { state: 'disabled', tags: { rejectedAt: '2001-09-09T01:47:50.000Z' } } },
  });
});
