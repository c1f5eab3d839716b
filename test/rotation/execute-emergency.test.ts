// What an emergency changes in a step: how its lease is held, the intent of a sacrifice, short deadlines, marks.
import { describe, expect, it } from 'vitest';
import type { ActingStep } from '../../src/rotation/decide/step.ts';
import type { Account, OwnerId, Request, RequestId } from '../../src/rotation/model.ts';
import { execute } from '../../src/rotation/pass/execute.ts';
import type { Sighting } from '../../src/rotation/pass/observe.ts';
import type { RecordWrite } from '../../src/rotation/ports.ts';
import { ACCOUNT, SIM_POLICY } from '../sim/sim-account.ts';
import type { Universe } from '../sim/universe.ts';
import { asked, K2, V1 } from './given.ts';
import { accepted, bench, regenerateOf } from './given-step.ts';

const withRequest = (sighting: Sighting, request: Request): Sighting => ({
  ...sighting,
  stored: { ...sighting.stored, requests: [request] },
});
/** The same, key1 leaked; what the operator accepts is `extra`. */
const leaking = (sighting: Sighting, extra: Partial<Request> = {}): Sighting =>
  withRequest(sighting, asked('compromised', { fingerprint: sighting.keys.key1.fingerprint, ...extra }));
const flagStep = ({ stored }: Sighting): ActingStep => ({
  kind: 'announceFlag',
  slot: 'key1',
  version: stored.entity.record?.published.version ?? V1,
});
const publishStep = ({ keys }: Sighting): ActingStep => ({
  kind: 'publish',
  slot: 'key1',
  fingerprint: keys.key1.fingerprint,
  reason: 'SecretMissing',
});
/** Another writes the entity, as a pause does: its ETag is another afterwards. */
function touch({ rows, ports, now }: Universe): Promise<unknown> {
  return ports.records.write(ACCOUNT, rows.etag, { entity: rows.entity, closes: [], history: [], at: now });
}

describe('a publish', () => {
  it('is preceded by a write of the entity, although the lease is held and young', async () => {
    const { sighting, effects, carryOut } = await bench();
    const { sighting: held } = await carryOut(flagStep(sighting));
    await carryOut(publishStep(sighting), held);
    expect(effects).toEqual(['write', 'writeFlag', 'write', 'publish']);
  });
  it('is not sent when the account was paused since the record was read', async () => {
    const { universe, sighting, effects, carryOut } = await bench();
    const { sighting: held } = await carryOut(flagStep(sighting));
    await touch(universe);
    await expect(carryOut(publishStep(sighting), held)).rejects.toMatchObject({ code: 'LostRace' });
    expect(effects).toEqual(['write', 'writeFlag', 'write']);
  });
  it('in an emergency needs the lease and no more: no pause holds it', async () => {
    const { universe, sighting, effects, carryOut } = await bench();
    const { sighting: held } = await carryOut(flagStep(sighting));
    await touch(universe);
    await carryOut(publishStep(sighting), leaking(held));
    expect(effects).toEqual(['write', 'writeFlag', 'publish']);
  });
});

