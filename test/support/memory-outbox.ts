// An outbox in memory that keeps the contract of the real one (test/contract/suites/outbox.ts).
import { DEAD_COUNTED, type OutboxPort, type Pending } from '../../src/notify/ports.ts';

export interface MemoryOutbox extends OutboxPort {
  readonly waiting: Map<string, Pending>;
  readonly dead: Map<string, string>;
  put(pending: Pending): void;
}

export function createMemoryOutbox(): MemoryOutbox {
  const waiting = new Map<string, Pending>();
  const dead = new Map<string, string>();
  const instants = new Map<string, number>();
  return {
    waiting,
    dead,
    put: (pending) => void waiting.set(pending.key, pending),
    list: async (limit, after) =>
      [...waiting.values()]
        .filter(({ key }) => after === undefined || key > after)
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .slice(0, limit),
    remove: async ({ key }) => void waiting.delete(key),
    postpone: async ({ key }, attempts, nextAttemptAt) => {
      const held = waiting.get(key);
      if (held !== undefined) waiting.set(key, { ...held, attempts, nextAttemptAt });
    },
    bury: async ({ key }, failure) => {
      const at = waiting.get(key)?.line?.entry.at;
      if (at !== undefined) instants.set(key, at);
      if (waiting.delete(key)) dead.set(key, failure);
    },
    countDead: async () => Math.min(dead.size, DEAD_COUNTED),
    forgetDead: async (before) => {
      const old = [...dead.keys()].filter((key) => (instants.get(key) ?? before) < before);
      for (const key of old) dead.delete(key);
      return old.length;
    },
  };
}
