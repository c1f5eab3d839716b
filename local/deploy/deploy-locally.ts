// Follows docs/deployment.md from nothing to a rotating fleet, with its own commands, against a local Azure.
// The local Azure answers under Azure's names and enforces roles. `azd` is played (`azd.ts`). `az` is played (`az.ts`)
// unless the caller asks for the real one. Shell, curl, npm, the compiler's engine, the package, and the SDK clients
// with their requests are real. It must not print.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { resourceGroup, subscriptionId } from '../azure/demo-accounts.ts';
import { BUILT_IN_ROLES } from '../azure/identity/access.ts';
import type { Principal } from '../azure/identity/managed-identities.ts';
import { trustLocalAzure } from '../azure/identity/trust.ts';
import type { LocalAzure, WireRequest } from '../azure/local-azure.ts';
import { startLocalAzure } from '../azure/start-local-azure.ts';
import { letGatewaysLag } from '../azure/world/lagging-nodes.ts';
import { type AccountSeed, accountIdOf } from '../azure/world/world.ts';
import { type Child, startApplications } from '../start/children.ts';
import { readLogLine, type ServiceEvent } from '../start/events.ts';
import { Journal } from '../start/journal.ts';
import { DEMO_LAG_MS, DEMO_POLICY } from '../start/seed.ts';
import { Deployments } from './deployments.ts';
import { openDesk } from './desk.ts';
import { forAccount, putKeyValue, readCommands } from './documentation.ts';
import type { LocalDeploymentOptions, LocalDeploymentReport } from './report.ts';
import type { Shell } from './shell.ts';
import { startSite } from './site.ts';

const MAIN = fileURLToPath(new URL('../../infra/main.bicep', import.meta.url));
const LOCATION = 'westeurope';
const PATIENCE_MS = 90_000;
const LOOK_EVERY_MS = 200;
/** An account that existed before the deployment, in a resource group of its own. */
const PRESENT_ACCOUNT: AccountSeed = {
  subscriptionId,
  resourceGroup,
  name: 'my-language',
  kind: 'TextAnalytics',
  location: LOCATION,
  keyShape: 'hex32',
};
/** A tick every two seconds, because the usual five minutes are too long to wait. */
const SCHEDULE = "azd env set SCHEDULE '*/2 * * * * *'";
/** Short enough to watch. Looks for drift are so rare that only an event can report drift in time. */
const POLICY = { ...DEMO_POLICY, rotationInterval: 'PT3H', observeEvery: 'PT1H', standbyIsFree: false };
const COMPLAINTS = ['warning', 'error', 'critical'];

/** Rejects with one sentence at the first step that does not go as documented. */
export async function deployLocally(options: LocalDeploymentOptions): Promise<LocalDeploymentReport> {
  const azure = await startLocalAzure({
    subscriptionId,
    resourceGroup,
    accounts: [PRESENT_ACCOUNT],
    hasPublicNames: true,
  });
  const ends: (() => Promise<void>)[] = [() => azure.close()];
  try {
    trustLocalAzure(azure);
    return await unlessAborted(new LocalDeployment(options, azure, ends).run(), options.signal);
  } finally {
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end();
  }
}

