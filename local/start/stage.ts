// The stage for demos and tests of the service: a local Azure, the applications, and a host that may come and go.
// It must not print. `close` ends everything that it started, in any state.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { makeAppFolder } from '../../scripts/build.mjs';
import { resourceGroup, subscriptionId } from '../azure/demo-accounts.ts';
import type { LocalAzure } from '../azure/local-azure.ts';
import { startLocalAzure } from '../azure/start-local-azure.ts';
import { letGatewaysLag } from '../azure/world/lagging-nodes.ts';
import { type AccountSeed, accountIdOf } from '../azure/world/world.ts';
import type { ApplicationOptions } from './application.ts';
import { type Applications, type Child, startApplications, startHostProcess } from './children.ts';
import { type LogLine, readLogLine } from './events.ts';
import { Journal } from './journal.ts';
import { DEMO_LAG_MS, type DemoPolicy, seed } from './seed.ts';

/** The timer fires each second, the search for accounts each minute. */
const SCHEDULES = { RECONCILE_SCHEDULE: '* * * * * *', DISCOVERY_SCHEDULE: '0 * * * * *' };

export interface StageOptions {
  readonly accounts: readonly AccountSeed[];
  readonly policy: DemoPolicy;
  readonly latencyMs: number;
  /** The longest lag of a gateway's node. Default: that of the demo. */
  readonly lagMs?: number;
  /** Default: one for each account, with the account's name, that reads through App Configuration. */
  readonly applications?: readonly Pick<ApplicationOptions, 'name' | 'style' | 'account'>[];
  /** Whether the event functions are subscribed; default true. */
  readonly hasEvents?: boolean;
  /** App settings besides those of the local Azure. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Takes what the start waits for next. */
  readonly onWait?: (what: string) => void;
  /** Ends the start when it aborts. */
  readonly signal?: AbortSignal;
  readonly onLine: (line: LogLine) => void;
}

export interface Stage {
  readonly azure: LocalAzure;
  readonly journal: Journal;
  readonly applications: Applications;
  /** Settings of the service on this stage. */
  readonly environment: Readonly<Record<string, string>>;
  /** The app as the hosts of this stage run it. */
  readonly appFolder: string;
  /** `settings`: of this host alone. */
  startHost(port: number, settings?: Readonly<Record<string, string>>): Promise<Child>;
  close(): Promise<void>;
}

/** Builds the app and starts all but the host. On failure it rejects with one sentence and leaves nothing running. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const { accounts, policy, latencyMs, lagMs = DEMO_LAG_MS, onLine, signal } = options;
  const waitFor = (what: string): void => options.onWait?.(what);
  const attribute = attributor(accounts);
  waitFor('a local Azure: Resource Manager, Key Vault, App Configuration, Entra, storage (Azurite)');
  const azure = await startLocalAzure({ subscriptionId, resourceGroup, accounts, latencyMs, attribute });
  const started: { stop: () => Promise<void> }[] = [{ stop: () => azure.close() }];
  const close = async (): Promise<void> => {
    for (let last = started.pop(); last !== undefined; last = started.pop()) await last.stop();
  };
  try {
    // Below the folder that ends with this process, however it ends.
    signal?.throwIfAborted();
    const appFolder = join(azure.folder, 'app');
    waitFor('the build of the service');
    await makeAppFolder(appFolder);
    letGatewaysLag(azure.world, lagMs);
    seed(azure, policy);
    const journal = new Journal(azure);
    const environment = { ...azure.environment(), ...SCHEDULES, ...options.settings };
    waitFor('the sample applications, which read their keys');
    const applications = await startApplications(applicationsOf(azure, options), azure.environment(), signal);
    started.push(applications);
    await azure.events.subscribe({
      endpoint: `http://127.0.0.1:${applications.eventPort}/`,
      schema: 'eventGrid',
      types: ['Microsoft.KeyVault.SecretNewVersionCreated'],
    });
    const startHost: Stage['startHost'] = async (port, settings = {}) => {
      waitFor('the Functions host with the service');
      const takeLine = (text: string): void => {
        const line = readLogLine(text);
        if (line.event !== undefined) journal.note(line.event);
        onLine(line);
      };
      const host = await startHostProcess({
        port,
        environment: { ...environment, ...settings },
        appFolder,
        signal,
        onLine: takeLine,
      });
      started.push(host);
      if (options.hasEvents !== false) {
        const unsubscribe = await subscribe(azure, port);
        // The next host has another port. With a hundred dead hosts, each event would be sent again and again.
        void host.ended.then(unsubscribe);
      }
      return host;
    };
    return { azure, journal, applications, environment, appFolder, startHost, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Vault events in one schema, account actions in the other, as after a deployment. Returns the unsubscriber. */
async function subscribe({ events }: LocalAzure, port: number): Promise<() => void> {
  const endpoint = (name: string): string => `http://127.0.0.1:${port}/runtime/webhooks/EventGrid?functionName=${name}`;
  const secretTypes = ['SecretNewVersionCreated', 'SecretNearExpiry', 'SecretExpired'];
  const endSecrets = await events.subscribe({
    endpoint: endpoint('on-secret-event'),
    schema: 'cloudEvents',
    types: secretTypes.map((type) => `Microsoft.KeyVault.${type}`),
  });
  const endActions = await events.subscribe({
    endpoint: endpoint('on-key-regenerated'),
    schema: 'eventGrid',
    types: ['Microsoft.Resources.ResourceActionSuccess'],
    operationNames: [
      'Microsoft.CognitiveServices/accounts/regenerateKey/action',
      'Microsoft.Search/searchServices/regenerateAdminKey/action',
    ],
  });
  return () => {
    endSecrets();
    endActions();
  };
}

/** Requests to vault, store and table contain an account's name, or its hash in the names of its rows. */
function attributor(accounts: readonly AccountSeed[]) {
  const entries = accounts.map((account) => {
    const { name } = account;
    const hash = createHash('sha256').update(accountIdOf(account).toLowerCase()).digest('hex').slice(0, 32);
    return { name, marks: [`/${name}-key`, `${name}:Key`, `${name}-uses-key2`, `|${hash}|`] };
  });
  return (target: string, body: string): string | undefined =>
    entries.find(({ marks }) => marks.some((mark) => target.includes(mark) || body.includes(mark)))?.name;
}

function applicationsOf(azure: LocalAzure, { accounts, applications }: StageOptions): ApplicationOptions[] {
  const { appConfiguration: appConfigurationEndpoint, keyVault: keyVaultUrl } = azure.endpoints;
  const wanted =
    applications ?? accounts.map(({ name }) => ({ name, account: name, style: 'appConfiguration' as const }));
  return wanted.map((application) => ({
    ...application,
    kind: accounts.find(({ name }) => name === application.account)?.kind ?? '',
    endpoint: azure.dataPlaneEndpoint(application.account),
    appConfigurationEndpoint,
    keyVaultUrl,
  }));
}
