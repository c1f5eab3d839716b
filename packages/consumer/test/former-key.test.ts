// The former key in the consumer library. The nodes of the gateway learn of a new key each in its own time:
//
//   node        takes            the application holds v2 and, as its former key, v1
//   up to date  v1 and v2        v2 is accepted
//   lagging     v1               v2 is refused, v1 is accepted: no failed call
//   v1 retired  v2               v2 is accepted, v1 is not tried
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKeyConsumer, type KeyConsumer, type KeyConsumerOptions, type SecretValue } from '../src/index.ts';
import { Source } from './source.ts';

const HOUR = 3_600_000;

let consumer: KeyConsumer | undefined;
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  consumer?.close();
  vi.useRealTimers();
});

/** A consumer that took these versions into use, one after the other. It never polls within a test. */
async function consume(source: Source, versions: readonly string[], options: Partial<KeyConsumerOptions> = {}) {
  consumer = createKeyConsumer({ source, pollEveryMs: 500 * HOUR, ...options });
  for (const version of versions) {
    source.version = version;
    await consumer.refresh();
  }
  source.reads = 0;
  return consumer;
}

/** A node that takes these keys; `asked` lists the versions that it was called with. */
function node(...taken: readonly string[]) {
  const asked: string[] = [];
  const call = async (key: SecretValue, version: string) => {
    asked.push(version);
    return { status: taken.includes(key.reveal()) ? 200 : 401 };
  };
  return { call, asked };
}

describe('a node that lags', () => {
  it('costs no failed call, and the source is not read', async () => {
    const source = new Source();
    const held = await consume(source, ['v1', 'v2']);
    const lagging = node('key of v1');
    expect(await held.withKey(lagging.call)).toEqual({ status: 200 });
    expect(lagging.asked).toEqual(['v2', 'v1']);
    expect(source.reads).toBe(0);
  });
  it('is asked with the new key first each time', async () => {
    const held = await consume(new Source(), ['v1', 'v2']);
    const lagging = node('key of v1');
    await held.withKey(lagging.call);
    await held.withKey(lagging.call);
    expect(lagging.asked).toEqual(['v2', 'v1', 'v2', 'v1']);
    expect((await held.current()).version).toBe('v2');
  });
  it('costs none of many calls at once', async () => {
    const source = new Source();
    const held = await consume(source, ['v1', 'v2']);
    const lagging = node('key of v1');
    const answers = await Promise.all(Array.from({ length: 20 }, () => held.withKey(lagging.call)));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(source.reads).toBe(0);
  });
  it('is helped as well when the call throws', async () => {
    const held = await consume(new Source(), ['v1', 'v2']);
    const use = async (_: SecretValue, version: string) => {
      if (version === 'v2') throw Object.assign(new Error('refused'), { statusCode: 401 });
      return 'done';
    };
    expect(await held.withKey(use)).toBe('done');
  });
  it('does not change which version is acknowledged', async () => {
    const told: string[] = [];
    const held = await consume(new Source(), ['v1', 'v2'], { acknowledge: async (version) => told.push(version) });
    await held.withKey(node('key of v1').call);
    await held.refresh();
    expect(told).toEqual(['v1', 'v2']);
  });
});

describe('a former key that is refused', () => {
  it('is followed by a look at the source, and a call with the key that it brings', async () => {
    const source = new Source();
    const held = await consume(source, ['v1', 'v2']);
    source.version = 'v3';
    const strict = node('key of v3');
    expect(await held.withKey(strict.call)).toEqual({ status: 200 });
    expect(strict.asked).toEqual(['v2', 'v1', 'v3']);
    expect(source.reads).toBe(1);
  });
  it('is not tried again', async () => {
    const held = await consume(new Source(), ['v1', 'v2']);
    expect(await held.withKey(node().call)).toEqual({ status: 401 });
    const lagging = node('key of v1');
    expect(await held.withKey(lagging.call)).toEqual({ status: 401 });
    expect(lagging.asked).toEqual(['v2']);
  });
  it('is followed by one more call at most, whatever comes', async () => {
    const source = new Source();
    const held = await consume(source, ['v1', 'v2']);
    const asked: string[] = [];
    const refuse = async (_: SecretValue, version: string) => {
      asked.push(version);
      source.version = `after ${version}`;
      await held.refresh();
      return { status: 401 };
    };
    expect(await held.withKey(refuse)).toEqual({ status: 401 });
    expect(asked).toHaveLength(3);
  });
  it('leaves one look at the source for each call', async () => {
    const source = new Source();
    const held = await consume(source, ['v1']);
    source.version = 'v2';
    const refuse = async () => {
      await vi.advanceTimersByTimeAsync(2_000);
      return { status: 401 };
    };
    await held.withKey(refuse);
    expect(source.reads).toBe(1);
  });
});

