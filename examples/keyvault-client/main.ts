// A console that detects the language of what you type, until `quit`. Signs in as a service principal, a managed identity
// or the developer, takes the key from Key Vault, and goes on when the key is rotated.
import { createInterface } from 'node:readline/promises';
import { createKeyConsumer, createVaultSource } from '../../src/consumer/index.ts';
import { detectLanguage, languageIn } from '../detect-language.ts';
import { exampleEnvironment } from '../environment.ts';

const environment = await exampleEnvironment();
const { keyVaultUrl: vaultUrl, secretName, credential, endpoint, isLocal } = environment;
const consumer = createKeyConsumer({
  source: createVaultSource({ vaultUrl, secretName, credential, isChallengeResourceVerified: !isLocal }),
});
const console = createInterface({ input: process.stdin });

try {
  const prompt = (): void => void process.stdout.write('text> ');
  prompt();
  for await (const line of console) {
    const text = line.trim();
    if (text === 'quit') break;
    if (text !== '') {
      const response = await consumer.withKey((key) => detectLanguage(endpoint, key, text));
      process.stdout.write(`${await languageIn(response)}\n`);
    }
    prompt();
  }
} finally {
  console.close();
  consumer.close();
  await environment.close();
}
