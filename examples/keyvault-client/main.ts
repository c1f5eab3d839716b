// A console that detects the language of what you type, until `quit`. Signs in as a service principal, a managed identity
// or the developer, takes the key from Key Vault, and goes on when the key is rotated.
import { createKeyConsumer, createVaultSource } from '../../packages/consumer/src/index.ts';
import { converse } from '../console.ts';
import { detectLanguage, languageIn } from '../detect-language.ts';
import { type ExampleEnvironment, runExample, VARIABLES, vaultOf } from '../environment.ts';

const COMMAND = {
  name: 'npm run example:keyvault-client',
  does: 'detects the language of each line that you type, until "quit". It takes the key from Key Vault. With a local Azure, "rotate" changes the key.',
  flags: {},
  variables: { ...VARIABLES },
  examples: ['npm run example:keyvault-client'],
} as const;

runExample(COMMAND, async (environment) => {
  const { secretName, endpoint, local } = environment;
  const consumer = createKeyConsumer({ source: createVaultSource({ vault: vaultOf(environment), secretName }) });
  try {
    await converse(async (text) => {
      if (text === 'rotate' && local !== undefined) return rotate(environment);
      return languageIn(await consumer.withKey((key) => detectLanguage(endpoint, key, text)));
    });
  } finally {
    consumer.close();
  }
});

/** Publishes the other key and kills this one, with no overlap at all: the console still notices nothing. */
function rotate({ local, secretName }: ExampleEnvironment): string {
  const [account] = local?.world.accounts.values() ?? [];
  if (local === undefined || account === undefined) return 'Only a local Azure is rotated here.';
  const { world } = local;
  const isKey1 = world.vault.get(secretName).value === account.keys.key1.value;
  world.vault.set(secretName, { value: account.keys[isKey1 ? 'key2' : 'key1'].value });
  world.regenerateKey(account.id, isKey1 ? 'key1' : 'key2');
  return `${isKey1 ? 'key2' : 'key1'} is published, ${isKey1 ? 'key1' : 'key2'} is dead`;
}