describe('the former key', () => {
  it('is the one before the present one, and no other', async () => {
    const held = await consume(new Source(), ['v1', 'v2', 'v3']);
    const behind = node('key of v1');
    expect(await held.withKey(behind.call)).toEqual({ status: 401 });
    expect(behind.asked).toEqual(['v3', 'v2']);
  });
  it('stays when the same key comes under another version', async () => {
    const source = new Source();
    const held = await consume(source, ['v1', 'v2']);
    source.value = 'key of v2';
    source.version = 'v3';
    await held.refresh();
    const lagging = node('key of v1');
    expect(await held.withKey(lagging.call)).toEqual({ status: 200 });
    expect(lagging.asked).toEqual(['v3', 'v1']);
  });
  it('is not the key that was refused before the source had another', async () => {
    const source = new Source();
    const held = await consume(source, ['v1']);
    source.version = 'v2';
    expect(await held.withKey(node('key of v2').call)).toEqual({ status: 200 });
    const lagging = node('key of v1');
    await held.withKey(lagging.call);
    expect(lagging.asked).toEqual(['v2']);
  });
  it('is dropped when a call that began with it is refused after the switch', async () => {
    const source = new Source();
    const held = await consume(source, ['v1']);
    const asked: string[] = [];
    const use = async (_: SecretValue, version: string) => {
      asked.push(version);
      if (version === 'v2') return { status: 200 };
      source.version = 'v2';
      await held.refresh();
      return { status: 401 };
    };
    expect(await held.withKey(use)).toEqual({ status: 200 });
    expect(asked).toEqual(['v1', 'v2']);
    expect(source.reads).toBe(1);
    const lagging = node('key of v1');
    await held.withKey(lagging.call);
    expect(lagging.asked).toEqual(['v2']);
  });
  it('stays when it fails for another reason than the key, and that outcome is final', async () => {
    const held = await consume(new Source(), ['v1', 'v2']);
    const use = async (_: SecretValue, version: string) => ({ status: version === 'v2' ? 401 : 503 });
    expect(await held.withKey(use)).toEqual({ status: 503 });
    const lagging = node('key of v1');
    expect(await held.withKey(lagging.call)).toEqual({ status: 200 });
  });
  it('comes after a key that came into use during the call', async () => {
    const source = new Source();
    const held = await consume(source, ['v1']);
    const asked: string[] = [];
    const use = async (_: SecretValue, version: string) => {
      asked.push(version);
      if (version !== 'v1') return { status: 200 };
      for (source.version of ['v2', 'v3']) await held.refresh();
      return { status: 401 };
    };
    expect(await held.withKey(use)).toEqual({ status: 200 });
    expect(asked).toEqual(['v1', 'v3']);
  });
  it('frees the connection of the answer that was refused', async () => {
    const held = await consume(new Source(), ['v1', 'v2']);
    const cancelled: string[] = [];
    const use = async (_: SecretValue, version: string) => {
      const body = new ReadableStream({ cancel: () => void cancelled.push(version) });
      return new Response(body, { status: version === 'v2' ? 401 : 200 });
    };
    expect((await held.withKey(use)).status).toBe(200);
    expect(cancelled).toEqual(['v2']);
  });
});

describe('the time that the former key is kept', () => {
  it.each([
    ['is 25 hours unless it is set', {}, 25 * HOUR],
    ['can be set', { keepFormerForMs: 2_000 }, 2_000],
  ])('%s', async (_, options, keptForMs) => {
    const source = new Source();
    const held = await consume(source, ['v1', 'v2'], options);
    await vi.advanceTimersByTimeAsync(keptForMs - 1);
    expect(await held.withKey(node('key of v1').call)).toEqual({ status: 200 });
    await vi.advanceTimersByTimeAsync(1);
    const lagging = node('key of v1');
    expect(await held.withKey(lagging.call)).toEqual({ status: 401 });
    expect(lagging.asked).toEqual(['v2']);
  });
  it('is none when it is set to zero', async () => {
    const held = await consume(new Source(), ['v1', 'v2'], { keepFormerForMs: 0 });
    const lagging = node('key of v1');
    expect(await held.withKey(lagging.call)).toEqual({ status: 401 });
    expect(lagging.asked).toEqual(['v2']);
  });
  it('does not begin again with each look at the source', async () => {
    const held = await consume(new Source(), ['v1', 'v2'], { keepFormerForMs: 2_000 });
    await vi.advanceTimersByTimeAsync(1_999);
    await held.refresh();
    await vi.advanceTimersByTimeAsync(1);
    const lagging = node('key of v1');
    await held.withKey(lagging.call);
    expect(lagging.asked).toEqual(['v2']);
  });
  it('is not lengthened by a clock that is set back', async () => {
    const held = await consume(new Source(), ['v1', 'v2'], { keepFormerForMs: 2_000 });
    vi.setSystemTime(Date.now() - HOUR);
    await vi.advanceTimersByTimeAsync(2_000);
    const lagging = node('key of v1');
    await held.withKey(lagging.call);
    expect(lagging.asked).toEqual(['v2']);
  });
});
