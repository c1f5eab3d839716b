// The removal of an account that left is interrupted, and the account comes back before the next round.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HttpStage, startHttpStage } from './http/stage.ts';

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
});
afterAll(() => stage.close());

it('its pause is there as long as its record', async () => {
  stage.addAccount('paused');
  await stage.tick();
  await stage.post('accounts/paused/pause', { reason: 'hold' });
  const [account] = (await stage.app.fleet()).accounts;
  const { records } = stage.app.ports;
  const read = () => records.read(account as never);
  const { etag, entity } = await read();
  const left = { at: 0, since: 0, reason: 'NotConfigured', isBlocked: false, failures: 0 };
  const change = {
    entity: { ...entity, lastPass: left, revision: entity.revision + 1 },
    closes: [],
    history: [],
    at: 0,
  };
  await records.write(account as never, etag, change);
  // The first transaction passes; the next call of the table is not answered.
  let calls = 0;
  stage.azure.faults.add({ service: 'table', operation: 'transaction', times: 1, fault: { kind: 'applyThenCut' } });
  await records.forgetAccount((account as unknown as { id: never }).id, 1).catch(() => calls++);
  stage.azure.faults.clear();
  const { record, pause } = await read();
  expect([record.state, pause?.reason]).not.toEqual(['present', undefined]);
});
