// Keeps the inventory of each kind for a while: one search of the scopes serves all accounts of an invocation.
// It holds fingerprints, never values. It must not know an account.
import type { Clock } from '../rotation/ports.ts';
import type { HolderInventory, HolderKind } from './model.ts';
import type { HolderAdapter, HolderScopes, Inventories } from './ports.ts';

interface Kept {
  readonly begunAt: number;
  readonly reading: Promise<HolderInventory>;
}

/** An inventory is of the time when its reading began. One that failed is not kept. */
export function createInventories(
  adapters: Readonly<Record<HolderKind, HolderAdapter>>,
  scopes: HolderScopes,
  clock: Clock,
): Inventories {
  const kept = new Map<HolderKind, Kept>();
  return {
    of(kind, maximumAgeMs) {
      const now = clock.now();
      const known = kept.get(kind);
      const isFresh = known !== undefined && known.begunAt <= now && now < known.begunAt + maximumAgeMs;
      if (isFresh) return known.reading;
      const fresh: Kept = { begunAt: now, reading: adapters[kind].list(scopes[kind] ?? []) };
      kept.set(kind, fresh);
      fresh.reading.catch(() => {
        if (kept.get(kind) === fresh) kept.delete(kind);
      });
      return fresh.reading;
    },
  };
}
