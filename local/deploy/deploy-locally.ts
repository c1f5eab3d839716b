// The whole way of docs/deployment.md against a local Azure that answers under Azure's names and enforces roles: the
// compiled template is deployed, the package runs with the settings and the identity that it gets there, the events are
// wired, an operator names the accounts, and they are watched until their keys are renewed. It must not print.
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { packageApp } from '../../scripts/package.mjs';
import type { AccountStatus } from '../../src/service/status.ts';
import { BUILT_IN_ROLES } from '../azure/access.ts';
import { resourceGroup, subscriptionId } from '../azure/demo-accounts.ts';
import type { LocalAzure, WireRequest } from '../azure/local-azure.ts';
import { startLocalAzure } from '../azure/start-local-azure.ts';
import { trustLocalAzure } from '../azure/trust.ts';
import { type AccountSeed, accountIdOf } from '../azure/world/world.ts';
import type { Mark } from '../doctor/lines.ts';
import { type Child, startApplications } from '../start/children.ts';
import { readLogLine, type ServiceEvent } from '../start/events.ts';
import { Journal } from '../start/journal.ts';
import { DEMO_POLICY } from '../start/seed.ts';
import { type Deployment, Deployments } from './deployments.ts';
import type { Compiler } from './expand.ts';
import { askDoctor, type Operator, signIn } from './operator.ts';
import { type Site, startSite } from './site.ts';

export interface LocalDeploymentOptions {
  readonly compiler: Compiler;
  /** Parameters of the template besides those that are set here. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** The deployable zip; absent: it is made. */
  readonly packageFile?: string;
  /** How long a step may take before it counts as failed. */
  readonly patienceMs?: number;
  /** What was done, in a few words; `about` is the account or the thing. */
  readonly say: (about: string, verb: string, text: string) => void;
  readonly tell: (event: ServiceEvent) => void;
}

export interface RotatedAccount {
  readonly account: string;
  readonly keysRenewed: number;
  readonly supersededRejected: boolean;
  readonly application: { readonly requests: number; readonly failures: number };
}

export interface LocalDeploymentReport {
  readonly resources: number;
  readonly accounts: readonly RotatedAccount[];
  /** What the doctor said when it was asked as the documentation says, by mark. */
  readonly doctor: Readonly<Record<Mark, number>>;
  /** Calls that no role allowed, as `service operation`, each once. */
  readonly denied: readonly string[];
  /** From the moment when somebody regenerated the published key by hand until the vault had its new value: an event told. */
  readonly secondsToRepair: number;
  readonly seconds: number;
}

const MAIN = fileURLToPath(new URL('../../infra/main.bicep', import.meta.url));
const LOCATION = 'westeurope';
const ENVIRONMENT_NAME = 'local';
const PATIENCE_MS = 90_000;
const LOOK_EVERY_MS = 300;
/** An account that was there before, in a resource group of its own. */
const PRESENT_ACCOUNT: AccountSeed = {
  subscriptionId,
  resourceGroup,
  name: 'my-language',
  kind: 'TextAnalytics',
  location: LOCATION,
  keyShape: 'hex32',
};
const SCHEDULE = '*/2 * * * * *';
/** Short enough to be watched; that nothing uses the standby key is for the operator to say. */
// Looks for drift so rarely that only an event can tell of it in time.
const POLICY = { ...DEMO_POLICY, rotationInterval: 'PT3H', observeEvery: 'PT1H', standbyIsFree: false };

/** Rejects with one sentence at the first step that does not go as the documentation says. */
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
    return await new LocalDeployment(options, azure, ends).run();
  } finally {
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end();
  }
}

class LocalDeployment {
  readonly #options: LocalDeploymentOptions;
  readonly #azure: LocalAzure;
  readonly #deployments: Deployments;
  readonly #ends: (() => Promise<void>)[];
  readonly #startedAt = Date.now();

