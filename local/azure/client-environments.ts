// The variables that a client needs to reach a local Azure, for each language that the README shows.
import { sparedFromProxy } from '../../scripts/no-proxy.mjs';
import type { LocalAzure } from './local-azure.ts';

/** Each language's SDKs read the file of trusted certificate authorities from a variable of their own. */
const CA_FILE_VARIABLES = {
  node: 'NODE_EXTRA_CA_CERTS',
  python: 'REQUESTS_CA_BUNDLE',
  csharp: 'SSL_CERT_FILE',
} as const;

type Language = keyof typeof CA_FILE_VARIABLES;

/** By language: certificate authority, managed identity, addresses of vault and store, and what spares a proxy. */
export function clientEnvironments(
  azure: Pick<LocalAzure, 'caFile' | 'endpoints' | 'identity'>,
): Readonly<Record<Language, Readonly<Record<string, string>>>> {
  const { keyVault, appConfiguration } = azure.endpoints;
  const { NO_PROXY } = sparedFromProxy(process.env);
  const places = { KEY_VAULT_URL: keyVault, APP_CONFIGURATION_ENDPOINT: appConfiguration };
  const common = { ...azure.identity(), ...places, NO_PROXY };
  return {
    node: { [CA_FILE_VARIABLES.node]: azure.caFile, ...common },
    python: { [CA_FILE_VARIABLES.python]: azure.caFile, ...common },
    csharp: { [CA_FILE_VARIABLES.csharp]: azure.caFile, ...common },
  };
}
