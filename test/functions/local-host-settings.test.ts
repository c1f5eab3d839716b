// What the local host reads from host.json, and which settings win over it.
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readHostConfig } from '../../local/host/settings.ts';

describe('host.json', () => {
  it('gives way to settings of the host, as in the real host', async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    expect(await readHostConfig(root, {})).toMatchObject({ functionTimeoutMs: 600_000, listenerLockPeriodMs: 60_000 });
    const settings = {
      AzureFunctionsJobHost__functionTimeout: '00:00:02',
      AzureFunctionsJobHost__singleton__listenerLockPeriod: '00:00:15',
      AzureFunctionsJobHost__extensions__queues__batchSize: '4',
    };
    expect(await readHostConfig(root, settings)).toMatchObject({
      functionTimeoutMs: 2_000,
      listenerLockPeriodMs: 15_000,
      queues: { batchSize: 4, maxDequeueCount: 5 },
    });
  });

  it('may not shorten the lock of timers below a lease of storage', async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const settings = { AzureFunctionsJobHost__singleton__listenerLockPeriod: '00:00:14' };
    await expect(readHostConfig(root, settings)).rejects.toThrow(/from 15 to 60 seconds/);
  });
});
