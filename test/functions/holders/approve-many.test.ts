// The approval of many first rotations looks at the holders of each account: one whose standby key is held is left out.
import { describe, expect, it } from 'vitest';
import { approveMany } from '../../../src/operators/bulk/approve.ts';
import { DAY, HolderStage } from './holder-stage.ts';

/** An account whose first rotation waits for an approval. */
async function blocked(prepare: (stage: HolderStage, keys: readonly string[]) => void) {
  const stage = new HolderStage();
  const account = await stage.adoptWith({ standbyIsFree: false, rotationIntervalMs: 8 * DAY });
  prepare(stage, stage.keysOf(account));
  await stage.live(account, 10 * DAY);
  expect(await stage.lastPass(account)).toMatchObject({ reason: 'StandbyMayBeInUse', isBlocked: true });
  const parts = { ...stage.app, holders: stage.holders.parts(stage.records) };
  const wish = { filter: {}, reason: 'ours', by: 'anna', after: undefined };
  const run = (isDryRun: boolean) => approveMany(parts, { ...wish, isDryRun }, () => undefined);
  return { stage, account, parts, run };
}

describe('approve many', () => {
  it('leaves out an account whose standby key a holder has, and shows the holder', async () => {
    const { stage, account, run } = await blocked(({ holders }, [, key2 = '']) => {
      holders.addConnection('hub', key2);
      // The service may not bring it to the published key.
      holders.faultFor = (call) => (/^(list|read) /.test(call) ? 'none' : 'refused');
    });
    for (const isDryRun of [true, false]) {
      expect((await run(isDryRun)).accounts).toMatchObject([
        { result: 'standbyKeyHeld', holders: { isKnown: true, holders: [{ standing: 'copy', slot: 'key2' }] } },
      ]);
    }
    expect((await stage.ports.records.read(account)).requests).toEqual([]);
  });

  it('approves an account whose holders have the published key, and shows them', async () => {
    const { run } = await blocked(({ holders }, [key1 = '']) => holders.addConnection('hub', key1));
    const shown = { holders: [{ standing: 'copy', slot: 'key1' }] };
    expect((await run(true)).accounts).toMatchObject([{ result: 'wouldBeApproved', holders: shown }]);
    expect((await run(false)).accounts).toMatchObject([{ result: 'approved', holders: shown }]);
  });

  it('leaves out an account whose holders cannot be read', async () => {
    const { parts, stage, account } = await blocked(() => undefined);
    const records = { ...stage.records, read: () => Promise.reject(new Error('no answer')) };
    const holders = { ...parts.holders, records: records as never };
    const wish = { filter: {}, reason: 'ours', by: 'anna', after: undefined, isDryRun: false };
    const { accounts } = await approveMany({ ...parts, holders }, wish, () => undefined);
    expect(accounts).toMatchObject([{ account: account.alias, result: 'holdersUnknown' }]);
  });
});
