import { afterEach, describe, expect, it, vi } from 'vitest';
import { createKeyConsumer, createTokenExchange, type KeyConsumer, type KeySource } from '../../src/consumer/index.ts';
import type { SecretVersion } from '../../src/rotation/model.ts';
import { SecretValue } from '../../src/rotation/secret.ts';

/** A source whose version the test sets, and whose reads it may hold up. */
class Source implements KeySource {
  version = 'v1';
  reads = 0;
  fails = false;
  hold: Promise<void> | undefined;

  async read() {
    this.reads++;
    const { version } = this;
    await this.hold;
    if (this.fails) throw new Error('The vault does not answer.');
    return { key: new SecretValue(`key of ${version}`), version: version as SecretVersion };
  }

  isMeant(vault: string, name: string): boolean {
    return vault === 'vault' && name === 'secret';
  }
}

const EVENT = {
  type: 'Microsoft.KeyVault.SecretNewVersionCreated',
  data: { VaultName: 'vault', ObjectName: 'secret' },
};
let consumer: KeyConsumer | undefined;
afterEach(() => {
  consumer?.close();
  vi.useRealTimers();
});

function consume(source: Source, options: Partial<Parameters<typeof createKeyConsumer>[0]> = {}): KeyConsumer {
  consumer = createKeyConsumer({ source, ...options });
  return consumer;
}

/** The account takes only the key of the newest version, as after a retirement. */
const accepts = (source: Source) => async (key: SecretValue) => ({
  status: key.reveal() === `key of ${source.version}` ? 200 : 401,
});

describe('the key in use', () => {
  it('is read once, however many ask at first', async () => {
    const source = new Source();
    const held = consume(source);
    const keys = await Promise.all([held.current(), held.current(), held.withKey(async (_, version) => version)]);
    expect(keys[2]).toBe('v1');
    expect(source.reads).toBe(1);
  });
  it('does not make a request wait while it is refreshed', async () => {
    const source = new Source();
    const held = consume(source);
    await held.current();
    source.version = 'v2';
    let release: () => void = () => undefined;
    source.hold = new Promise((resolve) => {
      release = resolve;
    });
    const refreshing = held.refresh();
    expect((await held.current()).version).toBe('v1');
    release();
    expect((await refreshing).version).toBe('v2');
    expect((await held.current()).version).toBe('v2');
  });
  it('is refreshed by an event about its secret, and by no other', async () => {
    const source = new Source();
    const held = consume(source);
    await held.current();
    source.version = 'v2';
    for (const event of [{}, 'junk', { ...EVENT, data: { VaultName: 'vault', ObjectName: 'other' } }])
      await held.notify(event);
    expect((await held.current()).version).toBe('v1');
    await held.notify(EVENT);
    expect((await held.current()).version).toBe('v2');
  });
  it('is refreshed on poll', async () => {
    vi.useFakeTimers();
    const source = new Source();
    const held = consume(source, { pollEveryMs: 1_000 });
    await held.current();
    source.version = 'v2';
    await vi.advanceTimersByTimeAsync(1_001);
    expect((await held.current()).version).toBe('v2');
  });
  it('stays in use when a refresh fails', async () => {
    const source = new Source();
    const errors: unknown[] = [];
    const held = consume(source, { onError: (error) => errors.push(error) });
    await held.current();
    source.fails = true;
    await held.notify(EVENT);
    expect((await held.current()).version).toBe('v1');
    expect(errors).toHaveLength(1);
  });
});

describe('a refused key', () => {
  it('is refreshed once, and the call made again with the new one', async () => {
    const source = new Source();
    const held = consume(source);
    await held.current();
    source.version = 'v2';
    expect(await held.withKey(accepts(source))).toEqual({ status: 200 });
    expect(source.reads).toBe(2);
  });
  it('that the SDK rejects with counts as well', async () => {
    const source = new Source();
    const held = consume(source);
    await held.current();
    source.version = 'v2';
    const use = async (key: SecretValue) => {
      if (key.reveal() !== 'key of v2') throw Object.assign(new Error('refused'), { statusCode: 401 });
      return 'done';
    };
    expect(await held.withKey(use)).toBe('done');
  });
  it('is not tried again when there is no other key', async () => {
    const source = new Source();
    const held = consume(source);
    let calls = 0;
    const answer = await held.withKey(async () => {
      calls++;
      return { status: 401 };
    });
    expect(answer).toEqual({ status: 401 });
    expect(calls).toBe(1);
  });
  it('leaves other failures alone', async () => {
    const source = new Source();
    const held = consume(source);
    await expect(held.withKey(() => Promise.reject(new Error('no network')))).rejects.toThrow('no network');
    expect(await held.withKey(async () => ({ status: 429 }))).toEqual({ status: 429 });
    expect(source.reads).toBe(1);
  });
});

describe('acknowledgements', () => {
  it('tell each version once, when it is in use', async () => {
    const source = new Source();
    const told: string[] = [];
    const held = consume(source, { acknowledge: async (version) => told.push(version) });
    await held.current();
    await held.refresh();
    source.version = 'v2';
    await held.refresh();
    expect(told).toEqual(['v1', 'v2']);
  });
  it('are tried again a few times, and hold up nothing', async () => {
    vi.useFakeTimers();
    const source = new Source();
    let attempts = 0;
    const held = consume(source, {
      acknowledge: () => {
        attempts++;
        return Promise.reject(new Error('not there'));
      },
    });
    expect((await held.current()).version).toBe('v1');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(attempts).toBe(4);
  });
});

describe('token exchange', () => {
  it('keeps a token for nine minutes, and with the key that it came from', async () => {
    vi.useFakeTimers();
    const asked: string[] = [];
    vi.stubGlobal('fetch', async (_: string, init: { headers: Record<string, string> }) => {
      asked.push(init.headers['Ocp-Apim-Subscription-Key'] ?? '');
      return new Response(`token ${asked.length}`);
    });
    const source = new Source();
    const exchange = createTokenExchange({ consumer: consume(source), endpoint: 'https://account.test/' });
    expect(await exchange.token()).toBe('token 1');
    await vi.advanceTimersByTimeAsync(8 * 60_000);
    expect(await exchange.token()).toBe('token 1');
    await vi.advanceTimersByTimeAsync(61_000);
    expect(await exchange.token()).toBe('token 2');
    source.version = 'v2';
    await consumer?.refresh();
    expect(await exchange.token()).toBe('token 3');
    expect(asked).toEqual(['key of v1', 'key of v1', 'key of v2']);
    vi.unstubAllGlobals();
  });
});
