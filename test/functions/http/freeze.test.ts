// The freeze by HTTP: who may set it, what it does, who has set it, and that it never overwrites the word of another.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RotationError } from '../../../src/rotation/errors.ts';
import { principal } from './principal.ts';
import { DAY, type HttpStage, startHttpStage } from './stage.ts';

const KEY = 'KeyRotation:Freeze';

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
  // The store has a clock of its own. Here it shows the same time as the service's.
  const { store } = stage.azure.world;
  const { onModified } = store;
  store.onModified = (written) => {
    onModified?.(Object.assign(written, { lastModified: stage.app.clock.now() }));
  };
  stage.addAccount('shop');
  stage.addAccount('late', { rotationInterval: 'P5D' });
  await stage.adopt();
  await stage.post('accounts/shop/rotate', { reason: 'monthly' });
  await stage.activate();
  stage.advance(30 * DAY);
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.serving = stage.app;
  stage.azure.world.store.delete(KEY, null);
});

const stored = () => stage.azure.world.store.get(KEY, null);
const setByHand = (value: string, tags: Record<string, string> = {}) =>
  stage.azure.world.store.set(KEY, null, { value, tags });

describe('the freeze', () => {
  it('is not set without its key-value', async () => {
    expect(await stage.get('freeze')).toMatchObject({ status: 200, body: { isFrozen: false } });
    expect((await stage.get('freeze')).body).toEqual({ isFrozen: false });
  });

  it('is set with a name and a reason, which the key-value and the log keep', async () => {
    const answer = await stage.post('freeze', { reason: 'the network team works' });
    const changed = { by: 'function key', reason: 'the network team works' };
    expect(answer).toMatchObject({ status: 200, body: { isFrozen: true, isChanged: true, changed } });
    expect(stored()?.value).toBe('true');
    expect((await stage.get('freeze')).body).toMatchObject({ isFrozen: true, changed });
    expect((await stage.get('accounts')).body).toMatchObject({ isFrozen: true, problems: [] });
    const line = stage.warned.map((text) => JSON.parse(text) as object).findLast((entry) => 'by' in entry);
    expect(line).toEqual({ event: 'freeze', state: 'frozen', ...changed });
  });

  it('stays as it is if it is set already, with the name and the reason of the first', async () => {
    await stage.post('freeze', { reason: 'first' });
    const etag = stored()?.etag;
    const answer = await stage.post('freeze', { reason: 'second' });
    expect(answer.body).toMatchObject({ isFrozen: true, isChanged: false, changed: { reason: 'first' } });
    expect(stored()?.etag).toBe(etag);
  });

  it('ends with a name and a reason', async () => {
    await stage.post('freeze', { reason: 'work' });
    const answer = await stage.post('unfreeze', { reason: 'the work is done' });
    expect(answer.body).toMatchObject({ isFrozen: false, isChanged: true, changed: { reason: 'the work is done' } });
    expect(stored()?.value).toBe('false');
    expect((await stage.get('accounts')).body).toMatchObject({ isFrozen: false });
    expect((await stage.post('unfreeze', { reason: 'again' })).body).toMatchObject({ isChanged: false });
  });

  it('takes the longest reason, and shows its line breaks and tabs as spaces: tags can hold neither', async () => {
    const words = 'a\n\tb '.repeat(83).trim();
    const answer = await stage.post('freeze', { reason: `${words}😀` });
    const reason = `${'a b '.repeat(83).trim()}😀`;
    expect(answer.body).toMatchObject({ isChanged: true, changed: { reason } });
    await stage.post('unfreeze', { reason: 'short' });
    expect((await stage.get('freeze')).body).toMatchObject({ changed: { reason: 'short' } });
    const long = `${'x '.repeat(124)}x😀${' y'.repeat(124)}`;
    expect((await stage.post('freeze', { reason: long })).body).toMatchObject({ changed: { reason: long } });
  });

  it('does not hold a leaked key', async () => {
    await stage.post('freeze', { reason: 'work' });
    const leaked = await stage.post('accounts/late/rotate', { reason: 'found on the web', compromised: 'published' });
    const { id } = leaked.body['request'] as { readonly id: string };
    await stage.activate();
    await stage.confirm();
    expect((await stage.get(`accounts/late/requests/${id}`)).body).toMatchObject({ outcome: 'KeyIsDead' });
  });
});

describe('a freeze that another program has set', () => {
  it('shows when it was changed, and no name', async () => {
    setByHand('true');
    const { body } = await stage.get('freeze');
    expect(body).toEqual({ isFrozen: true, changedAt: expect.any(String) as string });
  });

  it('does not bear the name of the person who has set it before, though the tags are still there', async () => {
    await stage.post('freeze', { reason: 'mine' });
    const tags = stored()?.tags ?? {};
    expect(tags).not.toEqual({});
    stage.advance(DAY);
    setByHand('false', tags);
    expect((await stage.get('freeze')).body['changed']).toBeUndefined();
    stage.advance(DAY);
    setByHand('true', tags);
    expect((await stage.get('freeze')).body['changed']).toBeUndefined();
  });

  it('keeps the tags of others', async () => {
    setByHand('false', { team: 'platform' });
    await stage.post('freeze', { reason: 'work' });
    expect(stored()?.tags).toMatchObject({ team: 'platform' });
  });

  it('stays as it is while its key-value is locked', async () => {
    setByHand('true');
    stage.azure.world.store.setLock(KEY, null, true);
    const answer = await stage.post('unfreeze', { reason: 'done' });
    expect(answer).toMatchObject({ status: 502, body: { providerCode: expect.any(String) as string } });
    expect(answer.body['detail']).toContain('locked');
    expect(stored()?.value).toBe('true');
    stage.azure.world.store.setLock(KEY, null, false);
  });

  it('with an unreadable value counts as set, and is written as it should be', async () => {
    setByHand('yes');
    expect((await stage.get('freeze')).body).toMatchObject({ isFrozen: true });
    expect((await stage.post('freeze', { reason: 'work' })).body).toMatchObject({ isFrozen: true, isChanged: true });
    expect(stored()?.value).toBe('true');
  });
});

