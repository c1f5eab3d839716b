// A pass in which a call was held back before it was sent: nothing has happened, so there is nothing to wait for.
import { describe, expect, it } from 'vitest';
import { RotationError, type ServiceName } from '../../src/rotation/errors.ts';
import { dueAccount, FIRST_BACK_OFF_MS, passOver, renewedAccount } from './given-pass.ts';

function unsent(service: ServiceName, operation: string): RotationError {
  return new RotationError({
    code: 'Throttled',
    service,
    operation,
    message: 'Not sent.',
    retryAfterMs: 3_000,
    isUnsent: true,
  });
}

describe('a pass that is not admitted', () => {
  it('reads the record only, and notes when to come back', async () => {
    const universe = await dueAccount();
    Object.assign(universe.ports.keys, { admit: () => Promise.reject(unsent('arm', 'list')) });
    const { report, calls } = await passOver(universe);
    expect(calls).toEqual(['read', 'write']);
    expect(report.outcome).toMatchObject({ kind: 'failed', error: { code: 'Throttled', operation: 'list' } });
    expect(universe.rows.entity).toMatchObject({
      lease: undefined,
      record: { phase: 'idle' },
      nextObservationAt: universe.now + FIRST_BACK_OFF_MS,
      lastPass: { reason: 'Throttled', failures: 0, isBlocked: false },
    });
  });
  it('before its regenerate has written no intent', async () => {
    const universe = await dueAccount();
    const before = universe.azureAccount.keys.key2.value;
    const admit = (_: unknown, call: string): Promise<void> =>
      call === 'list' ? Promise.resolve() : Promise.reject(unsent('arm', 'regenerate'));
    Object.assign(universe.ports.keys, { admit });
    await passOver(universe);
    expect(universe.rows.entity).toMatchObject({ lease: undefined, record: { phase: 'idle' } });
    Object.assign(universe.ports.keys, { admit: () => Promise.resolve() });
    expect((await passOver(universe)).calls).toContain('regenerate');
    expect(universe.azureAccount.keys.key2.value).not.toBe(before);
  });
});

describe('a publish that was held back', () => {
  it('frees the lease, and the next pass publishes without waiting for its end', async () => {
    const universe = await renewedAccount();
    const publish = universe.ports.secrets.publish.bind(universe.ports.secrets);
    Object.assign(universe.ports.secrets, { publish: () => Promise.reject(unsent('keyVault', 'publish')) });
    await passOver(universe);
    expect(universe.rows.entity).toMatchObject({ lease: undefined, record: { phase: 'preparing' } });
    Object.assign(universe.ports.secrets, { publish });
    const { calls } = await passOver(universe);
    expect(calls).toContain('publish');
    expect(calls).not.toContain('regenerate');
  });
});
