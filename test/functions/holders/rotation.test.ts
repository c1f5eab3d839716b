// Applications that only have a reference, and connections with a copy, through rotations in virtual time: no call of
// theirs fails, whatever is refused, lost or late, and the overlap ends by evidence.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../support/holder-world.ts';
import { DAY, HOUR, HolderStage, MINUTE, OBSERVED } from './holder-stage.ts';

async function overlapOf(stage: HolderStage, account: Awaited<ReturnType<HolderStage['adoptWith']>>): Promise<number> {
  await stage.liveUntil(account, 'propagating', 40 * DAY);
  const record = await stage.recordOf(account);
  if (record.phase !== 'propagating') throw new Error(`The account is ${record.phase}.`);
  await stage.liveUntil(account, 'retiring', 8 * DAY);
  const later = await stage.recordOf(account);
  return later.phase === 'propagating' ? Number.POSITIVE_INFINITY : stage.now - record.since;
}

describe('observed holders', () => {
  it('twenty rotations of an app with nothing but a reference: no failure', { timeout: 120_000 }, async () => {
    const stage = new HolderStage();
    const account = await stage.adoptWith(OBSERVED);
    stage.holders.addApp('web', account.secretName, { restartsByRefresh: false });
    await stage.live(account, 7 * DAY);
    for (let rotation = 1; rotation <= 20; rotation++) await stage.live(account, 31 * DAY);
    expect((await stage.recordOf(account)).rotationId).toBeGreaterThanOrEqual(20);
    expect(stage.failures).toEqual([]);
  });

  it.each([
    ['restarts by a refresh', { restartsByRefresh: true }],
    ['needs a restart after a refresh', { restartsByRefresh: false }],
    ['says its active version', { restartsByRefresh: false, saysActiveVersion: true }],
  ])('the overlap of an app that %s is an hour', async (_, app) => {
    const stage = new HolderStage();
    const account = await stage.adoptWith(OBSERVED);
    stage.holders.addApp('web', account.secretName, app);
    const overlap = await overlapOf(stage, account);
    expect(overlap).toBeGreaterThanOrEqual(HOUR);
    expect(overlap).toBeLessThan(HOUR + 15 * MINUTE);
    await stage.live(account, 2 * DAY);
    expect(stage.failures).toEqual([]);
  });

  it('a connection with a copy is written and seen', async () => {
    const stage = new HolderStage();
    const account = await stage.adoptWith(OBSERVED);
    const [key1 = ''] = stage.keysOf(account);
    const connection = stage.holders.addConnection('hub', key1);
    expect(await overlapOf(stage, account)).toBeLessThan(HOUR + 15 * MINUTE);
    await stage.live(account, 2 * DAY);
    expect(connection.value).toBe(stage.publishedKeyOf(account));
    expect(stage.failures).toEqual([]);
  });

  it('holders are never known to be all: without the word, the overlap lasts its maximum', async () => {
    const stage = new HolderStage();
    const account = await stage.adoptWith({ consumers: [], overlapMinimumMs: HOUR });
    stage.holders.addApp('web', account.secretName);
    expect(await overlapOf(stage, account)).toBeGreaterThanOrEqual(7 * DAY);
    expect(stage.failures).toEqual([]);
  });

  it('a roll back takes the app back, and nothing fails', async () => {
    const stage = new HolderStage();
    const account = await stage.adoptWith(OBSERVED);
    const app = stage.holders.addApp('web', account.secretName, { restartsByRefresh: false });
    const before = app.environment;
    await stage.liveUntil(account, 'propagating', 40 * DAY);
    expect(app.environment).not.toBe(before);
    await stage.request(account, 'rollBack');
    await stage.live(account, 10 * MINUTE);
    expect(app.environment).toBe(before);
    await stage.live(account, 3 * DAY);
    expect(stage.failures).toEqual([]);
  });

  it('after an emergency the app works within the pass, before the leaked key dies', async () => {
    const stage = new HolderStage();
    const account = await stage.adoptWith({ ...OBSERVED, activationForMs: 0 });
    const app = stage.holders.addApp('web', account.secretName, { restartsByRefresh: false });
    await stage.live(account, DAY);
    const leaked = app.environment;
    stage.holders.calls.length = 0;
    await stage.request(account, 'compromised', 'published');
    await stage.live(account, 10 * MINUTE);
    const changes = stage.holders.calls.filter((call) => !/^(read|list) /.test(call));
    expect(changes.slice(0, 4)).toEqual([
      'regenerate key2',
      'refresh appServiceReference',
      'restart appServiceReference',
      'regenerate key1',
    ]);
    expect(stage.world.acceptsKey(account.id, leaked)).toBe(false);
    expect(app.environment).not.toBe(leaked);
    expect(stage.failures).toEqual([]);
  });
});

