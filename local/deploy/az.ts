// Plays the Azure CLI, as far as the documentation needs it for a rotating fleet. It works over the wire, under Azure's
// names, with the operator's sign-in. It must not use anything that an operator would not have.
import { parseArgs } from 'node:util';
import { AppConfigurationClient } from '@azure/app-configuration';
import { CognitiveServicesManagementClient } from '@azure/arm-cognitiveservices';
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createPipelineFromOptions,
  createPipelineRequest,
} from '@azure/core-rest-pipeline';
import { ClientSecretCredential } from '@azure/identity';
import type { LocalAzure } from '../azure/local-azure.ts';

const RESOURCE_MANAGER = 'https://management.azure.com';
const WEB_API_VERSION = '2024-04-01';
const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

export class AzureCli {
  readonly #subscriptionId: string;
  readonly #credential: ClientSecretCredential;
  readonly #proxyOptions: { readonly host: string; readonly port: number };

  constructor(azure: LocalAzure, subscriptionId: string) {
    this.#subscriptionId = subscriptionId;
    const proxy = new URL(azure.gateway?.url ?? '');
    this.#proxyOptions = { host: `${proxy.protocol}//${proxy.hostname}`, port: Number(proxy.port) };
    const { tenantId, clientId, clientSecret } = azure.servicePrincipal;
    this.#credential = new ClientSecretCredential(tenantId, clientId, clientSecret, {
      proxyOptions: this.#proxyOptions,
    });
  }

  /** Returns the command's output. Throws one sentence for an unknown command or flag. */
  async run(args: readonly string[]): Promise<string> {
    const end = args.findIndex((word) => word.startsWith('-'));
    const command = (end < 0 ? args : args.slice(0, end)).join(' ');
    const rest = end < 0 ? [] : [...args.slice(end)];
    switch (command) {
      case 'login':
        parseArgs({ args: rest });
        return '';
      case 'appconfig kv set':
        return this.#setKeyValue(rest);
      case 'functionapp keys list':
        return this.#functionKey(rest);
      case 'cognitiveservices account keys regenerate':
        return this.#regenerate(rest);
    }
    throw new Error(`az ${command} is not known here.`);
  }

  async #setKeyValue(args: string[]): Promise<string> {
    const { values } = parseArgs({
      args,
      options: { endpoint: text, 'auth-mode': text, yes: flag, 'content-type': text, key: text, value: text },
    });
    const { endpoint = '', key = '', value = '', 'content-type': contentType = '' } = values;
    if (values.yes !== true) throw new Error('az would ask whether to go on: --yes.');
    if (values['auth-mode'] !== 'login') throw new Error('The store has no access keys: --auth-mode login.');
    const store = new AppConfigurationClient(endpoint, this.#credential, { proxyOptions: this.#proxyOptions });
    await store.setConfigurationSetting({ key, value, contentType });
    return '';
  }

  async #functionKey(args: string[]): Promise<string> {
    const { values } = parseArgs({
      args,
      options: { g: { ...text, short: 'g' }, n: { ...text, short: 'n' }, query: text, output: { ...text, short: 'o' } },
    });
    if (values.query !== 'functionKeys.default' || values.output !== 'tsv') {
      throw new Error('Only --query functionKeys.default -o tsv is known here.');
    }
    const pipeline = createPipelineFromOptions({ proxyOptions: this.#proxyOptions });
    const scopes = `${RESOURCE_MANAGER}/.default`;
    pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential: this.#credential, scopes }));
    const site = `/subscriptions/${this.#subscriptionId}/resourceGroups/${values.g ?? ''}/providers/Microsoft.Web/sites/${values.n ?? ''}`;
    const url = `${RESOURCE_MANAGER}${site}/host/default/listkeys?api-version=${WEB_API_VERSION}`;
    const request = createPipelineRequest({ url, method: 'POST' });
    request.headers.set('content-length', '0');
    const { status, bodyAsText } = await pipeline.sendRequest(createDefaultHttpClient(), request);
    if (status !== 200) throw new Error(`The keys were not listed (${status}): ${bodyAsText ?? ''}`);
    const keys = JSON.parse(bodyAsText ?? '') as { readonly functionKeys: { readonly default: string } };
    return `${keys.functionKeys.default}\n`;
  }

  async #regenerate(args: string[]): Promise<string> {
    const { values } = parseArgs({
      args,
      options: { g: { ...text, short: 'g' }, n: { ...text, short: 'n' }, 'key-name': text },
    });
    const proxyOptions = this.#proxyOptions;
    const { accounts } = new CognitiveServicesManagementClient(this.#credential, this.#subscriptionId, {
      proxyOptions,
    });
    await accounts.regenerateKey(values.g ?? '', values.n ?? '', values['key-name'] === 'key1' ? 'Key1' : 'Key2');
    return '';
  }
}
