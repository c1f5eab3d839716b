// The one consumer of this Function App, made at its first use. Settings: KEY_VAULT_URL, SECRET_NAME, ENDPOINT, and to
// acknowledge ACKNOWLEDGE_URL, ACKNOWLEDGE_AS and ACKNOWLEDGE_KEY.
import { DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import {
  acknowledgeOverHttp,
  createKeyConsumer,
  createVaultSource,
  type KeyConsumer,
} from '../../packages/consumer/src/index.ts';

/** Events come first; this is for one that is lost. */
const POLL_EVERY_MS = 300_000;

let consumer: KeyConsumer | undefined;

/** Throws when a setting is missing. */
export function getConsumer(): KeyConsumer {
  consumer ??= create();
  return consumer;
}

function create(): KeyConsumer {
  const { IDENTITY_ENDPOINT: identity, ACKNOWLEDGE_URL: url } = process.env;
  const vaultUrl = setting('KEY_VAULT_URL');
  // A local Azure's vault does not live under the domain that its challenge names, nor is its authority known to Entra.
  const isHere = new URL(vaultUrl).hostname === 'localhost';
  const developer = { disableInstanceDiscovery: isHere };
  const credential = identity === undefined ? new DefaultAzureCredential(developer) : new ManagedIdentityCredential();
  const vault = new SecretClient(vaultUrl, credential, { disableChallengeResourceVerification: isHere });
  const source = createVaultSource({ vault, secretName: setting('SECRET_NAME') });
  if (url === undefined) return createKeyConsumer({ source, pollEveryMs: POLL_EVERY_MS });
  const acknowledge = acknowledgeOverHttp({
    url,
    consumer: setting('ACKNOWLEDGE_AS'),
    authorise: () => ({ 'x-functions-key': setting('ACKNOWLEDGE_KEY') }),
  });
  return createKeyConsumer({ source, pollEveryMs: POLL_EVERY_MS, acknowledge });
}

export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`The setting ${name} is missing.`);
  return value;
}
