// The one consumer of this Function App, made at its first use. Settings: KEY_VAULT_URL, SECRET_NAME, ENDPOINT.
import { DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';
import { createKeyConsumer, createVaultSource, type KeyConsumer } from '../../src/consumer/index.ts';

let consumer: KeyConsumer | undefined;

export function getConsumer(): KeyConsumer {
  const { KEY_VAULT_URL: vaultUrl = '', SECRET_NAME: secretName = '', IDENTITY_ENDPOINT: identity } = process.env;
  consumer ??= createKeyConsumer({
    source: createVaultSource({
      vaultUrl,
      secretName,
      credential: identity === undefined ? new DefaultAzureCredential() : new ManagedIdentityCredential(),
      isChallengeResourceVerified: !vaultUrl.startsWith('https://localhost'),
    }),
    // Events come first; this is for one that is lost.
    pollEveryMs: 300_000,
  });
  return consumer;
}
