// An emergency in the timer's tick: it waits neither for App Configuration nor for the accounts that are due by routine.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { interceptAllPorts } from '../../local/azure/memory/intercept-records.ts';
import type { App } from '../../src/compose.ts';
import { ask } from '../../src/operators/requests/ask.ts';
import { RotationError } from '../../src/rotation/errors.ts';
import type { Account, AccountId, RotationId } from '../../src/rotation/model.ts';
import { buildAccount } from '../support/account.ts';
import { passOverDue } from '../support/pass-over-due.ts';
import { type HttpStage, startHttpStage } from './http/stage.ts';

const ROUTINE = 300;

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
  for (const name of ['silent', 'refusing', 'zulu']) stage.addAccount(name);
  await stage.adopt();
});
afterAll(() => stage.close());
afterEach(() => {
  stage.azure.faults.clear();
  stage.serving = stage.app;
});

const keysOf = (name: string): readonly string[] => {
  const state = [...stage.azure.world.accounts.values()].find(({ seed }) => seed.name === name);
  return Object.values(state?.keys ?? {}).map(({ value }) => value);
};
const publishedKeyOf = (name: string): string => stage.azure.world.vault.get(`${name}-key`).value;

/** The published key of an account is leaked, and an operator has said so; no pass has been made. */
async function leak(name: string): Promise<{ readonly account: Account; readonly key: string }> {
  const account = (await stage.app.fleet()).accounts.find(({ alias }) => alias === name);
  if (account === undefined) throw new Error(`${name} is not configured.`);
  const wish = { kind: 'compromised', named: 'published', reason: 'in a log' } as const;
  await ask(stage.app, { account, wish, by: 'an operator' });
  return { account, key: publishedKeyOf(name) };
}

function expectReplaced(name: string, key: string): void {
  expect(keysOf(name)).not.toContain(key);
  expect(keysOf(name)).toContain(publishedKeyOf(name));
}

/** What waits at it goes on when it is opened. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const noAnswer = (): RotationError =>
  new RotationError({
    code: 'Unavailable',
    service: 'appConfiguration',
    operation: 'read',
    message: 'No answer.',
  });

describe('an emergency among three hundred accounts that are due', () => {
  /** As an account is stored that was due a moment ago, with something asked of it, as all that stand before others. */
  async function enrolDue(name: string): Promise<void> {
    const state = stage.addAccount(name);
    const account = { ...buildAccount(name), id: state.id.toLowerCase() as AccountId };
    const at = stage.app.clock.now();
    const entity = { lease: undefined, record: undefined, nextObservationAt: at, lastPass: undefined, revision: 1 };
    const history = [{ kind: 'Adopted', at, rotationId: 0 as RotationId }] as const;
    const { records } = stage.app.ports;
    await records.write(account, undefined, { entity, closes: [], history, at });
    await records.insertRequest(account, { id: name as never, kind: 'approve', reason: 'test', by: 'test', at }, []);
  }

  it('is passed over before any of them has been read', async () => {
    for (let index = 0; index < ROUTINE; index++) await enrolDue(`account-${String(index).padStart(3, '0')}`);
    const cold = stage.restart();
    const { key, account } = await leak('zulu');
    const isReplaced = gate();
    // No routine pass goes on until the emergency is over, and each then fails at its first call.
    const ports = interceptAllPorts(cold.ports, async (call, proceed) => {
      if (call.account === undefined || call.account.id === account.id) return proceed();
      await isReplaced.opened;
      throw noAnswer();
    });
    const passes: unknown[] = [];
    const { report, left } = await passOverDue({ ...cold, ports }, (_level, event, { account: alias }) => {
      if (event !== 'pass') return;
      passes.push(alias);
      isReplaced.open();
    });
    expect(passes[0]).toBe('zulu');
    expectReplaced('zulu', key);
    // The two hundred of a tick beside it; the other two accounts of this file are due as well.
    expect(report).toMatchObject({ due: 303, passes: 201, left: 102 });
    expect(left).not.toContain(account.id);
  });
});

describe('an emergency is passed over by the tick of a process that has just started', () => {
  it('while App Configuration never answers, after three seconds; the tick fails when the wait for it ends', async () => {
    const { key } = await leak('silent');
    const cold = stage.restart();
    const isWaitOver = gate();
    const sleeps: number[] = [];
    const app: App = {
      ...cold,
      ports: interceptAllPorts(cold.ports, ({ service }, proceed) =>
        service === 'appConfiguration' ? Promise.reject(noAnswer()) : proceed(),
      ),
      fleet: () => isWaitOver.opened.then(() => Promise.reject(noAnswer())),
      sleep: (ms) => {
        sleeps.push(ms);
        return cold.sleep(ms);
      },
    };
    const passes: unknown[] = [];
    const tick = passOverDue(app, (_level, event, { account }) => {
      if (event !== 'pass') return;
      passes.push(account);
      isWaitOver.open();
    });
    await expect(tick).rejects.toMatchObject({ code: 'Unavailable', service: 'appConfiguration' });
    expect([passes, sleeps]).toEqual([['silent'], [3_000]]);
    expectReplaced('silent', key);
  });

  it('while App Configuration answers 503, without a wait; the tick fails', async () => {
    const { key } = await leak('refusing');
    const cold: App = { ...stage.restart(), sleep: () => new Promise(() => undefined) };
    stage.azure.faults.add({ service: 'appConfiguration', fault: { kind: 'serverError', status: 503 } });
    const tick = passOverDue(cold, () => undefined);
    await expect(tick).rejects.toMatchObject({ code: 'Unavailable', service: 'appConfiguration' });
    expectReplaced('refusing', key);
  });

  // The rule that notes it comes after the one that waits for App Configuration.
  it('and the request says that the key is replaced, although App Configuration does not answer', async () => {
    const account = (await stage.app.fleet()).accounts.find(({ alias }) => alias === 'refusing');
    if (account === undefined) throw new Error('refusing is not configured.');
    const { requests } = await stage.app.ports.records.read(account);
    expect(requests).toMatchObject([{ kind: 'compromised', replacedAt: expect.any(Number) as number }]);
  });
});