/** As `work`, but rejects when the signal is aborted. Then `work` fails too, because its servers are ended. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const aborted = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new Error('Ended.'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  return Promise.race([work, aborted]);
}

class LocalDeployment {
  readonly #options: LocalDeploymentOptions;
  readonly #azure: LocalAzure;
  readonly #deployments: Deployments;
  readonly #ends: (() => Promise<void>)[];
  readonly #startedAt = Date.now();
  readonly #adopted = new Set<string>();
  /** The last obstacle of each account. */
  readonly #obstacles = new Map<string, string>();
  readonly #complaints: string[] = [];
  #journal: Journal | undefined;
  #resources = 0;

  constructor(options: LocalDeploymentOptions, azure: LocalAzure, ends: (() => Promise<void>)[]) {
    this.#options = options;
    this.#azure = azure;
    this.#deployments = new Deployments(azure, options.compiler);
    this.#ends = ends;
    // docs/permissions.md gives the role Contributor to the operator who deploys.
    this.#grantOperator('Contributor', `/subscriptions/${subscriptionId}`);
  }

  async run(): Promise<LocalDeploymentReport> {
    const shell = await this.#openShell();
    const commands = readCommands();
    const accountsFile = join(this.#azure.folder, 'accounts.txt');
    await writeFile(accountsFile, `${accountIdOf(PRESENT_ACCOUNT)}\n`);
    const deploy = commands.deploy.replace('accounts.txt', accountsFile);
    await this.#type(shell, deploy.replace(/^azd up$/m, `${SCHEDULE}\nazd up`));
    const accounts = [...this.#azure.world.accounts.values()].map(({ seed, id }) => ({ name: seed.name, id }));
    await shell.run(putKeyValue(commands, 'KeyRotation:Policies:default', POLICY));
    for (const { name, id } of accounts) await this.#type(shell, forAccount(commands.nameAccount, name, id));
    for (const { name } of accounts) await this.#wait(name, 'adopted', () => this.#adopted.has(name));
    for (const { name, id } of accounts) await this.#type(shell, forAccount(commands.look, name, id));
    const doctor = await this.#askDoctor(shell, commands.askDoctor);
    const applications = await this.#startApplications();
    for (const { name, id } of accounts) await this.#type(shell, forAccount(commands.begin, name, id));
    for (const { name } of accounts) await this.#wait(name, 'rotated', () => this.#rotations(name) === 1);
    await applications.stop();
    await this.#replaceIdentity(shell);
    const secondsToRepair = await this.#regenerateByHand(shell);
    return {
      resources: this.#resources,
      accounts: (this.#journal?.summary() ?? []).map(({ account, keysRenewed, supersededRejected, application }) => ({
        account,
        keysRenewed,
        supersededRejected,
        application,
      })),
      doctor,
      denied: this.#denied(),
      complaints: this.#complaints,
      secondsToRepair,
      seconds: Math.round((Date.now() - this.#startedAt) / 100) / 10,
    };
  }

  async #openShell(): Promise<Shell> {
    const template = await this.#options.compiler.compile(MAIN);
    const shell = await openDesk({
      azure: this.#azure,
      subscriptionId,
      location: LOCATION,
      template,
      hasRealAzureCli: this.#options.hasRealAzureCli ?? false,
      provision: (parameters) => this.#provision(template, parameters),
      deploy: (packageFile) => this.#startSite(packageFile),
    });
    this.#ends.push(() => shell.close());
    return shell;
  }

  async #provision(template: string, parameters: Readonly<Record<string, unknown>>) {
    this.#options.signal?.throwIfAborted();
    const { tenantId } = this.#azure.servicePrincipal;
    const place = { cloud: 'AzureCloud', tenantId, subscriptionId, location: LOCATION } as const;
    const target = { ...place, deploymentName: 'local' };
    const { resources, outputs } = await this.#deployments.deploy({ template, parameters, target });
    this.#resources = resources.length;
    letGatewaysLag(this.#azure.world, DEMO_LAG_MS);
    const events = parameters['receiveEvents'] === true ? 'with events' : 'without events';
    this.#options.say('', 'provision', `infra/main.bicep ${events}: ${resources.length} resources`);
    return outputs;
  }

  async #startSite(packageFile: string): Promise<void> {
    const { say, signal } = this.#options;
    signal?.throwIfAborted();
    const app = this.#deployments.functionApp();
    if (app === undefined) throw new Error('The template makes no Function App.');
    this.#journal = new Journal(this.#azure);
    const onLine = (text: string): void => {
      const { event, level, message } = readLogLine(text);
      if (event !== undefined) this.#noteEvent(event);
      else if (COMPLAINTS.includes(level)) {
        this.#complaints.push(message);
        say('host', 'failed', message);
      }
    };
    const site = await startSite({ azure: this.#azure, app, packageFile, onLine });
    this.#ends.push(() => site.stop());
    this.#deployments.functionEndpoint = site.eventEndpoint;
    this.#deployments.onSettingsChanged = async ({ settings }) => {
      await site.restart(settings);
      say('', 'restart', 'the settings of the app have changed');
    };
    say('', 'deploy', `${site.url}, from its package, with the template's settings`);
  }

  #noteEvent(event: ServiceEvent): void {
    const { account = '', step, to, code, service, operation, reason, isBlocked } = event;
    this.#journal?.note(event);
    this.#options.onEvent(event);
    if (step === 'record' && to === 'idle') this.#adopted.add(account);
    if (code !== undefined) this.#obstacles.set(account, [code, service, operation].join(' '));
    else if (isBlocked === true) this.#obstacles.set(account, reason ?? 'blocked');
  }

  async #startApplications(): Promise<Child> {
    const { appConfiguration: appConfigurationEndpoint, keyVault: keyVaultUrl } = this.#azure.endpoints;
    const applications = [...this.#azure.world.accounts.values()].map(({ seed: { name, kind } }) => ({
      name,
      account: name,
      kind,
      style: 'appConfiguration' as const,
      endpoint: this.#azure.dataPlaneEndpoint(name),
      appConfigurationEndpoint,
      keyVaultUrl,
    }));
    // The applications have an identity of their own, with the roles that docs/integrate.md names.
    const { identities, places } = this.#azure;
    this.#grant('Key Vault Secrets User', places.vault.id, identities.systemAssigned);
    this.#grant('App Configuration Data Reader', places.store.id, identities.systemAssigned);
    const environment = { ...this.#azure.network(), ...this.#azure.identity() };
    const started = await startApplications(applications, environment);
    this.#ends.push(() => started.stop());
    return started;
  }

  /** Runs documented commands; returns their output. Rejects when one fails. */
  #type(shell: Shell, lines: string): Promise<string> {
    const commands = lines
      .replace(/\\\n\s*/g, '')
      .trim()
      .split('\n');
    for (const command of commands) this.#options.say('', '$', command.replace(/\s+#.*$/, ''));
    return shell.run(lines);
  }

  async #askDoctor(shell: Shell, lines: string): Promise<string> {
    const { places } = this.#azure;
    // The page says to assign these roles to oneself for the time of the examination.
    this.#grantOperator('Key Vault Secrets User', places.vault.id);
    this.#grantOperator('Storage Table Data Reader', places.storage.id);
    const [sum = ''] = (await this.#type(shell, lines)).trim().split('\n').slice(-1);
    this.#options.say('', 'doctor', sum);
    return sum;
  }

  /** Replaces the service's identity as the runbook does. All later steps use only the new identity. */
  async #replaceIdentity(shell: Shell): Promise<void> {
    const { identities, access } = this.#azure;
    const former = identities.userAssigned;
    await this.#type(shell, 'azd env set IDENTITY_SUFFIX 2\nazd provision');
    for (const { objectId } of former) access.revoke(objectId);
    const isNew = identities.userAssigned.every(({ objectId }) => former.every((one) => one.objectId !== objectId));
    if (!isNew) throw new Error('The app has kept its identity.');
    this.#options.say('', 'identity', 'is another; the roles of the former are taken away');
  }

  /** Regenerates the published key by hand, as an operator would. Its event lets the service publish the new value. */
  async #regenerateByHand(shell: Shell): Promise<number> {
    const { vault, accounts } = this.#azure.world;
    const { name } = PRESENT_ACCOUNT;
    const account = accounts.get(accountIdOf(PRESENT_ACCOUNT).toLowerCase());
    const published = (): string => vault.get(`${name}-key`).value;
    const slot = account?.keys.key1.value === published() ? 'key1' : 'key2';
    await shell.run(`az cognitiveservices account keys regenerate -g ${resourceGroup} -n ${name} --key-name ${slot}`);
    const startedAt = Date.now();
    this.#options.say(name, 'by hand', `${slot}, which is published, is regenerated by an operator`);
    await this.#wait(name, 'repaired', () => account?.keys[slot].value === published());
    return Math.round((Date.now() - startedAt) / 100) / 10;
  }

  async #wait(account: string, state: string, isThere: () => boolean): Promise<void> {
    const { patienceMs = PATIENCE_MS, signal } = this.#options;
    const end = Date.now() + patienceMs;
    while (!isThere()) {
      if (Date.now() > end) {
        const obstacle = this.#obstacles.get(account) ?? this.#complaints.at(-1) ?? 'nothing was said of it';
        throw new Error(`${account} is not ${state} after ${patienceMs / 1000} s: ${obstacle}.`);
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  }

  #rotations(name: string): number {
    return this.#journal?.summary().find(({ account }) => account === name)?.rotations ?? 0;
  }

  #grantOperator(role: keyof typeof BUILT_IN_ROLES, scope: string): void {
    this.#grant(role, scope, this.#azure.servicePrincipal);
  }

  #grant(role: keyof typeof BUILT_IN_ROLES, scope: string, { objectId: principalId }: Principal): void {
    const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${role} of ${principalId}`;
    this.#azure.access.assign({ id, principalId, roleId: BUILT_IN_ROLES[role].id, scope });
  }

  #denied(): readonly string[] {
    const isDenied = ({ status, service }: WireRequest): boolean => status === 403 && service !== 'dataPlane';
    const named = this.#azure.requests.filter(isDenied).map(({ service, operation }) => `${service} ${operation}`);
    return [...new Set(named)];
  }
}
