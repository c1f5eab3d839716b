// What the service does not do with holders: nothing for an account that is only observed or paused, and no pass for a
// row that an installation without the feature has left behind.
import { expect, it } from 'vitest';
import { HOUR, HolderStage, MINUTE, OBSERVED } from './holder-stage.ts';

const CHANGES = /^(refresh|restart|write) /;
const changesOf = (stage: HolderStage) => stage.holders.calls.filter((call) => CHANGES.test(call));

it('a copy of the standby key is replaced at rest', async () => {
  const stage = new HolderStage();
  const account = await stage.adoptWith(OBSERVED);
  const [, key2 = ''] = stage.keysOf(account);
  const connection = stage.holders.addConnection('hub', key2);
  await stage.live(account, 2 * HOUR);
  expect(changesOf(stage)).toEqual(['write foundryConnection']);
  expect(connection.value).toBe(stage.publishedKeyOf(account));
});

it('an account that is only observed is left as it is', async () => {
  const stage = new HolderStage();
  const account = await stage.adoptWith({ ...OBSERVED, isObserveOnly: true });
  const [, key2 = ''] = stage.keysOf(account);
  stage.holders.addConnection('hub', key2);
  await stage.live(account, 2 * HOUR);
  expect((await stage.knownHolders(account)).holders).toHaveLength(1);
  expect(changesOf(stage)).toEqual([]);
});

it('a paused account is left as it is', async () => {
  const stage = new HolderStage();
  const account = await stage.adoptWith(OBSERVED);
  const stored = await stage.ports.records.read(account);
  const pause = { by: 'operator', reason: 'test', at: stage.now };
  await stage.ports.records.setPause(account, pause, { stored, at: stage.now, history: [], isEntityKept: false });
  const [, key2 = ''] = stage.keysOf(account);
  stage.holders.addConnection('hub', key2);
  await stage.live(account, 2 * HOUR);
  expect(changesOf(stage)).toEqual([]);
});

it('a row that is due wakes its account only where the feature is on', async () => {
  const stage = new HolderStage();
  const account = await stage.adoptWith(OBSERVED);
  const { etag, known } = await stage.records.read(account);
  await stage.records.write(account, etag, { ...known, nextAt: stage.now });
  const due = await stage.ports.records.listDue(stage.now + MINUTE);
  expect(due.accounts).toEqual([]);
  expect(due.ofHolders).toEqual([account.id]);
});
