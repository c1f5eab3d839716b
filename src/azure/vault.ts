// The two adapters on Key Vault as one module.
export { createSecrets } from './key-vault.ts';
export { createVaultSearch } from './vault-search.ts';
