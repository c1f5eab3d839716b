// One sample application. It gets its key in one of the documented ways and calls its account's data plane without a
// break. It knows nothing of rotations.
import { load } from '@azure/app-configuration-provider';
import { ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { createKeyConsumer, createVaultSource } from '../../packages/consumer/src/index.ts';
import { createSendCall, type Sent } from './fresh-connections.ts';

/**
 * How the application refreshes its key. `appConfiguration`: App Configuration's own provider watches the flag. `poll`:
 * it polls the vault. `events`: it uses the vault's event alone (the poll is too rare to matter). The latter two use
 * the consumer library.
 */
export type Style = 'appConfiguration' | 'poll' | 'events';

export interface ApplicationOptions {
  /** The application's own name on the wire. */
  readonly name: string;
  readonly style: Style;
  /** Name of the account. */
  readonly account: string;
  readonly kind: string;
  /** Data-plane endpoint with a trailing slash. */
  readonly endpoint: string;
  readonly appConfigurationEndpoint: string;
  readonly keyVaultUrl: string;
}

export interface Application {
  /** Takes an event. */
  notify(event: unknown): Promise<void>;
  /** Calls until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

const CALL_EVERY_MS = 140;
const REFRESH_MS = 1_000;
const RARELY_MS = 3_600_000;

/** Runs `use` with the present key; `use` returns the response. */
type WithKey = (use: (key: string) => Promise<Response>) => Promise<unknown>;

/** Rejects when the application cannot get its key. */
export async function createApplication(options: ApplicationOptions): Promise<Application> {
  const { withKey, notify } =
    options.style === 'appConfiguration' ? await viaProvider(options) : await viaLibrary(options);
  const call = callOf(options);
  return {
    notify,
    async run(signal) {
      while (!signal.aborted) {
        // Failures are counted on the wire, where they are answered.
        await Promise.all([withKey(call).catch(() => undefined), pause(CALL_EVERY_MS, signal)]);
      }
    },
  };
}

interface Reader {
  readonly withKey: WithKey;
  readonly notify: (event: unknown) => Promise<void>;
}

function signIn({ name }: ApplicationOptions) {
  const userAgentOptions = { userAgentPrefix: `application/${name}` };
  return { userAgentOptions, credential: new ManagedIdentityCredential({ userAgentOptions }) };
}

function vaultOf(options: ApplicationOptions): SecretClient {
  const { credential, userAgentOptions } = signIn(options);
  // The local vault is not under the domain that its challenge names.
  const clientOptions = { disableChallengeResourceVerification: true, userAgentOptions };
  return new SecretClient(options.keyVaultUrl, credential, clientOptions);
}

async function viaProvider(options: ApplicationOptions): Promise<Reader> {
  const { account, appConfigurationEndpoint } = options;
  const { credential, userAgentOptions } = signIn(options);
  const configuration = await load(appConfigurationEndpoint, credential, {
    selectors: [{ keyFilter: `${account}:*` }],
    clientOptions: { userAgentOptions },
    replicaDiscoveryEnabled: false,
    loadBalancingEnabled: false,
    keyVaultOptions: { secretClients: [vaultOf(options)] },
    // An application watches the flag, because it is set last, when the reference already names the new version.
    refreshOptions: {
      enabled: true,
      refreshIntervalInMs: REFRESH_MS,
      watchedSettings: [{ key: `.appconfig.featureflag/${account}-uses-key2` }],
    },
  });
  return {
    withKey(use) {
      // Not awaited: the present key stays valid while the next one is fetched.
      configuration.refresh().catch(() => undefined);
      return use(configuration.get<string>(`${account}:Key`) ?? '');
    },
    notify: () => Promise.resolve(),
  };
}

async function viaLibrary(options: ApplicationOptions): Promise<Reader> {
  const { account, style } = options;
  const source = createVaultSource({ vault: vaultOf(options), secretName: `${account}-key` });
  const consumer = createKeyConsumer({ source, pollEveryMs: style === 'poll' ? REFRESH_MS : RARELY_MS });
  await consumer.current();
  return {
    withKey: (use) => consumer.withKey((key) => use(key.reveal())),
    notify: (event) => consumer.notify(event),
  };
}

function callOf({ name, kind, endpoint }: ApplicationOptions): (key: string) => Promise<Response> {
  const sendCall = createSendCall();
  const send = (path: string, sent: Sent): Promise<Response> => {
    const headers = { 'User-Agent': `application/${name}`, ...sent.headers };
    return sendCall(`${endpoint}${path}`, { ...sent, headers });
  };
  switch (kind) {
    case 'OpenAI':
      return (key) => send('openai/models?api-version=2024-10-21', { headers: { 'api-key': key } });
    case 'Search':
      return (key) => send('indexes?api-version=2024-07-01', { headers: { 'api-key': key } });
    case 'SpeechServices':
      // Exchanges the key for a token each time, so that every round also uses the key itself.
      return async (key) => {
        const headers = { 'Ocp-Apim-Subscription-Key': key };
        const issued = await send('sts/v1.0/issueToken', { method: 'POST', headers });
        if (!issued.ok) return issued;
        return send('cognitiveservices/voices/list', { headers: { Authorization: `Bearer ${await issued.text()}` } });
      };
    default:
      return (key) =>
        send('language/:analyze-text?api-version=2023-04-01', {
          method: 'POST',
          headers: { 'Ocp-Apim-Subscription-Key': key, 'Content-Type': 'application/json' },
          body: JSON.stringify({
            kind: 'LanguageDetection',
            analysisInput: { documents: [{ id: '1', text: 'Bonjour tout le monde' }] },
          }),
        });
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
