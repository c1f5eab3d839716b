// A listed account is moved in mid-rotation, and its document names the new id: the former id has no key any more.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DAY, HOUR, type HttpStage, startHttpStage } from './http/stage.ts';

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
});
afterAll(() => stage.close());

it('the former id of a listed account leaves in the end, also if it was moved in mid-rotation', async () => {
  const state = stage.addAccount('listed');
  await stage.adopt();
  await stage.post('accounts/listed/rotate', { reason: 'now' });
  expect((await stage.get('accounts/listed')).body).toMatchObject({ phase: 'preparing' });
  const moved = stage.azure.world.moveAccount(state.id, 'rg-after');
  stage.configure('KeyRotation:Accounts:listed', { resourceId: moved.id, policy: 'listed' });
  for (let day = 0; day < 30; day++) {
    stage.advance(DAY);
    await stage.tick();
    stage.advance(HOUR);
  }
  const rows = await stage.app.ports.records.listStatus();
  const former = rows.find(({ accountId }) => accountId === state.id.toLowerCase());
  expect(former?.lastPass).toMatchObject({ reason: 'NotConfigured' });
});
