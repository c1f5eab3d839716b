// Calls per rotation and per renewed key, against the sequence of Microsoft's sample for accounts with two keys (read the
// secret, regenerate, list, write the secret: no probe, no flag, no lock, no record), both on one local Azure.
import { CognitiveServicesManagementClient } from '@azure/arm-cognitiveservices';
import { SecretClient } from '@azure/keyvault-secrets';
import { startWire, type Wire } from '../test/contract/wire.ts';
import { type Figures, rounded } from './benchmark.ts';
import { prepare, rotateOnce } from './whole-rotation.ts';

const KEYS_RENEWED = 2;

export async function measureCalls(): Promise<Figures> {
  const wire = await startWire();
  try {
    const { requests } = await rotateOnce(wire, await prepare(wire));
    const by = (service: string): number => requests.filter((request) => request.service === service).length;
    const sample = await callsOfSample(wire);
    return {
      perRotation: requests.length,
      perRenewedKey: rounded(requests.length / KEYS_RENEWED, 1),
      samplePerRenewedKey: sample,
      arm: by('arm'),
      keyVault: by('keyVault'),
      appConfiguration: by('appConfiguration'),
      dataPlane: by('dataPlane'),
      table: by('table'),
    };
  } finally {
    await wire.close();
  }
}

async function callsOfSample(wire: Wire): Promise<number> {
  const account = wire.newAccount();
  const { azure, credential, cloud } = wire;
  azure.world.vault.set(account.secretName, { value: azure.world.account(account.id).keys.key1.value });
  const secrets = new SecretClient(account.vaultUrl, credential, { disableChallengeResourceVerification: true });
  const { accounts } = new CognitiveServicesManagementClient(credential, account.subscriptionId, {
    endpoint: cloud.resourceManagerEndpoint,
    credentialScopes: [cloud.resourceManagerScope],
  });
  let calls = 0;
  const stop = azure.onRequest(({ service, isChallenge }) => {
    if (service !== 'token' && !isChallenge) calls++;
  });
  await secrets.getSecret(account.secretName);
  await accounts.regenerateKey(account.resourceGroup, account.name, 'Key2');
  const { key2 } = await accounts.listKeys(account.resourceGroup, account.name);
  await secrets.setSecret(account.secretName, key2 ?? '');
  stop();
  return calls;
}
