// Tags and a content type that others gave the secret: what becomes of them from the adoption to the second rotation.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HttpStage, startHttpStage } from './stage.ts';

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
});
afterAll(() => stage.close());

it('are on each version that the service publishes', async () => {
  const shop = stage.addAccount('shop');
  const { vault } = stage.azure.world;
  const tags = { owner: 'team-a', 'cost-center': '42' };
  vault.set('shop-key', { value: shop.keys.key1.value, tags, contentType: 'api-key' });
  await stage.adopt();
  for (const slot of ['key2', 'key1']) {
    await stage.post('accounts/shop/rotate', { reason: 'monthly' });
    await stage.activate();
    const newest = vault.find('shop-key');
    expect(newest.contentType).toBe('api-key');
    expect(newest.tags).toMatchObject({ ...tags, CredentialId: slot });
    stage.advance(8 * 86_400_000);
    await stage.confirm();
  }
});
