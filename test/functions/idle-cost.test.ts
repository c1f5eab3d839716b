// What the timer costs when nothing is due, counted on the wire; and that it still finds what it must.
import { InvocationContext } from '@azure/functions';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { composeApp } from '../../src/compose.ts';
import type { AccountId, RotationId } from '../../src/rotation/model.ts';
import { runTick } from '../../src/triggers/tick.ts';
import { buildAccount } from '../support/account.ts';
import { type HttpStage, startHttpStage } from './http/stage.ts';

const ACCOUNTS = 250;
const MINUTE = 60_000;
const FAR = Date.UTC(2100, 0, 1);

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
  stage.configure('KeyRotation:Sentinel', { revision: 1 });
  for (let index = 0; index < ACCOUNTS; index++) await enrol(`account-${index}`);
  await tick();
});
afterAll(() => stage.close());
beforeEach(async () => {
  // The pages of the configuration have been read a minute ago, in whatever order the tests run.
  stage.advance(4 * MINUTE);
  await tick();
  stage.advance(MINUTE);
});

/** As an account at rest is stored: nothing to do for a long time. */
async function enrol(name: string): Promise<void> {
  const state = stage.addAccount(name);
  const id = state.id.toLowerCase() as AccountId;
  const account = { ...buildAccount(name), id };
  const entity = { lease: undefined, record: undefined, nextObservationAt: FAR, lastPass: undefined, revision: 1 };
  const history = [{ kind: 'Adopted', at: 0, rotationId: 0 as RotationId }] as const;
  await stage.app.ports.records.write(account, undefined, { entity, closes: [], history, at: 0 });
}

/** Runs the timer's function; answers the requests that it cost, tokens excepted. */
async function tick(): Promise<string[]> {
  const { requests } = stage.azure;
  const before = requests.length;
  const logHandler = (_level: string, ...args: unknown[]): void => void stage.said.push(args.map(String).join(' '));
  await runTick(stage.serving, new InvocationContext({ functionName: 'reconcile-on-schedule', logHandler }));
  return requests
    .slice(before)
    .filter(({ service }) => service !== 'token')
    .map(({ service, operation }) => `${service} ${operation}`);
}

/** The same configuration and clock in a process that has just started. */
function coldStart(): void {
  stage.serving = { ...composeApp(stage.azure.environment()), clock: stage.app.clock };
}

/** Six of a hundred key-values: an account and a policy for each name. */
const PAGES = Array.from({ length: 6 }, () => 'appConfiguration listKeyValues');
const IDLE = ['table queryEntities', 'appConfiguration listKeyValues', 'table upsertEntity'];

describe('a tick of which nothing is due', () => {
  it('costs three requests: what is due, freeze and sentinel, and the note that it has run', async () => {
    await tick();
    stage.advance(MINUTE);
    expect(await tick()).toEqual(IDLE);
  });
  it('costs two within the minute after another', async () => {
    await tick();
    stage.advance(MINUTE - 1);
    expect(await tick()).toEqual(IDLE.slice(0, 2));
  });
  it('costs a cold process the pages of the configuration beside, and does not look for accounts to enrol', async () => {
    coldStart();
    expect(await tick()).toEqual([...IDLE.slice(0, 2), ...PAGES, 'table upsertEntity']);
    stage.serving = stage.app;
  });
  it('costs the pages of the configuration beside when they are four minutes old', async () => {
    stage.advance(4 * MINUTE);
    expect(await tick()).toEqual([...IDLE.slice(0, 2), ...PAGES, 'table upsertEntity']);
    stage.advance(3 * MINUTE);
    expect(await tick()).toEqual(IDLE);
  });
});

describe('a new account', () => {
  it('is found when the sentinel has changed, passed over, and seen enrolled by the tick after', async () => {
    stage.addAccount('late');
    expect(await tick()).toEqual(IDLE);
    stage.configure('KeyRotation:Sentinel', { revision: 2 });
    stage.advance(MINUTE);
    expect(await tick()).toContain('arm listKeys');
    stage.advance(MINUTE);
    expect(await tick()).toEqual([
      'table queryEntities',
      'appConfiguration listKeyValues',
      'table queryEntities',
      'table upsertEntity',
    ]);
    stage.advance(MINUTE);
    expect(await tick()).toEqual(IDLE);
  });
  it('is found within four minutes although nobody has changed the sentinel', async () => {
    stage.addAccount('unannounced');
    stage.advance(4 * MINUTE);
    expect(await tick()).toContain('arm listKeys');
  });
});
