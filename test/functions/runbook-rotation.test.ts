// What the runbook says to do for rotations that do not begin, or do not go on: tried, as in runbook-blocked.test.ts.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type AccountState, PROMPT_NODE } from '../../local/azure/world/world.ts';
import { DAY, HOUR, publishedVersion } from './http/stage.ts';
import { adopted, anHourLater, hasBegun, heading, secretOf, stage, stands } from './runbook-stage.ts';

const DEPLOYMENT = readFileSync(new URL('../../docs/deployment.md', import.meta.url), 'utf8');

heading('PublishedKeyNotAccepted', () => {
  it('the network rules are corrected, and the rotation begins', async () => {
    const account = await adopted('denied');
    account.knobs.isDeniedByFirewall = true;
    await stage.post('accounts/denied/rotate', { reason: 'now' });
    expect(await stands('denied')).toEqual({ reason: 'PublishedKeyNotAccepted', isBlocked: true, phase: 'idle' });
    account.knobs.isDeniedByFirewall = false;
    await anHourLater();
    await hasBegun('denied');
  });
});

heading('NewKeyNotAccepted', () => {
  const beginsWithDeadKey = async (name: string): Promise<AccountState> => {
    const account = await adopted(name);
    account.knobs.nodes = [{ acceptsNewAfterMs: 400 * DAY, acceptsOldForMs: 0 }];
    await stage.post(`accounts/${name}/rotate`, { reason: 'now' });
    stage.advance(3 * HOUR);
    await stage.tick();
    expect(await stands(name)).toEqual({ reason: 'NewKeyNotAccepted', isBlocked: true, phase: 'preparing' });
    return account;
  };

  it('is over when the key becomes active', async () => {
    const account = await beginsWithDeadKey('late-active');
    account.knobs.nodes = [PROMPT_NODE];
    await anHourLater();
    expect(await stands('late-active')).toMatchObject({ isBlocked: false, phase: 'propagating' });
  });

  it('or when the new key, which nobody has, is named as compromised: it is regenerated again', async () => {
    const account = await beginsWithDeadKey('never-active');
    const { value } = account.keys.key2;
    // It was this key that the gateway never learnt of.
    account.knobs.nodes = [PROMPT_NODE];
    const leak = { reason: 'it does not become active', compromised: 'key2' };
    expect((await stage.post('accounts/never-active/rotate', leak)).status).toBe(202);
    await hasBegun('never-active');
    expect(account.keys.key2.value).not.toBe(value);
    expect(secretOf('never-active').value).toBe(account.keys.key2.value);
  });
});

heading('ConsumersNotAcknowledged', () => {
  const held = async (name: string): Promise<AccountState> => {
    const account = await adopted(name, { consumers: ['api'], onMissing: 'hold' });
    await stage.post(`accounts/${name}/rotate`, { reason: 'now' });
    await hasBegun(name);
    stage.advance(3 * DAY);
    await stage.tick();
    expect(await stands(name)).toEqual({ reason: 'ConsumersNotAcknowledged', isBlocked: true, phase: 'propagating' });
    return account;
  };
  const idleAgain = async (name: string): Promise<void> => {
    await anHourLater();
    await anHourLater();
    expect(await stands(name)).toMatchObject({ isBlocked: false, phase: 'idle' });
  };

  it('the consumer takes the new key and acknowledges it', async () => {
    await held('late');
    const { status } = await stage.post('accounts/late/acknowledgements', {
      consumer: 'api',
      version: publishedVersion(stage, 'late'),
    });
    expect(status).toBe(200);
    await idleAgain('late');
  });

  it.each([
    ['the consumer is removed from the policy', 'gone', { consumers: [] }],
    ['onMissing is set to proceed', 'proceeding', { consumers: ['api'], onMissing: 'proceed' }],
  ])('%s', async (_, name, change) => {
    await held(name);
    const policy = { overlapMinimum: 'PT1H', overlapMaximum: 'P2D', rotationInterval: 'P30D', ...change };
    stage.configure(`KeyRotation:Policies:${name}`, policy);
    await idleAgain(name);
  });
});

heading('StandbyMayBeInUse', () => {
  it('is not said before a rotation is due or asked for; then it is approved, and the rotation begins at once', async () => {
    await adopted('in-use', { standbyIsFree: false });
    await stage.tick();
    expect(await stands('in-use')).toMatchObject({ reason: 'NotDue', isBlocked: false });
    await stage.post('accounts/in-use/rotate', { reason: 'now' });
    expect(await stands('in-use')).toEqual({ reason: 'StandbyMayBeInUse', isBlocked: true, phase: 'idle' });
    await stage.post('accounts/in-use/approve', { reason: 'only the vault is read' });
    await hasBegun('in-use');
  });

  it('or standbyIsFree is set', async () => {
    const account = await adopted('in-use-too', { standbyIsFree: false });
    await stage.post('accounts/in-use-too/rotate', { reason: 'now' });
    expect(await stands('in-use-too')).toMatchObject({ reason: 'StandbyMayBeInUse', isBlocked: true });
    const document = { resourceId: account.id, policy: 'in-use-too', standbyIsFree: true };
    stage.configure('KeyRotation:Accounts:in-use-too', document);
    stage.advance(6 * HOUR);
    await stage.tick();
    await hasBegun('in-use-too');
  });

  it('under the built-in policy what is asked for on the first day begins after seven, says the deployment', async () => {
    const account = stage.addAccount('newcomer');
    stage.configure('KeyRotation:Accounts:newcomer', { resourceId: account.id });
    await stage.tick();
    await stage.post('accounts/newcomer/approve', { reason: 'only the vault is read' });
    expect((await stage.post('accounts/newcomer/rotate', { reason: 'now' })).status).toBe(202);
    expect(await stands('newcomer')).toEqual({ reason: 'RecentlyAdopted', isBlocked: false, phase: 'idle' });
    stage.advance(7 * DAY);
    await stage.tick();
    await hasBegun('newcomer');
  });
});

