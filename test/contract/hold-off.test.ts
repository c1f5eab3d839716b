// How long a service is left alone that has asked for it: as long as it asks, but with a trial each minute.
import { createHttpHeaders, createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createHoldOff } from '../../src/azure/client/hold-off.ts';

const HALF_A_DAY = '43200';
let now = 7_000_000;
beforeEach(() => {
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => vi.restoreAllMocks());

/** A service whose answers come when the test says so. */
function service() {
  const policy = createHoldOff();
  const waiting: { answer: (status: number, retryAfter?: string) => void; cut: () => void }[] = [];
  const send = async (): Promise<number> => {
    const request = createPipelineRequest({ url: 'https://service.example' });
    const next = (): Promise<PipelineResponse> =>
      new Promise((resolve, reject) =>
        waiting.push({
          answer: (status, retryAfter) => {
            const headers = createHttpHeaders(retryAfter === undefined ? {} : { 'Retry-After': retryAfter });
            resolve({ request, status, headers });
          },
          cut: () => {
            reject(new Error('cut'));
          },
        }),
      );
    return (await policy.sendRequest(request, next)).status;
  };
  /** Sends and is answered; the status. Throws what the policy throws when it was held off. */
  const exchange = async (status: number, retryAfter?: string): Promise<number> => {
    const before = waiting.length;
    const sent = send();
    waiting.splice(before)[0]?.answer(status, retryAfter);
    return sent;
  };
  const last = () => {
    const call = waiting.at(-1);
    if (call === undefined) throw new Error('Nothing was sent.');
    return call;
  };
  return { send, exchange, last };
}

const heldFor = (retryAfterMs: number) => ({ name: 'HeldOffError', retryAfterMs });

describe('a service that asks for half a day', () => {
  test('lets one request through after a minute, and holds off the others while it is under way', async () => {
    const { send, exchange, last } = service();
    expect(await exchange(429, HALF_A_DAY)).toBe(429);
    now += 59_999;
    await expect(exchange(200)).rejects.toMatchObject(heldFor(1));
    now += 1;
    const trial = send();
    await expect(exchange(200)).rejects.toMatchObject(heldFor(1_000));
    last().answer(200);
    expect(await trial).toBe(200);
  });

  test('is not ended by the answer to a request from before it', async () => {
    const { send, exchange, last } = service();
    const early = send();
    const before = last();
    expect(await exchange(429, HALF_A_DAY)).toBe(429);
    before.answer(200);
    await early;
    await expect(exchange(200)).rejects.toMatchObject(heldFor(60_000));
  });

  test('is asked a minute after the first refusal, although late ones follow', async () => {
    const { send, exchange, last } = service();
    const early = send();
    const before = last();
    expect(await exchange(429, HALF_A_DAY)).toBe(429);
    now += 20_000;
    before.answer(429, HALF_A_DAY);
    await early;
    await expect(exchange(200)).rejects.toMatchObject(heldFor(40_000));
  });
});

describe('a trial', () => {
  const tried = async () => {
    const made = service();
    await made.exchange(429, HALF_A_DAY);
    now += 60_000;
    return made;
  };

  test('that is answered ends the wait', async () => {
    const { exchange } = await tried();
    expect([await exchange(200), await exchange(200)]).toEqual([200, 200]);
  });

  test('that is refused is followed by another one a minute later', async () => {
    const { exchange } = await tried();
    expect(await exchange(429, HALF_A_DAY)).toBe(429);
    await expect(exchange(200)).rejects.toMatchObject(heldFor(60_000));
    now += 60_000;
    expect(await exchange(503, HALF_A_DAY)).toBe(503);
    await expect(exchange(200)).rejects.toMatchObject(heldFor(60_000));
  });

  test('that is refused for five seconds ends the long wait with them', async () => {
    const { exchange } = await tried();
    expect(await exchange(429, '5')).toBe(429);
    now += 4_999;
    await expect(exchange(200)).rejects.toMatchObject(heldFor(1));
    now += 1;
    expect([await exchange(200), await exchange(200)]).toEqual([200, 200]);
  });

  test('without an answer is followed by another one at once', async () => {
    const { send, exchange, last } = await tried();
    const trial = send();
    last().cut();
    await expect(trial).rejects.toThrow('cut');
    expect(await exchange(200)).toBe(200);
  });

  test('that never ends holds the others off for a minute', async () => {
    const { send, exchange } = await tried();
    void send();
    now += 59_999;
    await expect(exchange(200)).rejects.toMatchObject(heldFor(1));
    now += 1;
    expect(await exchange(200)).toBe(200);
  });
});

test('a wait of a minute or less is kept to, and ends for all at once', async () => {
  const { exchange } = service();
  expect(await exchange(429, '60')).toBe(429);
  now += 59_999;
  await expect(exchange(200)).rejects.toMatchObject(heldFor(1));
  now += 1;
  expect([await exchange(200), await exchange(200)]).toEqual([200, 200]);
});
