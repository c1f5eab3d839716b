// The exercise: a call with a key succeeds, the key is regenerated, the old one fails, the new one succeeds.
// It regenerates the key that is not in the vault, never the one that applications use.
import { CognitiveServicesManagementClient, type KeyName } from '@azure/arm-cognitiveservices';
import { createVaultSource, SecretValue } from '../../packages/consumer/src/index.ts';
import { detectLanguage } from '../detect-language.ts';
import { type ExampleEnvironment, runExample, VARIABLES, vaultOf } from '../environment.ts';
import { refusalOf } from '../refusals.ts';

/** A gateway may take the old key for a while yet, and the new one not at once. */
const WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 2_000;
const READ_TIMEOUT_MS = 30_000;
const SLOTS = { key1: 'Key1', key2: 'Key2' } as const satisfies Record<string, KeyName>;

const COMMAND = {
  name: 'npm run example:rest-test',
  does: 'regenerates the key that applications do not use, and shows that the old value fails.',
  flags: {
    regenerate: { kind: 'switch', means: 'agrees to the regenerate; needed for an account that is not local' },
  },
  variables: { ...VARIABLES, RESOURCE_ID: 'the ARM id of the account; needed with the other three' },
  examples: ['npm run example:rest-test'],
} as const;

runExample(COMMAND, async (environment, { regenerate }) => {
  const { credential, resourceId = '', resourceManagerEndpoint: endpoint, local } = environment;
  const [, , subscription = '', , group = '', , , , name = ''] = resourceId.split('/');
  if (name === '') throw new Error('Set RESOURCE_ID to the ARM id of the account.');
  if (local === undefined && !regenerate) {
    throw new Error(`This regenerates the key of ${name} that is not in the vault; say so with --regenerate.`);
  }
  const { accounts } = new CognitiveServicesManagementClient(credential, subscription, {
    endpoint,
    credentialScopes: 'https://management.azure.com/.default',
    retryOptions: { maxRetries: 0 },
  });
  const published = await publishedKey(environment);
  const keys = await accounts.listKeys(group, name);
  const slot =
    keys.key1 !== undefined && new SecretValue(keys.key1).fingerprint === published.fingerprint ? 'key2' : 'key1';
  const before = new SecretValue(keys[slot] ?? '');
  if (before.fingerprint === published.fingerprint) throw new Error('Both keys have one value: regenerate one first.');
  await expectStatus(environment, slot, before, 200);
  const after = new SecretValue((await accounts.regenerateKey(group, name, SLOTS[slot]))[slot] ?? '');
  await expectStatus(environment, `old ${slot} after regenerateKey`, before, 401);
  await expectStatus(environment, `new ${slot}`, after, 200);
  await expectStatus(environment, 'published key, all the while', published, 200);
});

async function publishedKey(environment: ExampleEnvironment): Promise<SecretValue> {
  const source = createVaultSource({ vault: vaultOf(environment), secretName: environment.secretName });
  return (await source.read(AbortSignal.timeout(READ_TIMEOUT_MS))).key;
}

/** Calls until the answer is as expected; prints it with the key's fingerprint, never the key. */
async function expectStatus(
  { endpoint }: ExampleEnvironment,
  what: string,
  key: SecretValue,
  expected: number,
): Promise<void> {
  const until = Date.now() + WITHIN_MS;
  for (;;) {
    const response = await detectLanguage(endpoint, key, 'Bonjour tout le monde');
    const { status } = response;
    if (status === expected || Date.now() >= until) {
      process.stdout.write(`${what} (${key.fingerprint}): ${status}\n`);
      if (status !== expected)
        throw new Error(
          `${expected} was expected. ${response.ok ? 'The key still works.' : await refusalOf(response)}`,
        );
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
