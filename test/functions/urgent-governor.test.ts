// Emergencies in a subscription whose routine writes are used up: stored at once, carried out from the reserve, and then
// as fast as writes come back. The governor is the shipped one, on a virtual clock.
import { expect, it } from 'vitest';
import { VirtualTime } from '../../bench/virtual-time.ts';
import { createGovernor, type Governor } from '../../src/azure/arm/governor.ts';
import type { App } from '../../src/compose.ts';
import { ask } from '../../src/operators/requests/ask.ts';
import type { KeysPort } from '../../src/rotation/ports.ts';
import { TEST_SUBSCRIPTION } from '../support/account.ts';
import { passOverDue } from '../support/pass-over-due.ts';
import { MemoryStage } from './memory-stage.ts';

const EMERGENCIES = 25;
/** Azure Resource Manager says nothing of its limit. */
const NOT_TOLD = undefined;

/** The keys of the world behind a governor; `admitted` counts what it has let through. */
function governed(keys: KeysPort, governor: Governor, admitted: { count: number }): KeysPort {
  return {
    admit: (account, call, urgency) =>
      new Promise((resolve) => {
        governor.admit(account.subscriptionId, call, urgency);
        admitted.count++;
        resolve();
      }),
    list: async (account) => {
      governor.learn(account.subscriptionId, NOT_TOLD);
      return keys.list(account);
    },
    regenerate: async (account, slot) => {
      governor.learn(account.subscriptionId, NOT_TOLD);
      return keys.regenerate(account, slot);
    },
  };
}

function isRoutineAdmitted(governor: Governor): boolean {
  try {
    governor.admit(TEST_SUBSCRIPTION, 'regenerate', 'routine');
    governor.learn(TEST_SUBSCRIPTION, NOT_TOLD);
    return true;
  } catch {
    return false;
  }
}

it('twenty-five emergencies after routine work has used up its share: all are stored, and the reserve is theirs', async () => {
  const stage = new MemoryStage();
  for (let index = 0; index < EMERGENCIES; index++) await stage.adopt(`account-${index}`);
  const leaked = stage.accounts.map((account) => stage.publishedKeyOf(account));
  const time = new VirtualTime(stage.now);
  const governor = createGovernor(time.now);
  const admitted = { count: 0 };
  const ports = { ...stage.ports, keys: governed(stage.ports.keys, governor, admitted) };
  let admittedAtOnce: number | undefined;
  const sleep: App['sleep'] = (ms) => {
    if (admitted.count > 0) admittedAtOnce ??= admitted.count;
    return time.sleep(ms);
  };
  const app: App = { ...stage.app, ports, clock: { now: time.now }, sleep };
  while (isRoutineAdmitted(governor));

  const wish = { kind: 'compromised', named: 'published', reason: 'in a repository' } as const;
  const asked = await Promise.all(stage.accounts.map((account) => ask(app, { account, wish, by: 'an operator' })));
  expect(asked.filter(({ isRepeated }) => !isRepeated)).toHaveLength(25);

  const startedAt = time.now();
  const { report } = await time.run(passOverDue(app, () => undefined));
  expect(report).toMatchObject({ due: 25, left: 0 });
  expect(admittedAtOnce).toBe(40);
  expect(stage.accounts.filter((account, index) => stage.keysOf(account).includes(leaked[index] ?? ''))).toEqual([]);
  // Three writes each, of which forty were there: the other 35 come back in three and a half seconds.
  expect(time.now() - startedAt).toBeLessThan(10_000);
  expect(isRoutineAdmitted(governor)).toBe(false);
});
