// An `onError` that fails itself does no harm: nothing that the application calls fails for it, and nothing stops.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKeyConsumer, type KeyConsumer, type KeyConsumerOptions } from '../src/index.ts';
import { EVENT, Source } from './source.ts';

let consumer: KeyConsumer | undefined;
const unhandled: unknown[] = [];
const keep = (reason: unknown) => unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', keep);
  vi.useFakeTimers();
});
afterEach(() => {
  consumer?.close();
  vi.useRealTimers();
  process.off('unhandledRejection', keep);
});

/** A rejection counts as unhandled only after a turn of the event loop. */
const { setImmediate: setRealImmediate } = globalThis;
const oneTurn = () => new Promise((resolve) => setRealImmediate(resolve));

describe.each<[string, (error: unknown) => unknown]>([
  [
    'throws',
    () => {
      throw new Error('The log is full.');
    },
  ],
  ['rejects', () => Promise.reject(new Error('The log is full.'))],
])('an onError that %s', (_, onError) => {
  function consume(source: Source, options: Partial<KeyConsumerOptions> = {}): KeyConsumer {
    consumer = createKeyConsumer({ source, onError, ...options });
    return consumer;
  }

  it('leaves the outcome of a refused call as it was', async () => {
    const source = new Source();
    const held = consume(source);
    await held.current();
    source.fails = true;
    expect(await held.withKey(async () => ({ status: 401 }))).toEqual({ status: 401 });
    await oneTurn();
    expect(unhandled).toEqual([]);
  });
  it('does not make an event fail', async () => {
    const source = new Source();
    const held = consume(source);
    await held.current();
    source.fails = true;
    await expect(held.notify(EVENT)).resolves.toBeUndefined();
    await oneTurn();
    expect(unhandled).toEqual([]);
  });
  it('does not end polling', async () => {
    const source = new Source();
    const held = consume(source, { pollEveryMs: 1_000 });
    await held.current();
    source.fails = true;
    await vi.advanceTimersByTimeAsync(1_000);
    await oneTurn();
    expect(unhandled).toEqual([]);
    source.fails = false;
    source.version = 'v2';
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await held.current()).version).toBe('v2');
  });
  it('does not end acknowledging', async () => {
    const told: string[] = [];
    const acknowledge = async (version: string) => {
      told.push(version);
      if (told.length === 1) throw new Error('not there');
    };
    await consume(new Source(), { acknowledge }).current();
    await vi.advanceTimersByTimeAsync(500);
    await oneTurn();
    expect(told).toEqual(['v1', 'v1']);
    expect(unhandled).toEqual([]);
  });
});
