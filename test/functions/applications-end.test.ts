import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { ApplicationOptions } from '../../local/start/application.ts';

const PROGRAM = fileURLToPath(new URL('../../local/start/run-applications.ts', import.meta.url));

it.each(['SIGTERM', 'disconnect'])(
  'sample applications that still look for their keys end at once on %s',
  async (how) => {
    const identity = createServer();
    await once(identity.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(identity.address() as AddressInfo).port}/`;
    const options: ApplicationOptions = {
      name: 'application',
      account: 'account',
      kind: 'TextAnalytics',
      style: 'appConfiguration',
      endpoint: url,
      appConfigurationEndpoint: 'https://nobody.invalid',
      keyVaultUrl: 'https://nobody.invalid',
    };
    const env = { ...process.env, IDENTITY_ENDPOINT: url, IDENTITY_HEADER: 'header' };
    const child = fork(PROGRAM, [], { env, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    try {
      // Asked for a token, and never answered.
      const asked = once(identity, 'request');
      child.send([options]);
      await asked;
      const ended = once(child, 'exit', { signal: AbortSignal.timeout(5_000) });
      if (how === 'disconnect') child.disconnect();
      else child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
      identity.close();
      identity.closeAllConnections();
    }
  },
);
