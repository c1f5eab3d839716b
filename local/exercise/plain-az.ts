// Plays the Azure CLI as far as docs/exercise.md needs it, by the plain requests that the CLI sends.
// It must not know the local Azure: it has its proxy, and a service principal.

import { parseArgs } from 'node:util';
import {
  createDefaultHttpClient,
  createPipelineFromOptions,
  createPipelineRequest,
  type HttpMethods,
} from '@azure/core-rest-pipeline';
import { ClientSecretCredential } from '@azure/identity';
import type { LocalAzure } from '../azure/local-azure.ts';

const ARM = 'https://management.azure.com';
const GRAPH = 'https://graph.microsoft.com';
const GROUPS = '2021-04-01';
const ACCOUNTS = '2023-05-01';
const VAULTS = '2022-07-01';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const OPTIONS = {
  n: { ...text, short: 'n' },
  g: { ...text, short: 'g' },
  l: { ...text, short: 'l' },
  output: { ...text, short: 'o' },
  query: text,
  kind: text,
  sku: text,
  'custom-domain': text,
  'key-name': text,
  'enable-rbac-authorization': text,
  resource: text,
  spn: text,
  'secret-permissions': text,
  method: text,
  url: text,
  body: text,
  'ip-address': text,
  id: text,
  yes: flag,
} as const;

type Flags = Readonly<Record<string, string | undefined>>;
type Json = Readonly<Record<string, unknown>>;
type Command = (flags: Flags) => Promise<unknown>;

const isEmpty = (result: unknown): boolean => typeof result === 'object' && Object.keys(result ?? {}).length === 0;

/** `a.b` or `[a, b]`, one value a line. */
function select(value: unknown, query: string): string {
  const names = query.startsWith('[') ? query.slice(1, -1).split(/, */) : [query];
  const one = (name: string): string =>
    String(name.split('.').reduce<unknown>((from, part) => (from as Json | undefined)?.[part], value));
  return names.map((name) => `${one(name)}\n`).join('');
}

export class PlainAzureCli {
  readonly #subscriptionId: string;
  readonly #tenantId: string;
  readonly #clientId: string;
  readonly #credential: ClientSecretCredential;
  readonly #pipeline: ReturnType<typeof createPipelineFromOptions>;

  constructor(azure: LocalAzure, subscriptionId: string) {
    this.#subscriptionId = subscriptionId;
    const { tenantId, clientId, clientSecret } = azure.servicePrincipal;
    this.#tenantId = tenantId;
    this.#clientId = clientId;
    const proxy = new URL(azure.gateway?.url ?? '');
    const proxyOptions = { host: `${proxy.protocol}//${proxy.hostname}`, port: Number(proxy.port) };
    this.#credential = new ClientSecretCredential(tenantId, clientId, clientSecret, { proxyOptions });
    this.#pipeline = createPipelineFromOptions({ proxyOptions, retryOptions: { maxRetries: 0 } });
  }

  /** Returns the command's output. Throws one sentence for an unknown command, an unknown flag or a refusal. */
  async run(args: readonly string[]): Promise<string> {
    const end = args.findIndex((word) => word.startsWith('-'));
    const name = (end < 0 ? args : args.slice(0, end)).join(' ');
    const command = this.#commands()[name];
    if (command === undefined) throw new Error(`az ${name} is not known here.`);
    const { values } = parseArgs({ args: end < 0 ? [] : [...args.slice(end)], options: OPTIONS });
    const flags = { ...values, yes: undefined };
    const result = await command(flags);
    if (flags.output === 'none' || result === undefined || isEmpty(result)) return '';
    return flags.query === undefined ? `${JSON.stringify(result)}\n` : select(result, flags.query);
  }

  #commands(): Readonly<Record<string, Command>> {
    return { login: () => Promise.resolve(undefined), ...this.#accounts(), ...this.#vaults(), ...this.#directory() };
  }

