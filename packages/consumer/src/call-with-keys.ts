// Runs one call of the application under one key after another, until a key is not refused. Decides order and bounds.
// `held-keys.ts` holds the keys; `outcome.ts` recognises a refusal.
import { type HeldKeys, isSameKey } from './held-keys.ts';
import type { ConsumedKey } from './key-source.ts';
import { discard, type Outcome, settle, unwrap } from './outcome.ts';
import type { SecretValue } from './secret-value.ts';

/** The `@azure-rest` clients return what can be awaited and is no `Promise`. */
export type UseOfKey<T> = (key: SecretValue, version: string) => PromiseLike<T>;

export interface CallOptions {
  readonly keys: HeldKeys;
  readonly isRefused: (outcome: Outcome<unknown>) => boolean;
  /** Looks at the source, and takes its key into use. Never rejects. */
  readonly look: () => Promise<void>;
}

/** The key in use, the former key, and the key that the source has by then. */
const USES_MAXIMUM = 3;

/** Runs `use` under `first`, and after refusals under other keys: at most three times, with at most one look. */
export async function callWithKeys<T>(use: UseOfKey<T>, first: ConsumedKey, options: CallOptions): Promise<T> {
  const { keys, isRefused, look } = options;
  const refused: ConsumedKey[] = [];
  let hasLooked = false;

  const another = async (): Promise<ConsumedKey | undefined> => {
    const known = untried(keys, refused);
    if (known !== undefined || hasLooked) return known;
    hasLooked = true;
    await look();
    // The look may have made a refused key the former key.
    keys.dropFormer(refused);
    return untried(keys, refused);
  };

  let outcome = await settle(() => use(first.key, first.version));
  for (let used = first; isRefused(outcome); ) {
    refused.push(used);
    keys.dropFormer(refused);
    const next = refused.length < USES_MAXIMUM ? await another() : undefined;
    if (next === undefined) break;
    await discard(outcome);
    used = next;
    outcome = await settle(() => use(next.key, next.version));
  }
  return unwrap(outcome);
}

/** The key in use first: another call may have brought a new one in the meantime. */
function untried({ inUse, former }: HeldKeys, refused: readonly ConsumedKey[]): ConsumedKey | undefined {
  return [inUse, former].find((key) => key !== undefined && !refused.some((tried) => isSameKey(tried, key)));
}