describe('holders that do not follow', () => {
  it('a reference to one version holds the overlap, and is named', async () => {
    const stage = new HolderStage();
    const account = await stage.adoptWith({ ...OBSERVED, standbyIsFree: true });
    const { version } = stage.world.vault.get(account.secretName);
    const app = stage.holders.addApp('web', account.secretName, { pinnedTo: version });
    await stage.live(account, 40 * DAY);
    // The first rotation waits for a person.
    expect((await stage.lastPass(account))?.reason).toBe('StandbyMayBeInUse');
    expect((await stage.lastPass(account))?.detail).toContain(`${app.id}#KEY`);
    await stage.request(account, 'approve');
    await stage.live(account, 20 * DAY);
    const record = await stage.recordOf(account);
    expect(record.phase).toBe('propagating');
    expect((await stage.lastPass(account))?.reason).toBe('ConsumersNotAcknowledged');
    expect(stage.failures).toEqual([]);
  });

  it('with `proceed` nothing waits for it', async () => {
    const stage = new HolderStage();
    const account = await stage.adoptWith({ consumers: [], onUnseen: 'proceed' });
    const { version } = stage.world.vault.get(account.secretName);
    stage.holders.addApp('web', account.secretName, { pinnedTo: version });
    await stage.live(account, 60 * DAY);
    expect((await stage.recordOf(account)).rotationId).toBeGreaterThanOrEqual(1);
    expect(stage.failures).not.toEqual([]);
  });

  it('an app that refuses every refresh is waited for until its platform has fetched by itself', async () => {
    const stage = new HolderStage();
    const account = await stage.adoptWith(OBSERVED);
    stage.holders.addApp('web', account.secretName);
    stage.holders.faultFor = (call) => (call.startsWith('refresh') ? 'refused' : 'none');
    const overlap = await overlapOf(stage, account);
    expect(overlap).toBeGreaterThanOrEqual(25 * HOUR);
    expect(overlap).toBeLessThan(27 * HOUR);
    await stage.live(account, 2 * DAY);
    expect(stage.failures).toEqual([]);
  });

  it('a connection that holds neither key is named once it was known, and holds the first rotation', async () => {
    const stage = new HolderStage();
    const account = await stage.adoptWith(OBSERVED);
    stage.holders.addConnection('hub', 'another-key-of-nobody-here-0123456789', 'account.test');
    await stage.live(account, 40 * DAY);
    expect((await stage.knownHolders(account)).holders.map(({ standing }) => standing)).toEqual([
      { state: 'otherValue' },
    ]);
    expect((await stage.lastPass(account))?.reason).toBe('StandbyMayBeInUse');
  });
});

it('whatever is refused, lost or late, no call of an observed holder fails', { timeout: 300_000 }, async () => {
  const faults: readonly Fault[] = ['none', 'none', 'none', 'refused', 'lost', 'late'];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(faults.length - 1), { minLength: 40, maxLength: 40 }),
      fc.boolean(),
      async (choices, restartsByRefresh) => {
        const stage = new HolderStage();
        const account = await stage.adoptWith(OBSERVED);
        stage.holders.addApp('web', account.secretName, { restartsByRefresh });
        const [key1 = ''] = stage.keysOf(account);
        stage.holders.addConnection('hub', key1);
        await stage.live(account, DAY);
        let call = 0;
        stage.holders.faultFor = () => faults[choices[call++] ?? 0] ?? 'none';
        await stage.live(account, 45 * DAY);
        expect((await stage.recordOf(account)).rotationId).toBeGreaterThanOrEqual(1);
        expect(stage.failures).toEqual([]);
      },
    ),
    { numRuns: 15, seed: 20261130 },
  );
});
