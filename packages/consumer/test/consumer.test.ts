import { afterEach, describe, expect, it, vi } from 'vitest';
import { createKeyConsumer, type KeyConsumer, type SecretValue } from '../src/index.ts';
import { EVENT, Source } from './source.ts';

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
    for (const event of [{}, 'junk', undefined, { ...EVENT }]) await held.notify(event);
    expect((await held.current()).version).toBe('v1');
    await held.notify(EVENT);
    expect((await held.current()).version).toBe('v2');
  });
  it('is looked at again when an event comes during a look, which may have read too early', async () => {
    const source = new Source();
    const held = consume(source);
    await held.current();
    let release: () => void = () => undefined;
    source.hold = new Promise((resolve) => {
      release = resolve;
    });
    const early = held.refresh();
    source.version = 'v2';
    const told = [held.notify(EVENT), held.notify(EVENT)];
    release();
    expect((await early).version).toBe('v1');
    await Promise.all(told);
    expect((await held.current()).version).toBe('v2');
    expect(source.reads).toBe(3);
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
  it.each([
    ['a month', 30 * 24 * 3_600_000],
    ['endless', Number.POSITIVE_INFINITY],
  ])('is not polled all the time when the interval is %s', async (_, pollEveryMs) => {
    vi.useFakeTimers();
    const source = new Source();
    await consume(source, { pollEveryMs }).current();
    await vi.advanceTimersByTimeAsync(100);
    expect(source.reads).toBe(1);
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
  it('is known by whatever the application says', async () => {
    const source = new Source();
    const held = consume(source, { isRefused: (outcome) => 'answer' in outcome && outcome.answer === 'no' });
    await held.current();
    source.version = 'v2';
    expect(await held.withKey(async (_, version) => (version === 'v2' ? 'yes' : 'no'))).toBe('yes');
  });
  it('of many calls at once is looked at once', async () => {
    const source = new Source();
    const held = consume(source);
    await held.current();
    source.version = 'v2';
    const answers = await Promise.all(Array.from({ length: 20 }, () => held.withKey(accepts(source))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(source.reads).toBe(2);
  });
  it('that stays refused does not make each call a call to the vault', async () => {
    vi.useFakeTimers();
    const source = new Source();
    const held = consume(source);
    const refuse = () => held.withKey(async () => ({ status: 401 }));
    for (let call = 0; call < 50; call++) await refuse();
    expect(source.reads).toBe(2);
    await vi.advanceTimersByTimeAsync(1_001);
    await refuse();
    expect(source.reads).toBe(3);
  });
  it('is looked at again although the clock was set back', async () => {
    vi.useFakeTimers();
    const source = new Source();
    const held = consume(source);
    await held.withKey(async () => ({ status: 401 }));
    source.version = 'v2';
    vi.setSystemTime(Date.now() - 3_600_000);
    await vi.advanceTimersByTimeAsync(1_001);
    expect(await held.withKey(accepts(source))).toEqual({ status: 200 });
  });
  it('is answered as it was when the refresh fails', async () => {
    const source = new Source();
    const errors: unknown[] = [];
    const held = consume(source, { onError: (error) => errors.push(error) });
    await held.current();
    source.fails = true;
    expect(await held.withKey(async () => ({ status: 401 }))).toEqual({ status: 401 });
    expect(errors).toHaveLength(1);
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
    await vi.advanceTimersByTimeAsync(30_000);
    expect(attempts).toBe(4);
  });
  it('that were not heard are said again with the next look, and then no more', async () => {
    vi.useFakeTimers();
    const told: string[] = [];
    let isThere = false;
    const acknowledge = async (version: string) => {
      if (!isThere) throw new Error('not there');
      told.push(version);
    };
    await consume(new Source(), { acknowledge }).current();
    await vi.advanceTimersByTimeAsync(50_000);
    isThere = true;
    await vi.advanceTimersByTimeAsync(180_000);
    expect(told).toEqual(['v1']);
  });
  it('never arrive after that of a newer version', async () => {
    vi.useFakeTimers();
    const source = new Source();
    const arrived: string[] = [];
    const releases: (() => void)[] = [];
    const acknowledge = async (version: string) => {
      await new Promise<void>((resolve) => releases.push(resolve));
      arrived.push(version);
    };
    const held = consume(source, { acknowledge });
    await held.current();
    source.version = 'v2';
    await held.refresh();
    expect(releases).toHaveLength(1);
    releases[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(releases).toHaveLength(2);
    releases[1]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(arrived).toEqual(['v1', 'v2']);
  });
});