describe('a sacrifice', () => {
  const unread = (sighting: Sighting): Sighting => ({
    ...leaking(sighting, { accepts: 'outage' }),
    newest: { state: 'unknown', cause: 'No answer.' },
  });
  const stepOf = ({ keys }: Sighting): ActingStep & { kind: 'sacrifice' } => ({
    kind: 'sacrifice',
    slot: 'key1',
    fingerprint: keys.key1.fingerprint,
    requestId: 'compromised-1' as RequestId,
    history: [{ kind: 'KeySacrificed', slot: 'key1', by: 'operator' }],
  });

  it('writes its intent into the record as it is, with the clock read at the write, then regenerates', async () => {
    const { universe, sighting, effects, carryOut } = await bench();
    universe.now += 70;
    const { record } = universe.rows.entity;
    const { sighting: after } = await carryOut(stepOf(sighting), unread(sighting));
    expect(effects).toEqual(['write', 'regenerate']);
    expect(universe.rows.entity.record).toStrictEqual({
      ...record,
      sacrifice: { slot: 'key1', before: sighting.keys.key1.fingerprint, attemptAt: universe.now },
    });
    expect(universe.rows.history.at(-1)).toMatchObject({ kind: 'KeySacrificed', slot: 'key1', at: universe.now });
    expect(after.keys.key1.reveal()).toBe(universe.azureAccount.keys.key1.value);
    expect(after.keys.key1.fingerprint).not.toBe(sighting.keys.key1.fingerprint);
    expect(after.keys.key2.fingerprint).toBe(sighting.keys.key2.fingerprint);
  });
  it('uses the reserve of the limits', async () => {
    const { universe, sighting, carryOut } = await bench();
    const calls: string[] = [];
    universe.ports.keys.admit = (_account, call, urgency) => {
      calls.push(`${call} ${urgency}`);
      return Promise.resolve();
    };
    await carryOut(stepOf(sighting), unread(sighting));
    expect(calls).toEqual(['regenerate compromised']);
  });
  it('sends nothing when another pass has written the record', async () => {
    const { universe, sighting, effects, carryOut } = await bench();
    await touch(universe);
    await expect(carryOut(stepOf(sighting), unread(sighting))).rejects.toMatchObject({ code: 'LostRace' });
    expect(effects).toEqual(['write']);
  });
  it('is refused while a live key is published, and without the word of an operator', async () => {
    const { sighting, effects, carryOut } = await bench();
    for (const seen of [leaking(sighting, { accepts: 'outage' }), { ...unread(sighting), stored: sighting.stored }]) {
      await expect(carryOut(stepOf(sighting), seen)).rejects.toMatchObject({ code: 'UnsafeStep' });
    }
    expect(effects).toEqual([]);
  });
});

it('regenerates with the reserve of the limits until the leaked value is replaced', async () => {
  const { universe, sighting, carryOut } = await bench();
  const urgencies: string[] = [];
  universe.ports.keys.admit = (_account, _call, urgency) => {
    urgencies.push(urgency);
    return Promise.resolve();
  };
  const seen = accepted(sighting);
  for (const request of [asked('compromised', { named: 'key2' }), asked('compromised', { replacedAt: 5 })]) {
    const { etag } = universe.rows;
    const fresh = { ...seen, stored: { ...seen.stored, etag, requests: [request] } };
    await carryOut(regenerateOf('key2', seen), fresh);
  }
  expect(urgencies).toEqual(['compromised', 'routine']);
});

it.each([
  ['an emergency', true, 5_000],
  ['a routine', false, 20_000],
])('announces in %s within a deadline of its own', async (_, isLeaking, callDeadlineMs) => {
  const { universe, sighting } = await bench();
  const patient: Account = { ...ACCOUNT, policy: { ...SIM_POLICY, callDeadlineMs: 20_000, leaseMs: 60_000 } };
  const deadlines: number[] = [];
  const writeFlag = universe.ports.announcements.writeFlag.bind(universe.ports.announcements);
  const announcements = {
    ...universe.ports.announcements,
    writeFlag: (...args: Parameters<typeof writeFlag>) => {
      deadlines.push(args[0].policy.callDeadlineMs);
      return writeFlag(...args);
    },
  };
  const ports = { ...universe.ports, announcements };
  const pass = { account: patient, ports, clock: { now: () => universe.now }, owner: 'me' as OwnerId };
  await execute(pass, isLeaking ? leaking(sighting) : sighting, flagStep(sighting));
  expect(deadlines).toEqual([callDeadlineMs]);
});

it('writes what it has learnt about requests with the record, and knows it from then on', async () => {
  const { universe, sighting, carryOut } = await bench();
  const request = asked('compromised', { named: 'key2' });
  universe.rows.requests.push(request);
  const writes: RecordWrite[] = [];
  const write = universe.ports.records.write.bind(universe.ports.records);
  universe.ports.records.write = (account, etag, change) => {
    writes.push(change);
    return write(account, etag, change);
  };
  const { record } = sighting.stored.entity;
  if (record === undefined) throw new Error('The account has been adopted.');
  const marks = [{ id: request.id, fingerprint: K2 }];
  const step = { kind: 'record', record, closes: [], marks, history: [] } as const;
  const { sighting: after } = await carryOut(step, withRequest(sighting, request));
  expect(writes).toMatchObject([{ marks }]);
  expect(after.stored.requests).toStrictEqual([{ ...request, fingerprint: K2 }]);
});
