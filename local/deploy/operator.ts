// The person who has deployed: signed in with a principal of their own, reaching everything under Azure's names as from a
// desk. It must not use anything that such a person would not have.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AppConfigurationClient } from '@azure/app-configuration';
import { CognitiveServicesManagementClient } from '@azure/arm-cognitiveservices';
import {
  createDefaultHttpClient,
  createPipelineFromOptions,
  createPipelineRequest,
  type HttpMethods,
} from '@azure/core-rest-pipeline';
import { ClientSecretCredential } from '@azure/identity';
import type { LocalAzure } from '../azure/local-azure.ts';
import type { AccountSeed } from '../azure/world/world.ts';
import type { Examination } from '../doctor/examine.ts';
import type { Site } from './site.ts';

const DOCTOR = fileURLToPath(new URL('../doctor/main.ts', import.meta.url));
const run = promisify(execFile);

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface Operator {
  /** As `az appconfig kv set --auth-mode login` does. */
  setKeyValue(key: string, value: unknown): Promise<void>;
  /** As `az cognitiveservices account keys regenerate` does. */
  regenerateKey(account: AccountSeed, key: 'Key1' | 'Key2'): Promise<void>;
  /** Calls the app with its function key; `path` for instance `accounts/my-language`. */
  call(method: HttpMethods, path: string, body?: object): Promise<ApiAnswer>;
}

export function signIn(azure: LocalAzure, site: Site): Operator {
  const proxy = new URL(azure.gateway?.url ?? '');
  const proxyOptions = { host: `${proxy.protocol}//${proxy.hostname}`, port: Number(proxy.port) };
  const { tenantId, clientId, clientSecret } = azure.servicePrincipal;
  const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, { proxyOptions });
  const store = new AppConfigurationClient(azure.endpoints.appConfiguration, credential, { proxyOptions });
  const pipeline = createPipelineFromOptions({ proxyOptions });
  const client = createDefaultHttpClient();
  return {
    async setKeyValue(key, value) {
      await store.setConfigurationSetting({ key, value: JSON.stringify(value), contentType: 'application/json' });
    },
    async regenerateKey({ subscriptionId, resourceGroup, name }, key) {
      const { accounts } = new CognitiveServicesManagementClient(credential, subscriptionId, { proxyOptions });
      await accounts.regenerateKey(resourceGroup, name, key);
    },
    async call(method, path, body) {
      const request = createPipelineRequest({ url: `${site.url}/api/${path}`, method });
      request.headers.set('x-functions-key', site.functionKey);
      if (body !== undefined) {
        request.headers.set('content-type', 'application/json');
        request.body = JSON.stringify(body);
      }
      const { status, bodyAsText } = await pipeline.sendRequest(client, request);
      return { status, body: bodyAsText === null || bodyAsText === undefined ? undefined : parse(bodyAsText) };
    },
  };
}

/** `npm run doctor` with the outputs of a deployment as its settings and the operator's own sign-in. Rejects when it says nothing. */
export async function askDoctor(
  azure: LocalAzure,
  outputs: Readonly<Record<string, unknown>>,
  timeoutMs: number,
): Promise<Examination> {
  const { tenantId, clientId, clientSecret } = azure.servicePrincipal;
  const env = {
    PATH: process.env['PATH'],
    ...azure.network(),
    ...(outputs as Readonly<Record<string, string>>),
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: clientId,
    AZURE_CLIENT_SECRET: clientSecret,
  };
  const { stdout } = await run(process.execPath, [DOCTOR, '--json'], { env, timeout: timeoutMs }).catch(
    // It ends with 1 where something is to be corrected, and says what.
    (error: unknown) => error as { readonly stdout: string },
  );
  return JSON.parse(stdout) as Examination;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
