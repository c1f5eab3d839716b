import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../local/azure/ports.ts';

const RUN = fileURLToPath(new URL('../../scripts/run.mjs', import.meta.url));
/** Nothing listens there. Whoever calls a local address through it fails. */
const REFUSING = 'http://127.0.0.1:9';
const PROXIES = { HTTPS_PROXY: REFUSING, HTTP_PROXY: REFUSING, https_proxy: REFUSING, http_proxy: REFUSING };
/** As in the shell of somebody behind a proxy who has named no exception. */
const { PATH, HOME } = process.env;
const ENVIRONMENT = { PATH, HOME, ...PROXIES, ALL_PROXY: REFUSING, NODE_USE_ENV_PROXY: '1' };

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function start(...flags: string[]): Promise<Run> {
  const child = spawn(process.execPath, [RUN, 'local/start/main.ts', ...flags], {
    env: ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

interface Summary {
  readonly accounts: readonly {
    readonly account: string;
    readonly kind: string;
    readonly rotations: number;
    readonly keysRenewed: number;
    readonly published: string;
    readonly supersededRejected: boolean;
    readonly application: { readonly requests: number; readonly failures: number };
    readonly calls: Readonly<Record<string, number>>;
  }[];
  readonly seconds: number;
}

/** 53 by the built-in policy. The demo looks for drift in between: the more often, the slower the machine. */
const CALLS_PER_ROTATION_MAXIMUM = 150;

describe('npm start', () => {
  it('rotates four accounts once behind a proxy, a search service among them, under applications that never fail, and says so', async () => {
    const { code, stdout, stderr } = await start(
      ...['--once', '--json', '--accounts', '4', '--port', String(await freePort())],
    );
    expect(code, stderr).toBe(0);
    const summary = JSON.parse(stdout) as Summary;
    expect(summary.accounts.map(({ kind }) => kind)).toEqual(['TextAnalytics', 'OpenAI', 'SpeechServices', 'Search']);
    for (const { rotations, keysRenewed, published, supersededRejected, application, calls } of summary.accounts) {
      expect({ rotations, keysRenewed, published, supersededRejected, failures: application.failures }).toEqual({
        rotations: 1,
        keysRenewed: 2,
        published: 'key2',
        supersededRejected: true,
        failures: 0,
      });
      expect(application.requests).toBeGreaterThan(100);
      const counted = Object.entries(calls).filter(([service]) => service !== 'token');
      const sent = counted.reduce((sum, [, count]) => sum + count, 0);
      expect(sent).toBeLessThanOrEqual(CALLS_PER_ROTATION_MAXIMUM);
      for (const [, count] of counted) expect(count).toBeGreaterThan(0);
    }
    for (const word of ['begin', 'regenerate', 'verify', 'publish', 'announce', 'overlap', 'retire', 'confirm']) {
      expect(stderr).toContain(word);
    }
  });

  it('keeps the applications going when every answer takes its time', async () => {
    const { code, stdout, stderr } = await start(
      '--once',
      '--json',
      '--latency',
      '60',
      '--accounts',
      '1',
      '--port',
      String(await freePort()),
    );
    expect(code, stderr).toBe(0);
    expect((JSON.parse(stdout) as Summary).accounts[0]?.application.failures).toBe(0);
  });
});
