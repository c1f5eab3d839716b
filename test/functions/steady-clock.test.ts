// Within an invocation no wait, bound or lease becomes longer when the machine's clock is set back.
import { InvocationContext } from '@azure/functions';
import { afterEach, describe, expect, it } from 'vitest';
import { monotonicClock } from '../../src/azure/client/monotonic-clock.ts';
import { steadyClock } from '../../src/base/steady-clock.ts';
import { type App, forInvocation } from '../../src/compose.ts';
import { getApp } from '../../src/entry/app.ts';
import { passInline } from '../../src/fleet/inline-pass.ts';
import { passOverAll } from '../../src/fleet/passes.ts';
import { deliver } from '../../src/notify/deliver.ts';
import { RotationError } from '../../src/rotation/errors.ts';
import type { OwnerId } from '../../src/rotation/model.ts';
import { handleEvent } from '../../src/triggers/event.ts';
import { MemoryStage } from './memory-stage.ts';

const DAY = 86_400_000;

describe('the clock of an invocation', () => {
  it('follows the time of day, also forward, and counts on when that is set back', () => {
    const time = { wall: 1_000, monotonic: 5 };
    const clock = steadyClock({ now: () => time.wall }, { now: () => time.monotonic });
    const read = (wall: number, monotonic: number): number => {
      Object.assign(time, { wall, monotonic });
      return clock.now();
    };
    expect(read(1_000, 5)).toBe(1_000);
    expect(read(1_010, 15.5)).toBe(1_010);
    expect(read(-DAY, 25.5)).toBe(1_020);
    expect(read(-DAY + 40, 65.5)).toBe(1_060);
    // The machine was asleep: the clock that cannot be set stood still.
    expect(read(9_000, 66)).toBe(9_000);
    expect(read(9_001, 66)).toBe(9_001);
  });
});

const { now } = monotonicClock;
afterEach(() => {
  monotonicClock.now = now;
});

/** The service, whose time of day is set back by a day at its first sleep. `slept`: how long it has slept in all. */
async function setBackService(): Promise<{ stage: MemoryStage; app: App; slept: () => number }> {
  const stage = new MemoryStage();
  await stage.adopt('alpha');
  let slept = 0;
  let back = 0;
  monotonicClock.now = () => slept;
  const app = {
    ...stage.app,
    clock: { now: () => stage.now + slept - back },
    sleep: (ms: number) => {
      if (slept > 10 * 60_000) throw new Error('It goes on and on.');
      slept += ms;
      back = DAY;
      return Promise.resolve();
    },
  };
  return { stage, app: forInvocation(app), slept: () => slept };
}

/** Another pass holds the account's lease, and renews it each time. */
function heldLease({ ports, accounts }: MemoryStage, clock: App['clock']): App['ports'] {
  const [account] = accounts;
  if (account === undefined) throw new Error('No account.');
  const { records } = ports;
  return {
    ...ports,
    records: Object.assign(Object.create(records) as typeof records, {
      read: async () => {
        const stored = await records.read(account);
        const lease = { owner: 'other' as OwnerId, expiresAt: clock.now() + 60_000 };
        return { ...stored, entity: { ...stored.entity, lease } };
      },
    }),
  };
}

it('each invocation has a clock of its own, over the one app of the process', () => {
  const [first, second] = [getApp(), getApp()];
  expect(first.ports).toBe(second.ports);
  expect(first.clock).not.toBe(second.clock);
});

describe('when the clock is set back by a day meanwhile', () => {
  it('a caller waits for 20 seconds at most', async () => {
    const { stage, app, slept } = await setBackService();
    const [account] = stage.accounts;
    if (account === undefined) throw new Error('No account.');
    await passInline({ ...app, ports: heldLease(stage, app.clock) }, account, () => undefined);
    expect(slept()).toBe(20_000 - 500);
  });
  it('an event waits for 25 seconds at most', async () => {
    const { stage, app, slept } = await setBackService();
    const event = {
      eventType: 'Microsoft.KeyVault.SecretNewVersionCreated',
      subject: 'alpha-key',
      data: { VaultName: 'vault', ObjectName: 'alpha-key', Id: 'https://vault.test/secrets/alpha-key/1' },
    };
    const context = new InvocationContext({ functionName: 'on-secret-event', logHandler: () => undefined });
    const handled = handleEvent({ ...app, ports: heldLease(stage, app.clock) }, event, context);
    await expect(handled).rejects.toThrow('Another pass holds the lease');
    expect(slept()).toBe(24_000);
  });
  it('a tick begins passes for as long as it may, and an account comes back when it was told to', async () => {
    const { stage, app, slept } = await setBackService();
    const [account] = stage.accounts;
    if (account === undefined) throw new Error('No account.');
    const at = app.clock.now();
    const refused = { admit: () => Promise.reject(notAdmitted()) };
    const keys = Object.assign(Object.create(stage.ports.keys) as typeof stage.ports.keys, refused);
    const ports = { ...stage.ports, keys };
    const bounds = { startsUntil: at + 7 * 60_000, stepsUntil: at + 8 * 60_000, concurrency: 1 };
    const { passes } = await passOverAll({ ...app, ports }, [account], bounds, () => undefined);
    expect([passes, slept()]).toEqual([7, 6 * 60_000]);
  });
  it('a run of the delivery takes no further page after its 45 seconds', async () => {
    const { app, slept } = await setBackService();
    let pages = 0;
    const outbox = {
      list: async () => {
        pages++;
        await app.sleep(10_000);
        return [
          {
            key: `k${pages}`,
            queue: `q${pages}`,
            attempts: 0,
            nextAttemptAt: Number.MAX_SAFE_INTEGER,
            line: undefined,
          },
        ];
      },
    };
    const parts = { outbox, receiver: {}, clock: app.clock, noteOutcome: () => undefined } as never;
    const bounds = { startsForMs: 45_000, concurrency: 1, pageRows: 1, unavailableInARow: 5 };
    await deliver(parts, bounds);
    expect([pages, slept()]).toEqual([5, 50_000]);
  });
});

function notAdmitted(): RotationError {
  return new RotationError({
    code: 'Throttled',
    service: 'arm',
    operation: 'list',
    message: 'Not sent.',
    retryAfterMs: 60_000,
    isUnsent: true,
  });
}
