// Applications with the consumer library call without a break while their key is rotated, over the wire. No time is
// waited for: an overlap ends when the application holds the new key, and its calls with the former key have ended.
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { KeyConsumer } from '../../packages/consumer/src/index.ts';
import { type ConsumerStage, HOUR, SECRET, startConsumerStage } from './consumer-stage.ts';

const CREATED = ['Microsoft.KeyVault.SecretNewVersionCreated'];
const CALLS_BETWEEN = 12;

let stage: ConsumerStage;
beforeAll(async () => {
  stage = await startConsumerStage();
});
afterAll(() => stage.wire.close());

/** Tells a test when the consumer has taken a version into use: the consumer acknowledges it. */
class InUse {
  readonly #taken = new Set<string>();
  #tell: () => void = () => undefined;

  readonly acknowledge = async (version: string): Promise<void> => {
    this.#taken.add(version);
    this.#tell();
  };

  async of(version: string): Promise<void> {
    while (!this.#taken.has(version)) {
      await new Promise<void>((resolve) => {
        this.#tell = resolve;
      });
    }
  }
}

let inUse: InUse;
beforeEach(() => {
  inUse = new InUse();
});
afterEach(() => {
  vi.restoreAllMocks();
  stage.clear();
  vi.useRealTimers();
});

/** Calls of one application: a call is never repeated, and those under way are known. */
function callsOf(consumer: KeyConsumer) {
  const underWay = new Set<Promise<unknown>>();
  const once = (): Promise<unknown> => {
    const calling = consumer
      .current()
      .then(({ key }) => stage.call(key))
      .then((response) => response.arrayBuffer())
      .finally(() => underWay.delete(calling));
    underWay.add(calling);
    return calling;
  };
  const several = async () => {
    for (let call = 0; call < CALLS_BETWEEN; call++) await once();
  };
  /** Waits for the calls that have begun by now. */
  const begun = () => Promise.all(underWay);
  return { once, several, begun };
}

interface Overlap {
  /** Resolves when the application has had its chance to take this version into use. */
  readonly until: (version: string) => Promise<void>;
}

/** Four workers call without a break through five rotations: standby, publish, announce, overlap, retire. */
async function rotateUnderLoad(consumer: KeyConsumer, { until }: Overlap): Promise<number[]> {
  const { world } = stage.wire.azure;
  const { language } = stage;
  const calls = callsOf(consumer);
  const seen = stage.watch();
  let isOver = false;
  const worker = async () => {
    while (!isOver) await calls.once();
  };
  const load = Promise.all([worker(), worker(), worker(), worker()]);
  for (let rotation = 0; rotation < 5; rotation++) {
    const standby = world.vault.get(SECRET).value === stage.keysOf(language).key1.value ? 'key2' : 'key1';
    world.regenerateKey(language, standby);
    await calls.several();
    const { version, uri } = stage.publish(standby);
    stage.announce(uri);
    await until(version);
    await calls.begun();
    world.regenerateKey(language, standby === 'key1' ? 'key2' : 'key1');
    await calls.several();
  }
  isOver = true;
  await load;
  return seen();
}

const failed = (statuses: readonly number[]) => statuses.filter((status) => status !== 200);

it.each(['eventGrid', 'cloudEvents'] as const)(
  'an application that only hears events fails no call through rotations: %s',
  async (schema) => {
    stage.publish('key1');
    const { acknowledge } = inUse;
    const consumer = stage.consume({ source: stage.vaultSource(), pollEveryMs: HOUR, acknowledge });
    await consumer.current();
    await stage.subscribe(consumer, CREATED, schema);
    const statuses = await rotateUnderLoad(consumer, { until: (version) => inUse.of(version) });
    expect(statuses.length).toBeGreaterThan(100);
    expect(failed(statuses)).toEqual([]);
  },
);

it('an application that only polls fails no call through rotations whose overlap is longer than its poll', async () => {
  // Only the clock of the polls is the test's: the SDKs keep theirs.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  stage.publish('key1');
  const source = stage.vaultSource();
  let lastRead: Promise<unknown> = Promise.resolve();
  let reads = 0;
  const read = (signal: AbortSignal) => {
    reads++;
    const reading = source.read(signal);
    lastRead = reading;
    return reading;
  };
  const consumer = stage.consume({ source: { ...source, read }, pollEveryMs: 100 });
  await consumer.current();
  const statuses = await rotateUnderLoad(consumer, {
    async until() {
      vi.advanceTimersByTime(101);
      await lastRead;
    },
  });
  expect(statuses.length).toBeGreaterThan(100);
  expect(failed(statuses)).toEqual([]);
  expect(reads).toBe(6);
});

it('an application that reads through App Configuration hears its events', async () => {
  stage.announce(stage.publish('key1').uri);
  const { acknowledge } = inUse;
  const consumer = stage.consume({ source: stage.referenceSource(), pollEveryMs: HOUR, acknowledge });
  await consumer.current();
  await stage.subscribe(consumer, ['Microsoft.AppConfiguration.KeyValueModified'], 'eventGrid');
  const statuses = await rotateUnderLoad(consumer, { until: (version) => inUse.of(version) });
  expect(statuses.length).toBeGreaterThan(100);
  expect(failed(statuses)).toEqual([]);
});

it('an application that neither polls nor hears anything recovers within the call that was refused', async () => {
  const { world } = stage.wire.azure;
  stage.publish('key1');
  const consumer = stage.consume({ source: stage.vaultSource(), pollEveryMs: HOUR });
  await consumer.current();
  stage.publish('key2');
  world.regenerateKey(stage.language, 'key1');
  const seen = stage.watch();
  expect((await consumer.withKey(stage.call)).status).toBe(200);
  expect((await consumer.withKey(stage.call)).status).toBe(200);
  expect(seen()).toEqual([401, 200, 200]);
});

it('a gateway that has not learned of the new key yet costs no failed call, and no look at the vault', async () => {
  const { world, requests } = stage.wire.azure;
  stage.publish('key1');
  const consumer = stage.consume({ source: stage.vaultSource(), pollEveryMs: HOUR });
  await consumer.current();
  stage.publish('key2');
  await consumer.refresh();
  const former = stage.keysOf(stage.language).key1.value;
  const lagging = vi.spyOn(world, 'acceptsKey').mockImplementation((_, value) => value === former);
  const readsOf = () => requests.filter(({ operation }) => operation === 'getSecret').length;
  const readsBefore = readsOf();
  const seen = stage.watch();
  expect((await consumer.withKey(stage.call)).status).toBe(200);
  lagging.mockRestore();
  expect((await consumer.withKey(stage.call)).status).toBe(200);
  expect(seen()).toEqual([401, 200, 200]);
  expect(readsOf()).toBe(readsBefore);
});
