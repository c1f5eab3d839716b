// A console that detects the language of what you type, until `quit`. Signs in as a service principal, a managed identity
// or the developer, takes the key from Key Vault, and goes on when the key is rotated.
import { createInterface } from 'node:readline';
import { createKeyConsumer, createVaultSource, type KeyConsumer } from '../../packages/consumer/src/index.ts';
import { detectLanguage, languageIn } from '../detect-language.ts';
import { type ExampleEnvironment, runExample, vaultOf } from '../environment.ts';

runExample(async (environment) => {
  const { secretName } = environment;
  const consumer = createKeyConsumer({ source: createVaultSource({ vault: vaultOf(environment), secretName }) });
  const input = createInterface({ input: process.stdin });
  try {
    process.stdout.write('text> ');
    for await (const line of input) {
      const text = line.trim();
      if (text === 'quit') break;
      if (text !== '') process.stdout.write(`${await answerTo(text, environment, consumer)}\n`);
      process.stdout.write('text> ');
    }
  } finally {
    input.close();
    consumer.close();
  }
});

/** What went wrong is said, and the console goes on. */
async function answerTo(text: string, environment: ExampleEnvironment, consumer: KeyConsumer): Promise<string> {
  const { endpoint, local } = environment;
  if (text === 'rotate' && local !== undefined) return rotate(environment);
  try {
    const response = await consumer.withKey((key) => detectLanguage(endpoint, key, text));
    return await languageIn(response);
  } catch (error) {
    return error instanceof Error ? error.message : 'The call failed.';
  }
}

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
