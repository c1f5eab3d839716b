// Copies of the parts of a universe, for snapshots.
import type { MemoryRows } from '../../local/azure/memory/memory-records.ts';
import type { SecretState } from '../../local/azure/world/key-vault.ts';
import type { AccountState } from '../../local/azure/world/world.ts';
import type { Memory } from './universe.ts';

export function copyMap<K, V>(source: ReadonlyMap<K, V>, copyOf: (value: V) => V): Map<K, V> {
  const copied = new Map<K, V>();
  for (const [key, value] of source) copied.set(key, copyOf(value));
  return copied;
}

export function refill<K, V>(target: Map<K, V>, source: ReadonlyMap<K, V>, copyOf: (value: V) => V): void {
  target.clear();
  for (const [key, value] of source) target.set(key, copyOf(value));
}

// What the world changes in place is copied; what it replaces (keys, tags, key-values, entities) is shared.

export function copyAccount(account: AccountState): AccountState {
  return { ...account, keys: { ...account.keys }, superseded: [...account.superseded], knobs: { ...account.knobs } };
}

export function copySecret(secret: SecretState): SecretState {
  return { ...secret, versions: secret.versions.map((version) => ({ ...version })) };
}

export function copyRows(rows: MemoryRows): MemoryRows {
  return {
    ...rows,
    requests: [...rows.requests],
    acknowledgements: [...rows.acknowledgements],
    history: [...rows.history],
  };
}

export function copyMemory(memory: Memory): Memory {
  return {
    ...memory,
    named: new Map(memory.named),
    compromised: new Set(memory.compromised),
    meant: new Map(memory.meant),
  };
}
