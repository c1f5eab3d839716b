// The two adapters on Key Vault as one module.

export { createVaultSearch } from './search.ts';
export { createSecrets } from './secrets.ts';
