// The exercise: a call with a key succeeds, the key is regenerated, the old one fails, the new one succeeds.
// Regenerates key2 of the account: against real Azure, only of an account of which nobody uses key2.
import { CognitiveServicesManagementClient } from '@azure/arm-cognitiveservices';
import { SecretValue } from '../../src/consumer/index.ts';
import { detectLanguage } from '../detect-language.ts';
import { exampleEnvironment } from '../environment.ts';

const environment = await exampleEnvironment();
const { credential, resourceId, resourceManagerEndpoint, endpoint } = environment;
const [, , subscription = '', , group = '', , , , name = ''] = resourceId.split('/');

async function tell(what: string, key: SecretValue): Promise<number> {
  const { status } = await detectLanguage(endpoint, key, 'Bonjour tout le monde');
  process.stdout.write(`${what} (${key.fingerprint}): ${status}\n`);
  return status;
}

async function key2(from: Promise<{ key2?: string }>): Promise<SecretValue> {
  return new SecretValue((await from).key2 ?? '');
}

try {
  const { accounts } = new CognitiveServicesManagementClient(credential, subscription, {
    endpoint: resourceManagerEndpoint,
    credentialScopes: 'https://management.azure.com/.default',
    retryOptions: { maxRetries: 0 },
  });
  const before = await key2(accounts.listKeys(group, name));
  const first = await tell('key2', before);
  const after = await key2(accounts.regenerateKey(group, name, 'Key2'));
  const dead = await tell('old key2 after regenerateKey', before);
  const alive = await tell('new key2', after);
  const isGood = first === 200 && dead === 401 && alive === 200;
  process.stdout.write(isGood ? 'as expected\n' : 'not as expected: a gateway may take the old key for a while\n');
  process.exitCode = isGood ? 0 : 1;
} finally {
  await environment.close();
}
