// What GET accounts knows of each account besides its rotation, without a call for it: kind, region, age of the key.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, type HttpStage, startHttpStage } from './stage.ts';

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
  stage.addAccount('shop');
});
afterAll(() => stage.close());

async function shown(): Promise<Record<string, unknown>> {
  const { body } = await stage.get('accounts');
  return (body['accounts'] as Record<string, unknown>[]).find(({ account }) => account === 'shop') ?? {};
}
const armCalls = () => stage.azure.requests.filter(({ service }) => service === 'arm').length;

describe('kind and region', () => {
  it('are not known before a pass has read them', async () => {
    expect(await shown()).not.toHaveProperty('kind');
    expect(await shown()).not.toHaveProperty('location');
  });

  it('are known from then on, also to a process that has just started, without a call of it', async () => {
    await stage.adopt();
    stage.restart();
    const before = armCalls();
    expect(await shown()).toMatchObject({ kind: 'TextAnalytics', location: 'westeurope' });
    expect((await stage.get('accounts/shop')).body).toMatchObject({ kind: 'TextAnalytics' });
    expect(armCalls()).toBe(before);
  });

  it('stay known after a pass of a process that has not read them', async () => {
    stage.restart();
    stage.advance(7 * HOUR);
    await stage.tick();
    expect(await shown()).toMatchObject({ kind: 'TextAnalytics', location: 'westeurope' });
  });
});

describe('the age of the published key', () => {
  it('is not known of a key that the service has not made', async () => {
    expect(await shown()).not.toHaveProperty('keyRegeneratedAt');
  });

  it('counts from its regenerate, not from the end of the rotation', async () => {
    const at = stage.app.clock.now();
    await stage.post('accounts/shop/rotate', { reason: 'monthly' });
    await stage.activate();
    const regenerated = new Date(at).toISOString();
    expect(await shown()).toMatchObject({ phase: 'propagating', publishedSlot: 'key2', keyRegeneratedAt: regenerated });
    stage.advance(3 * DAY);
    await stage.tick();
    await stage.confirm();
    expect(await shown()).toMatchObject({ phase: 'idle', keyRegeneratedAt: regenerated });
    expect((await stage.get('accounts/shop')).body).toMatchObject({ keyRegeneratedAt: regenerated });
  });

  it('is not known once another program has regenerated the key', async () => {
    const { id } = stage.azure.world.account([...stage.azure.world.accounts.keys()][0] ?? '');
    stage.azure.world.regenerateKey(id, 'key2');
    stage.advance(7 * HOUR);
    await stage.tick();
    expect(await shown()).not.toHaveProperty('keyRegeneratedAt');
  });
});