  constructor(options: LocalDeploymentOptions, azure: LocalAzure, ends: (() => Promise<void>)[]) {
    this.#options = options;
    this.#azure = azure;
    this.#deployments = new Deployments(azure, options.compiler);
    this.#ends = ends;
    // Whoever may deploy is Contributor, says docs/permissions.md.
    this.#grantOperator('Contributor', `/subscriptions/${subscriptionId}`);
  }

  async run(): Promise<LocalDeploymentReport> {
    const { say, compiler } = this.#options;
    const template = await compiler.compile(MAIN);
    const packageFile = this.#options.packageFile ?? (await packageApp()).file;
    say('', 'package', basename(packageFile));
    await this.#deploy(template, false);
    const journal = new Journal(this.#azure);
    const site = await this.#startSite(packageFile, journal);
    const { resources, outputs } = await this.#deploy(template, true);
    const operator = signIn(this.#azure, site);
    const accounts = await this.#nameAccounts(operator);
    for (const account of accounts) {
      await this.#look(operator, account, 'adopted', ({ phase, rotationId }) => phase === 'idle' && rotationId === 0);
    }
    const doctor = await this.#askDoctor(outputs);
    const applications = await this.#startApplications();
    for (const account of accounts) await this.#begin(operator, account);
    for (const account of accounts) {
      await this.#look(operator, account, 'at rest after a rotation', ({ last }) => last?.rotationId === 1);
    }
    await applications.stop();
    const secondsToRepair = await this.#regenerateByHand(operator);
    return {
      resources: resources.length,
      secondsToRepair,
      accounts: journal.summary().map(({ account, keysRenewed, supersededRejected, application }) => ({
        account,
        keysRenewed,
        supersededRejected,
        application,
      })),
      doctor,
      denied: this.#denied(),
      seconds: Math.round((Date.now() - this.#startedAt) / 100) / 10,
    };
  }

  async #deploy(template: string, receiveEvents: boolean): Promise<Deployment> {
    const { tenantId, objectId } = this.#azure.servicePrincipal;
    const parameters = {
      environmentName: ENVIRONMENT_NAME,
      location: LOCATION,
      operatorPrincipalId: objectId,
      operatorPrincipalType: 'ServicePrincipal',
      accounts: [accountIdOf(PRESENT_ACCOUNT)],
      demoAccount: true,
      schedule: SCHEDULE,
      receiveEvents,
      ...this.#options.parameters,
    };
    const place = { cloud: 'AzureCloud', tenantId, subscriptionId, location: LOCATION } as const;
    const target = { ...place, deploymentName: ENVIRONMENT_NAME };
    const deployment = await this.#deployments.deploy({ template, parameters, target });
    const about = receiveEvents ? 'with events' : 'without events';
    this.#options.say('', 'deploy', `infra/main.bicep ${about}: ${deployment.resources.length} resources`);
    return deployment;
  }

  async #startSite(packageFile: string, journal: Journal): Promise<Site> {
    const { say, tell } = this.#options;
    const app = this.#deployments.functionApp();
    if (app === undefined) throw new Error('The template makes no Function App.');
    const onLine = (text: string): void => {
      const { event, level, message } = readLogLine(text);
      if (event !== undefined) {
        journal.tell(event);
        tell(event);
      } else if (level === 'error' || level === 'critical') say('host', 'failed', message);
    };
    const site = await startSite({ azure: this.#azure, app, packageFile, onLine });
    this.#ends.push(() => site.stop());
    this.#deployments.functionEndpoint = site.eventEndpoint;
    say('', 'host', `${site.url}, from its package, with the template's settings`);
    return site;
  }

  /** Names every account in the store; answers the aliases, which are their names. */
  async #nameAccounts(operator: Operator): Promise<readonly string[]> {
    await operator.setKeyValue('KeyRotation:Policies:default', POLICY);
    const names: string[] = [];
    for (const { id, seed } of this.#azure.world.accounts.values()) {
      await operator.setKeyValue(`KeyRotation:Accounts:${seed.name}`, { resourceId: id });
      names.push(seed.name);
    }
    return names;
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
    const started = await startApplications(applications, { ...this.#azure.network(), ...this.#azure.identity() });
    this.#ends.push(() => started.stop());
    return started;
  }

  /** Says that nothing uses the standby key, and asks for the first rotation. */
  async #begin(operator: Operator, account: string): Promise<void> {
    const reason = 'all applications read the vault';
    for (const act of ['approve', 'rotate']) {
      const { status, body } = await operator.call('POST', `accounts/${account}/${act}`, { reason });
      if (status >= 300) throw new Error(`POST accounts/${account}/${act} was answered ${status}: ${asText(body)}`);
    }
  }

  async #look(
    operator: Operator,
    account: string,
    expected: string,
    isThere: (status: AccountStatus) => boolean,
  ): Promise<void> {
    const { patienceMs = PATIENCE_MS } = this.#options;
    const end = Date.now() + patienceMs;
    for (;;) {
      const { status, body } = await operator.call('GET', `accounts/${account}`);
      if (status === 200 && isThere(body as AccountStatus)) return;
      if (Date.now() > end)
        throw new Error(`${account} is not ${expected} after ${patienceMs / 1000} s: ${asText(body)}`);
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** Somebody regenerates the published key in the portal: the event of it lets the service publish the new value. */
  async #regenerateByHand(operator: Operator): Promise<number> {
    const { vault, accounts } = this.#azure.world;
    const { name } = PRESENT_ACCOUNT;
    const { keys } = accounts.get(accountIdOf(PRESENT_ACCOUNT).toLowerCase()) ?? {};
    const published = (): string => vault.get(`${name}-key`, undefined).value;
    const slot = keys?.key1.value === published() ? 'Key1' : 'Key2';
    const startedAt = Date.now();
    await operator.regenerateKey(PRESENT_ACCOUNT, slot);
    this.#options.say(name, 'by hand', `${slot.toLowerCase()}, which is published, is regenerated by somebody`);
    while (published() !== (slot === 'Key1' ? keys?.key1 : keys?.key2)?.value) {
      if (Date.now() > startedAt + PATIENCE_MS) throw new Error('No event told of a key that was regenerated by hand.');
      await sleep(LOOK_EVERY_MS);
    }
    return (Date.now() - startedAt) / 1000;
  }

  async #askDoctor(outputs: Deployment['outputs']): Promise<Readonly<Record<Mark, number>>> {
    const { places } = this.#azure;
    this.#grantOperator('Key Vault Secrets User', places.vault.id);
    this.#grantOperator('Storage Table Data Reader', places.storage.id);
    const { lines } = await askDoctor(this.#azure, outputs, PATIENCE_MS);
    const marks = { yes: 0, open: 0, no: 0 };
    for (const { area, check, mark, finding } of lines) {
      marks[mark]++;
      if (mark === 'no') this.#options.say('doctor', 'failed', `${area} ${check}: ${finding}`);
    }
    this.#options.say('doctor', 'check', `${marks.yes} well, ${marks.open} to know, ${marks.no} to be corrected`);
    return marks;
  }

  #grantOperator(role: keyof typeof BUILT_IN_ROLES, scope: string): void {
    const { objectId: principalId } = this.#azure.servicePrincipal;
    const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${role}`;
    this.#azure.access.assign({ id, principalId, roleId: BUILT_IN_ROLES[role].id, scope });
  }

  #denied(): readonly string[] {
    const isDenied = ({ status, service }: WireRequest): boolean => status === 403 && service !== 'dataPlane';
    return [
      ...new Set(this.#azure.requests.filter(isDenied).map(({ service, operation }) => `${service} ${operation}`)),
    ];
  }
}

function asText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}