heading('the policy of docs/deployment.md to see a rotation', () => {
  it('lets a whole one be seen within the hour after the adoption', async () => {
    const [policy = ''] = /(?<=`)\{"overlapMinimum"[^`]+(?=`)/.exec(DEPLOYMENT) ?? [];
    stage.configure('KeyRotation:Policies:default', JSON.parse(policy) as object);
    const account = stage.addAccount('first-look');
    stage.configure('KeyRotation:Accounts:first-look', { resourceId: account.id });
    await stage.tick();
    await stage.post('accounts/first-look/approve', { reason: 'only the vault is read' });
    await stage.post('accounts/first-look/rotate', { reason: 'to see it' });
    for (let ticks = 0; ticks < 11; ticks += 1) {
      stage.advance(HOUR / 12);
      await stage.tick();
    }
    expect((await stage.get('accounts/first-look')).body).toMatchObject({
      phase: 'idle',
      last: { rotationId: 1, outcome: 'completed', provenAt: expect.any(String) as string },
    });
  });
});

heading('the policy of docs/deployment.md for a fleet', () => {
  const [spread = ''] = /(?<=--value ')\{"spread"[^']+(?=')/.exec(DEPLOYMENT) ?? [];
  const dueAfter = async (name: string): Promise<number> => {
    const { phaseSince, nextRotationAt } = (await stage.get(`accounts/${name}`)).body;
    return Date.parse(String(nextRotationAt)) - Date.parse(String(phaseSince));
  };
  const adopt = async (name: string): Promise<void> => {
    stage.configure(`KeyRotation:Accounts:${name}`, { resourceId: stage.addAccount(name).id });
    await stage.tick();
  };

  it('spreads the first rotations of accounts that are adopted after it, not of those adopted before', async () => {
    await adopt('too-early');
    stage.configure('KeyRotation:Policies:default', JSON.parse(spread) as object);
    await adopt('in-time');
    stage.advance(6 * HOUR);
    await stage.tick();
    expect(await dueAfter('too-early')).toBe(30 * DAY);
    expect(await dueAfter('in-time')).toBeGreaterThan(30 * DAY);
    expect(await dueAfter('in-time')).toBeLessThan(44 * DAY);
  });
});

heading('RegenerateHasNoEffect', () => {
  it('is over when its cause is ended and a rotation is asked for', async () => {
    await adopted('without-effect', { attemptsMaximum: 2 });
    stage.azure.faults.add({ service: 'arm', operation: 'regenerateKey', fault: { kind: 'refuse' } });
    await stage.post('accounts/without-effect/rotate', { reason: 'now' });
    for (let hours = 0; hours < 4; hours += 1) await anHourLater();
    expect(await stands('without-effect')).toEqual({
      reason: 'RegenerateHasNoEffect',
      isBlocked: true,
      phase: 'preparing',
    });
    stage.azure.faults.clear();
    await anHourLater();
    expect(await stands('without-effect')).toMatchObject({ isBlocked: true });
    expect((await stage.post('accounts/without-effect/rotate', { reason: 'mended' })).status).toBe(202);
    await hasBegun('without-effect');
  });
});

heading('a superseded key that is still accepted', () => {
  const retiring = async (name: string): Promise<void> => {
    const account = await adopted(name);
    account.knobs.nodes = [{ acceptsNewAfterMs: 0, acceptsOldForMs: 4 * DAY }];
    await stage.post(`accounts/${name}/rotate`, { reason: 'now' });
    await hasBegun(name);
    stage.advance(2 * DAY);
    await stage.tick();
    expect(await stands(name)).toEqual({
      reason: 'SupersededKeyStillAccepted',
      isBlocked: false,
      phase: 'retiring',
    });
  };
  const ended = async (name: string): Promise<Record<string, unknown> | undefined> => {
    const { entries } = (await stage.get(`accounts/${name}/history`)).body as { entries: Record<string, unknown>[] };
    return entries.find(({ kind }) => kind === 'RotationCompleted');
  };

  it('ends without proof; the version that the history names still holds the value, to be tried by hand', async () => {
    await retiring('unproven');
    stage.advance(25 * HOUR);
    await stage.tick();
    const line = await ended('unproven');
    expect(line).toMatchObject({ reason: 'DeathNotProven', slot: 'key1' });
    expect(stage.azure.world.vault.get('unproven-key', String(line?.['version'])).isEnabled).toBe(true);
  });

  it('ends with proof where confirmFor is lengthened before it is over', async () => {
    await retiring('slow');
    const policy = { overlapMinimum: 'PT1H', overlapMaximum: 'P2D', rotationInterval: 'P30D', confirmFor: 'P7D' };
    stage.configure('KeyRotation:Policies:slow', policy);
    stage.advance(3 * DAY);
    await stage.tick();
    expect(await stands('slow')).toMatchObject({ reason: 'SupersededKeyStillAccepted', phase: 'retiring' });
    // The node learns of it on the fourth day.
    stage.advance(DAY);
    await stage.tick();
    // The rejections must last as long as the acceptances did: three days here, within the patience of seven.
    expect(await stands('slow')).toMatchObject({ reason: 'ConfirmationTimeNotOver', phase: 'retiring' });
    stage.advance(3 * DAY);
    await stage.tick();
    expect(await ended('slow')).toMatchObject({ reason: 'DeathProven', slot: 'key1' });
  });
});