describe('a change at the same moment', () => {
  /** Another program writes after each of the first `times` reads. */
  function contested(times: number, other: () => void): void {
    const { freeze } = stage.app;
    let reads = 0;
    const read: typeof freeze.read = async () => {
      const found = await freeze.read();
      if (reads++ < times) other();
      return found;
    };
    stage.serving = { ...stage.app, freeze: { read, write: (...given) => freeze.write(...given) } };
  }

  it('is not overwritten unseen: the freeze is read again', async () => {
    setByHand('true');
    contested(1, () => setByHand('false', { by: 'another' }));
    expect((await stage.post('unfreeze', { reason: 'done' })).body).toMatchObject({
      isFrozen: false,
      isChanged: false,
    });
    expect(stored()?.tags).toEqual({ by: 'another' });
  });

  it('counts also if the key-value did not exist', async () => {
    contested(1, () => setByHand('false'));
    expect((await stage.post('freeze', { reason: 'work' })).body).toMatchObject({ isFrozen: true, isChanged: true });
  });

  it('ends the tries after five', async () => {
    let edits = 0;
    contested(99, () => setByHand('false', { edits: String(edits++) }));
    const answer = await stage.post('freeze', { reason: 'work' });
    expect(answer).toMatchObject({ status: 503, body: { code: 'LostRace' } });
    expect([edits, stored()?.value]).toEqual([5, 'false']);
  });

  it('does not repeat a write without an answer: whether it had an effect is read by the next call', async () => {
    const { freeze } = stage.app;
    let writes = 0;
    const write: typeof freeze.write = async (...given) => {
      writes++;
      await freeze.write(...given);
      const lost = { code: 'Unavailable', service: 'appConfiguration', operation: 'writeFreeze' } as const;
      throw new RotationError({ ...lost, message: 'The answer is lost.' });
    };
    stage.serving = { ...stage.app, freeze: { read: () => freeze.read(), write } };
    expect((await stage.post('freeze', { reason: 'work' })).status).toBe(503);
    expect(writes).toBe(1);
    stage.serving = stage.app;
    expect((await stage.post('freeze', { reason: 'work' })).body).toMatchObject({ isFrozen: true, isChanged: false });
  });
});

describe('a dry run', () => {
  it('names the rotations that stop or begin, and changes nothing', async () => {
    await stage.post('campaigns', { reason: 'spring', filter: { search: 'shop' } });
    const freeze = await stage.post('freeze', { reason: 'looking', dryRun: true });
    expect(freeze).toMatchObject({
      status: 200,
      body: {
        present: { isFrozen: false },
        isFrozen: true,
        isChanged: true,
        calls: ['App Configuration: set KeyRotation:Freeze to true'],
        underWay: { count: 1, accounts: ['shop'] },
        campaigns: 1,
      },
    });
    expect(stored()).toBeUndefined();
    const unfreeze = await stage.post('unfreeze', { reason: 'looking', dryRun: true });
    expect(unfreeze.body).toMatchObject({ isFrozen: false, isChanged: false, calls: [] });
  });

  it('names the accounts whose rotation is due', async () => {
    stage.advance(30 * DAY);
    setByHand('true');
    const { body } = await stage.post('unfreeze', { reason: 'looking', dryRun: true });
    expect(body).toMatchObject({ isChanged: true, due: { count: 1, accounts: ['late'] } });
    expect(stored()?.value).toBe('true');
  });
});

describe('who may', () => {
  const as = (...roles: string[]) => ({
    authorization: 'entra' as const,
    headers: principal({ name: 'ada@example.com', objectId: 'o-1', roles }),
  });

  it('see it: Rotation.Read', async () => {
    expect((await stage.get('freeze', as('Rotation.Read'))).status).toBe(200);
    expect((await stage.get('freeze', as('Rotation.Acknowledge'))).status).toBe(403);
  });

  it.each(['freeze', 'unfreeze'])('%s: Rotation.Operate, with the name of the caller', async (path) => {
    const refused = await stage.post(path, { reason: 'work' }, as('Rotation.Check'));
    expect(refused).toMatchObject({ status: 403, body: { role: 'Rotation.Operate' } });
    setByHand(path === 'freeze' ? 'false' : 'true');
    const done = await stage.post(path, { reason: 'work' }, as('Rotation.Operate'));
    expect(done.body).toMatchObject({ isChanged: true, changed: { by: expect.stringContaining('ada') as string } });
  });

  it('needs a reason', async () => {
    expect(await stage.post('freeze', {})).toMatchObject({ status: 400, body: { fields: [{ field: 'reason' }] } });
  });
});