  #accounts(): Readonly<Record<string, Command>> {
    const account = ({ g = '', n = '' }: Flags, more = ''): string =>
      `${this.#group(g)}/providers/Microsoft.CognitiveServices/accounts/${n}${more}?api-version=${ACCOUNTS}`;
    const show: Command = (flags) => this.#manage('GET', account(flags));
    return {
      'group create': ({ n = '', l }) =>
        this.#manage('PUT', `${this.#group(n)}?api-version=${GROUPS}`, { location: l }),
      'group delete': ({ n = '' }) => this.#manage('DELETE', `${this.#group(n)}?api-version=${GROUPS}`),
      'group exists': async ({ n = '' }) => {
        const { status } = await this.#send('HEAD', `${ARM}${this.#group(n)}?api-version=${GROUPS}`, ARM);
        return status === 204;
      },
      'cognitiveservices account create': (flags) => {
        const properties = { customSubDomainName: flags['custom-domain'] };
        const body = { kind: flags['kind'], sku: { name: flags['sku'] }, location: flags['l'], properties };
        return this.#manage('PUT', account(flags), body);
      },
      'cognitiveservices account show': show,
      'cognitiveservices account keys list': (flags) => this.#manage('POST', account(flags, '/listKeys'), {}),
      'cognitiveservices account keys regenerate': (flags) => {
        const keyName = flags['key-name'] === 'key1' ? 'Key1' : 'Key2';
        return this.#manage('POST', account(flags, '/regenerateKey'), { keyName });
      },
      'cognitiveservices account network-rule add': async (flags) => {
        const { properties } = (await show(flags)) as {
          readonly properties: { readonly networkAcls: { readonly ipRules: readonly Json[] } };
        };
        const ipRules = [...properties.networkAcls.ipRules, { value: flags['ip-address'] }];
        const networkAcls = { ...properties.networkAcls, ipRules };
        return this.#manage('PATCH', account(flags), { properties: { networkAcls } });
      },
      rest: ({ method = '', url = '', resource = ARM, body }) =>
        this.#call(method.toUpperCase(), url, resource, body === undefined ? undefined : JSON.parse(body)),
    };
  }

  #vaults(): Readonly<Record<string, Command>> {
    const vault = ({ g = '', n = '' }: Flags): string =>
      `${this.#group(g)}/providers/Microsoft.KeyVault/vaults/${n}?api-version=${VAULTS}`;
    const show = async (flags: Flags) =>
      (await this.#manage('GET', vault(flags))) as Json & {
        readonly properties: Json & { readonly accessPolicies: readonly Json[] };
      };
    const put = async (flags: Flags, changed: Json): Promise<Json> => {
      const { location, properties } = await show(flags);
      return this.#manage('PUT', vault(flags), { location, properties: { ...properties, ...changed } });
    };
    const policyOf = (objectId: string, secrets: readonly string[]): Json => ({
      tenantId: this.#tenantId,
      objectId,
      permissions: { secrets },
    });
    return {
      'keyvault create': async (flags) => {
        const accessPolicies = [policyOf((await this.#principal(this.#clientId)).id, ['all'])];
        const byRole = flags['enable-rbac-authorization'] === 'true';
        const properties = { tenantId: this.#tenantId, sku: { family: 'A', name: 'standard' }, accessPolicies };
        const body = { location: flags['l'], properties: { ...properties, enableRbacAuthorization: byRole } };
        return this.#manage('PUT', vault(flags), body);
      },
      'keyvault show': show,
      'keyvault update': (flags) =>
        put(flags, { enableRbacAuthorization: flags['enable-rbac-authorization'] === 'true' }),
      'keyvault set-policy': async (flags) => {
        const { accessPolicies } = (await show(flags)).properties;
        const added = policyOf((await this.#principal(flags['spn'] ?? '')).id, [flags['secret-permissions'] ?? '']);
        return put(flags, { accessPolicies: [...accessPolicies, added] });
      },
      'keyvault purge': ({ n = '', l = '' }) => {
        const deleted = `/subscriptions/${this.#subscriptionId}/providers/Microsoft.KeyVault/locations/${l}/deletedVaults/${n}`;
        return this.#manage('POST', `${deleted}/purge?api-version=${VAULTS}`, {});
      },
    };
  }

  #directory(): Readonly<Record<string, Command>> {
    const graph = (method: string, path: string, body?: unknown): Promise<Json> =>
      this.#call(method, `${GRAPH}/v1.0/${path}`, GRAPH, body);
    return {
      'ad sp create-for-rbac': async ({ n }) => {
        const { id, appId } = await graph('POST', 'applications', { displayName: n });
        const password = { passwordCredential: { displayName: 'rbac' } };
        const { secretText } = await graph('POST', `applications/${String(id)}/addPassword`, password);
        await graph('POST', 'servicePrincipals', { appId });
        return { appId, displayName: n, password: secretText, tenant: this.#tenantId };
      },
      'ad sp show': ({ id = '' }) => this.#principal(id),
      'ad app delete': async ({ id = '' }) => {
        const found = await graph('GET', `applications?$filter=${encodeURIComponent(`appId eq '${id}'`)}`);
        const [application] = found['value'] as readonly Json[];
        return graph('DELETE', `applications/${String(application?.['id'])}`);
      },
    };
  }

  async #principal(clientId: string): Promise<{ readonly id: string }> {
    const filter = encodeURIComponent(`servicePrincipalNames/any(c:c eq '${clientId}')`);
    const found = await this.#call('GET', `${GRAPH}/v1.0/servicePrincipals?$filter=${filter}`, GRAPH);
    const [principal] = found['value'] as readonly { readonly id: string }[];
    if (principal === undefined) throw new Error(`There is no service principal ${clientId}.`);
    return principal;
  }

  #group(name: string): string {
    return `/subscriptions/${this.#subscriptionId}/resourceGroups/${name}`;
  }

  #manage(method: string, path: string, body?: unknown): Promise<Json> {
    return this.#call(method, `${ARM}${path}`, ARM, body);
  }

  async #call(method: string, url: string, resource: string, body?: unknown): Promise<Json> {
    const { status, bodyAsText } = await this.#send(method, url, resource, body);
    const answer =
      bodyAsText === null || bodyAsText === undefined || bodyAsText === '' ? {} : (JSON.parse(bodyAsText) as Json);
    if (status < 300) return answer;
    const { code, message } = (answer['error'] ?? {}) as { readonly code?: string; readonly message?: string };
    throw new Error(`(${code ?? status}) ${message ?? ''}`);
  }

  async #send(method: string, url: string, resource: string, body?: unknown) {
    const { token } = await this.#credential.getToken(`${resource}/.default`);
    const request = createPipelineRequest({ url, method: method as HttpMethods });
    request.headers.set('authorization', `Bearer ${token}`);
    request.headers.set('content-type', 'application/json');
    if (body !== undefined) request.body = JSON.stringify(body);
    return this.#pipeline.sendRequest(createDefaultHttpClient(), request);
  }
}
