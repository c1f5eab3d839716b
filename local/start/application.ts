// One sample application: reads its key through App Configuration's own provider, as documented for applications, and
// calls its account's data plane without a break. It knows nothing of rotations.
import { load } from '@azure/app-configuration-provider';
import { ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';

export interface ApplicationOptions {
  /** Name of the account; also the application's own name on the wire. */
  readonly name: string;
  readonly kind: string;
  /** Data-plane endpoint with a trailing slash. */
  readonly endpoint: string;
  readonly appConfigurationEndpoint: string;
  readonly keyVaultUrl: string;
}

const CALL_EVERY_MS = 140;
const REFRESH_MS = 1_000;
const TIMEOUT_MS = 5_000;

/** Calls until `signal` ends it. Rejects only when it cannot start. */
export async function runApplication(options: ApplicationOptions, signal: AbortSignal): Promise<void> {
  const { name, keyVaultUrl } = options;
  const userAgentOptions = { userAgentPrefix: `application/${name}` };
  const credential = new ManagedIdentityCredential({ userAgentOptions });
  const configuration = await load(options.appConfigurationEndpoint, credential, {
    selectors: [{ keyFilter: `${name}:*` }],
    clientOptions: { userAgentOptions },
    replicaDiscoveryEnabled: false,
    loadBalancingEnabled: false,
    keyVaultOptions: {
      // The vault of the local Azure does not live under the domain that its challenge names.
      secretClients: [
        new SecretClient(keyVaultUrl, credential, { disableChallengeResourceVerification: true, userAgentOptions }),
      ],
    },
    // The flag is set last, when the reference stands for the new version: it is what an application watches.
    refreshOptions: {
      enabled: true,
      refreshIntervalInMs: REFRESH_MS,
      watchedSettings: [{ key: `.appconfig.featureflag/${name}-uses-key2` }],
    },
  });
  const call = callOf(options);
  while (!signal.aborted) {
    // Not waited for: the present key is valid while the next one is fetched.
    configuration.refresh().catch(() => undefined);
    await Promise.all([call(configuration.get<string>(`${name}:Key`) ?? ''), pause(CALL_EVERY_MS, signal)]);
  }
}

type Call = (key: string) => Promise<void>;

interface Sent {
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

function callOf({ name, kind, endpoint }: ApplicationOptions): Call {
  const send = async (path: string, init: Sent): Promise<string> => {
    const headers = { 'User-Agent': `application/${name}`, ...init.headers };
    const response = await fetch(`${endpoint}${path}`, { ...init, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.text();
  };
  switch (kind) {
    case 'OpenAI':
      return async (key) => {
        await quietly(send('openai/models?api-version=2024-10-21', { headers: { 'api-key': key } }));
      };
    case 'SpeechServices':
      return withToken(send);
    default:
      return async (key) => {
        await quietly(
          send('language/:analyze-text?api-version=2023-04-01', {
            method: 'POST',
            headers: { 'Ocp-Apim-Subscription-Key': key, 'Content-Type': 'application/json' },
            body: JSON.stringify({
              kind: 'LanguageDetection',
              analysisInput: { documents: [{ id: '1', text: 'Bonjour tout le monde' }] },
            }),
          }),
        );
      };
  }
}

/** Exchanges the key for a token each time, so that every round uses the key itself as well. */
function withToken(send: (path: string, init: Sent) => Promise<string>): Call {
  return async (key) => {
    const token = await quietly(
      send('sts/v1.0/issueToken', { method: 'POST', headers: { 'Ocp-Apim-Subscription-Key': key } }),
    );
    if (token === undefined) return;
    await quietly(send('cognitiveservices/voices/list', { headers: { Authorization: `Bearer ${token}` } }));
  };
}

/** Failures are counted where they are answered, on the wire. */
async function quietly(sent: Promise<string>): Promise<string | undefined> {
  try {
    return await sent;
  } catch {
    return undefined;
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
