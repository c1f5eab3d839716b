// What applications read before the first rotation: the secret of each account's key, and the reference to it.
import type { LocalAzure } from './local-azure.ts';

const REFERENCE = 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8';

/** Writes `key1` of each account to the secret `<account>-key`, and the reference `<account>:Key`. */
export function publishKeys({ world, endpoints }: Pick<LocalAzure, 'world' | 'endpoints'>): void {
  for (const { seed, keys } of world.accounts.values()) {
    world.vault.set(`${seed.name}-key`, { value: keys.key1.value });
    // As documented: the reference names no version.
    const uri = `${endpoints.keyVault}/secrets/${seed.name}-key`;
    world.store.set(`${seed.name}:Key`, null, { value: JSON.stringify({ uri }), contentType: REFERENCE });
  }
}
