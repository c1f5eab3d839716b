// A stage for the procedures of the runbook: how an operator sees an account, and when the service looks again.
// What is done by hand is done to the world, as the command of the runbook would.
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { AccountState } from '../../local/azure/world/world.ts';
import { DAY, HOUR, type HttpStage, startHttpStage } from './http/stage.ts';

export let stage: HttpStage;

/** A heading of the runbook, with a world of its own. */
export function heading(name: string, tests: () => void): void {
  describe(name, () => {
    beforeAll(async () => {
      stage = await startHttpStage();
    });
    afterAll(() => stage.close());
    tests();
  });
}

export async function adopted(name: string, policy: object = {}, document: object = {}): Promise<AccountState> {
  const account = stage.addAccount(name, policy, document);
  await stage.adopt();
  return account;
}

/** How the account stands, as the operator asks for it. */
export async function stands(name: string): Promise<unknown> {
  const { reason, isBlocked, phase } = (await stage.get(`accounts/${name}`)).body;
  return { reason, isBlocked, phase };
}

/** The longest time until a blocked account is looked at again, of which the runbook speaks. */
export async function anHourLater(): Promise<void> {
  stage.advance(HOUR);
  await stage.tick();
}

/** A rotation has begun; it publishes when the gateway has had the time to learn of the new key. */
export async function hasBegun(name: string): Promise<void> {
  expect(await stands(name)).toEqual({ reason: 'ActivationTimeNotOver', isBlocked: false, phase: 'preparing' });
  await stage.activate();
  expect(await stands(name)).toEqual({ reason: 'OverlapNotOver', isBlocked: false, phase: 'propagating' });
}

export async function rotated(name: string): Promise<void> {
  expect((await stage.post(`accounts/${name}/rotate`, { reason: 'is it mended?' })).status).toBe(202);
  for (let days = 0; days < 4; days += 1) {
    stage.advance(DAY);
    await stage.tick();
  }
  expect((await stage.get(`accounts/${name}`)).body).toMatchObject({
    phase: 'idle',
    isBlocked: false,
    last: { outcome: 'completed', provenAt: expect.any(String) as string },
  });
}

export const secretOf = (name: string) => stage.azure.world.vault.find(`${name}-key`);
