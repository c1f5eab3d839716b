// What the host makes of storage that refuses, stays silent or is slow, and of the lock of a host that crashed.
// The real host was seen to do each (built from source, with the official Node worker). Time is virtual.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SingletonListener } from '../../local/host/listeners/singleton.ts';
import type { Leases } from '../../local/host/storage-blobs.ts';
import { StorageWatch } from '../../local/host/storage-watch.ts';

const LOCK_MS = 60_000;
const refusal = (statusCode: number) => Object.assign(new Error('no'), { statusCode });
const silence = new Error('connect ECONNREFUSED');

let ended: string[];
let watch: StorageWatch;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  ended = [];
  watch = new StorageWatch();
  watch.onRefused = (sentence) => void ended.push(sentence);
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

describe('storage that refuses', () => {
  it.each(['queues', 'blobs'] as const)('with 403 for %s ends the host at once', (service) => {
    watch.failed(service, refusal(403));
    expect(ended).toEqual([
      `Storage refuses the host: 403 for ${service}. Host and app end. ` +
        "Check the roles of the app's identity and the firewall of the storage account.",
    ]);
  });

  it('with cut connections ends the host within half a minute, and not before', async () => {
    watch.failed('queues', silence);
    await vi.advanceTimersByTimeAsync(20_000);
    watch.failed('queues', silence);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ended).toEqual([
      'Storage gives no answer for queues. Host and app end. Check the network between the app and the storage account.',
    ]);
  });

  it('with cut connections does not end the host when an answer comes in between', async () => {
    watch.failed('blobs', silence);
    await vi.advanceTimersByTimeAsync(20_000);
    watch.answered('blobs');
    watch.failed('blobs', silence);
    await vi.advanceTimersByTimeAsync(20_000);
    watch.failed('blobs', refusal(503));
    await vi.advanceTimersByTimeAsync(600_000);
    expect(ended).toEqual([]);
  });

  it.each([503, 500, 404, 409])('with %i is tolerated', async (status) => {
    for (let times = 0; times < 100; times += 1) {
      watch.failed('queues', refusal(status));
      await vi.advanceTimersByTimeAsync(5_000);
    }
    expect(ended).toEqual([]);
  });
});

/** Leases as a storage account keeps them: they outlive the host. */
class AccountLeases implements Leases {
  readonly held = new Map<string, { id: string; until: number }>();
  fault: Error | undefined;
  #count = 0;

  acquire(name: string, seconds: number): Promise<string | undefined> {
    if (this.fault !== undefined) return Promise.reject(this.fault);
    const lease = this.held.get(name);
    if (lease !== undefined && lease.until > Date.now()) return Promise.resolve(undefined);
    const id = String(++this.#count);
    this.held.set(name, { id, until: Date.now() + seconds * 1000 });
    return Promise.resolve(id);
  }

  renew(name: string, id: string): Promise<void> {
    if (this.fault !== undefined) return Promise.reject(this.fault);
    expect(this.held.get(name)?.id).toBe(id);
    this.held.set(name, { id, until: Date.now() + LOCK_MS });
    return Promise.resolve();
  }

  release(name: string): Promise<void> {
    this.held.delete(name);
    return Promise.resolve();
  }
}

describe('the timers of an app', () => {
  let leases: AccountLeases;
  let started: number[];

  beforeEach(() => {
    leases = new AccountLeases();
    started = [];
  });

  function singleton(): SingletonListener {
    const inner = {
      start: () => Promise.resolve(void started.push(Date.now())),
      stop: () => Promise.resolve(),
    };
    return new SingletonListener({ name: 'tick', inner, leases, lockPeriodMs: LOCK_MS, watch });
  }

  it('come back after a crash when the lock of a minute has run out', async () => {
    // A crash: this one never stops, it only renews no more.
    await leases.acquire('tick', 60);
    await vi.advanceTimersByTimeAsync(10_000);
    const next = singleton();
    await next.start();
    expect(started).toEqual([]);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(started).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(started).toEqual([70_000]);
    await next.stop();
  });

  it('come back at once after an end in order', async () => {
    const first = singleton();
    await first.start();
    await first.stop();
    const next = singleton();
    await next.start();
    expect(started).toEqual([0, 0]);
    await next.stop();
  });

  it('stay with the host that has the lock: it renews it', async () => {
    const first = singleton();
    await first.start();
    const second = singleton();
    await second.start();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(started).toEqual([0]);
    await second.stop();
    await first.stop();
  });

  it('end with the host when blobs are refused at the start, or later within seconds', async () => {
    leases.fault = refusal(403);
    await singleton().start();
    expect(ended).toHaveLength(1);
    leases.fault = undefined;
    const running = singleton();
    await running.start();
    leases.fault = refusal(403);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(ended).toHaveLength(2);
    await running.stop();
  });

  it('keep the start waiting while blobs give no answer, until the host ends', async () => {
    leases.fault = silence;
    let isStarted = false;
    const listener = singleton();
    const starting = listener.start().then(() => {
      isStarted = true;
    });
    await vi.advanceTimersByTimeAsync(24_000);
    expect([isStarted, ended.length]).toEqual([false, 0]);
    await vi.advanceTimersByTimeAsync(6_000);
    expect([isStarted, ended.length]).toEqual([false, 1]);
    await listener.stop();
    await vi.advanceTimersByTimeAsync(1_000);
    await starting;
  });
});
