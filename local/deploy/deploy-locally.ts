// Follows docs/deployment.md from nothing to a rotating fleet, with its own commands, against a local Azure.
// The local Azure answers under Azure's names and enforces roles. `azd` is played (`azd.ts`). `az` is played (`az.ts`)
// unless the caller asks for the real one. Shell, curl, npm, the compiler's engine, the package, and the SDK clients
// with their requests are real. It must not print.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { proofOf } from '../../src/azure/data-plane/find-kind.ts';
import { resourceGroup, subscriptionId } from '../azure/demo-accounts.ts';
import { BUILT_IN_ROLES } from '../azure/identity/access.ts';
import { trustLocalAzure } from '../azure/identity/trust.ts';
import type { LocalAzure, WireRequest } from '../azure/local-azure.ts';
import { startLocalAzure } from '../azure/start-local-azure.ts';
import { letGatewaysLag } from '../azure/world/lagging-nodes.ts';
import { type AccountSeed, accountIdOf } from '../azure/world/world.ts';
import { DEMO_LAG_MS, DEMO_POLICY } from '../start/seed.ts';
import { startApplicationsOf } from './applications.ts';
import { Deployments } from './deployments.ts';
import { openDesk } from './desk.ts';
import { type Commands, forAccount, putKeyValue, readCommands } from './documentation.ts';
import { emptyPlaces } from './empty-places.ts';
import { Operator } from './operator.ts';
import type { LocalDeploymentOptions, LocalDeploymentReport, RotatedAccount } from './report.ts';
import { type Site, startSite } from './site.ts';
import {
  CROWDED,
  type FormerInstallation,
  LOCATION,
  PRESENT_ACCOUNT,
  QUIET,
  type Subscription,
} from './subscriptions.ts';
import { Watch } from './watch.ts';

const MAIN = fileURLToPath(new URL('../../infra/main.bicep', import.meta.url));
/** A tick every two seconds, because the usual five minutes are too long to wait. */
const SCHEDULE = "azd env set SCHEDULE '*/2 * * * * *'";
/** The template makes an account, besides the account that is there. */
const DEMO_ACCOUNT = 'azd env set DEMO_ACCOUNT true';
/** Short enough to watch. Looks for drift are so rare that only an event can report drift in time. */
const POLICY = { ...DEMO_POLICY, rotationInterval: 'PT3H', observeEvery: 'PT1H', standbyIsFree: false };
/** Of the former installation, whose account no application uses. */
const FORMER_POLICY = { ...POLICY, overlapMinimum: 'PT1S', overlapMaximum: 'PT2S', confirmOver: 'PT3S' };

/** Rejects with one sentence at the first step that does not go as documented. */
export async function deployLocally(options: LocalDeploymentOptions): Promise<LocalDeploymentReport> {
  const subscription = options.isCrowded === true ? CROWDED : QUIET;
  const { accounts: named, former } = subscription;
  const accounts = former === undefined ? named : [...named, former.account];
  const azure = await startLocalAzure({ subscriptionId, resourceGroup, accounts, hasPublicNames: true });
  const ends: (() => Promise<void>)[] = [() => azure.close()];
  try {
    trustLocalAzure(azure);
    return await unlessAborted(new LocalDeployment(options, subscription, azure, ends).run(), options.signal);
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

type NamedAccount = AccountSeed & { readonly id: string };

class LocalDeployment {
  readonly #options: LocalDeploymentOptions;
  readonly #subscription: Subscription;
  readonly #azure: LocalAzure;
  readonly #deployments: Deployments;
  readonly #ends: (() => Promise<void>)[];
  readonly #startedAt = Date.now();
  readonly #watch: Watch;
  #site: Site | undefined;
  #resources = 0;
  #provisions = 0;

  constructor(
    options: LocalDeploymentOptions,
    subscription: Subscription,
    azure: LocalAzure,
    ends: (() => Promise<void>)[],
  ) {
    this.#options = options;
    this.#subscription = subscription;
    this.#azure = azure;
    this.#deployments = new Deployments(azure, options.compiler);
    this.#ends = ends;
    this.#watch = new Watch(azure, options);
    for (const [id, properties] of Object.entries(subscription.resources)) this.#deployments.bring(id, properties);
    // docs/permissions.md gives the role Contributor to the operator who deploys.
    this.#grantOperator('Contributor', `/subscriptions/${subscriptionId}`);
  }

  async run(): Promise<LocalDeploymentReport> {
    const { former } = this.#subscription;
    const operator = await this.#openDesk();
    const commands = readCommands();
    const before = former === undefined ? [] : await this.#runFormer(operator, commands, former);
    await this.#deploy(operator, commands.deploy);
    const all = [...this.#azure.world.accounts.values()]
      .map(({ seed, id }) => ({ ...seed, id }))
      .filter(({ name }) => name !== former?.account.name);
    const accounts = all.filter(({ kind }) => proofOf(kind).state === 'call');
    await operator.run(putKeyValue(commands, 'KeyRotation:Policies:default', POLICY));
    const used = accounts.filter((account) => this.#isUsed(account));
    await this.#adopt(operator, commands.nameAccount, used);
    for (const { name, id } of used) await operator.type(forAccount(commands.look, name, id));
    const doctor = await this.#askDoctor(operator, commands.askDoctor);
    // After the look: a check is not healthy while the service holds back calls, as it does when many are adopted at once.
    const others = accounts.filter((account) => !used.includes(account));
    await this.#adopt(operator, commands.nameAccount, others);
    const applications = await startApplicationsOf(this.#azure, used);
    this.#ends.push(() => applications.stop());
    await this.#rotate(operator, commands.begin, accounts);
    await applications.stop();
    await this.#replaceIdentity(operator);
    const secondsToRepair = await this.#regenerateByHand(operator);
    // Last, because neither check nor doctor finds such an account healthy.
    const unprovable = all.filter((account) => !accounts.includes(account));
    for (const { name, id } of unprovable) await operator.type(forAccount(commands.nameAccount, name, id));
    for (const { name } of unprovable) await this.#watch.untilBlocked(name, 'AdoptionKeyNotAccepted');
    return {
      resources: this.#resources,
      accounts: [...before, ...this.#watch.rotated(accounts.map(({ name }) => name))],
      unprovable: unprovable.map(({ name }) => name),
      doctor,
      denied: this.#denied(),
      complaints: this.#watch.complaints,
      secondsToRepair,
      seconds: Math.round((Date.now() - this.#startedAt) / 100) / 10,
    };
  }

  /** The way to a rotated account in another region. Its app ends, because a local Azure has one vault, store and app. */
  async #runFormer(
    operator: Operator,
    commands: Commands,
    { account: seed, environment, location }: FormerInstallation,
  ): Promise<readonly RotatedAccount[]> {
    const account = { ...seed, id: accountIdOf(seed) };
    const lines = await this.#forAccounts(commands.deploy, [seed]);
    const another = [`azd env new ${environment}`, `azd env set AZURE_LOCATION ${location}`, SCHEDULE].join('\n');
    await operator.type(lines.replace(/^azd env new .*$/m, another));
    await operator.run(putKeyValue(commands, 'KeyRotation:Policies:default', FORMER_POLICY));
    await this.#adopt(operator, commands.nameAccount, [account]);
    await operator.type(forAccount(commands.look, account.name, account.id));
    await this.#rotate(operator, commands.begin, [account]);
    const table = this.#deployments.functionApp()?.settings['RECORD_TABLE_NAME'] ?? '';
    await this.#site?.stop();
    this.#deployments.forgetApp();
    await emptyPlaces(this.#azure, table);
    this.#options.say('', 'end', `of the app in ${location}: a local Azure runs one app`);
    return this.#watch.rotated([account.name]);
  }

  /** Follows the documented commands, with what the subscription makes necessary besides. */
  async #deploy(operator: Operator, documented: string): Promise<void> {
    const { accounts, settings } = this.#subscription;
    const lines = await this.#forAccounts(documented, accounts);
    const besides = [SCHEDULE, DEMO_ACCOUNT, settings, 'azd up'].filter((line) => line !== '');
    await operator.type(lines.replace(/^azd up$/m, besides.join('\n')));
  }

  /** The documented commands, with a file that names these accounts. */
  async #forAccounts(documented: string, accounts: readonly AccountSeed[]): Promise<string> {
    const file = join(this.#azure.folder, 'accounts.txt');
    await writeFile(file, accounts.map((account) => `${accountIdOf(account)}\n`).join(''));
    return documented.replace('accounts.txt', file);
  }

  async #adopt(operator: Operator, documented: string, accounts: readonly NamedAccount[]): Promise<void> {
    for (const { name, id } of accounts) await operator.type(forAccount(documented, name, id));
    for (const { name } of accounts) await this.#watch.untilAdopted(name);
  }

  async #rotate(operator: Operator, documented: string, accounts: readonly NamedAccount[]): Promise<void> {
    // The service answers when the new key is published. So the commands of all accounts run at the same time.
    await operator.typeAtOnce(accounts.map(({ name, id }) => forAccount(documented, name, id)));
    for (const { name } of accounts) await this.#watch.untilRotated(name);
  }

  async #openDesk(): Promise<Operator> {
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
    return new Operator(shell, (command) => this.#options.say('', '$', command));
  }

  async #provision(template: string, parameters: Readonly<Record<string, unknown>>) {
    this.#options.signal?.throwIfAborted();
    const { tenantId } = this.#azure.servicePrincipal;
    const { environmentName, location } = parameters;
    const place = { cloud: 'AzureCloud', tenantId, subscriptionId, location: String(location) } as const;
    // azd ends the name with the time.
    const target = { ...place, deploymentName: `${String(environmentName)}-${this.#provisions++}` };
    const { resources, outputs } = await this.#deployments.deploy({ template, parameters, target });
    this.#resources = resources.length;
    letGatewaysLag(this.#azure.world, DEMO_LAG_MS);
    const events = parameters['receiveEvents'] === true ? 'with events' : 'without events';
    this.#options.say(
      '',
      'provision',
      `infra/main.bicep in ${String(location)} ${events}: ${resources.length} resources`,
    );
    return outputs;
  }

  async #startSite(packageFile: string): Promise<void> {
    const { say, signal } = this.#options;
    signal?.throwIfAborted();
    const app = this.#deployments.functionApp();
    if (app === undefined) throw new Error('The template makes no Function App.');
    this.#watch.beginCounting();
    const onLine = (line: string): void => this.#watch.note(line);
    const site = await startSite({ azure: this.#azure, app, packageFile, onLine });
    this.#site = site;
    this.#ends.push(() => site.stop());
    this.#deployments.functionEndpoint = site.eventEndpoint;
    this.#deployments.onSettingsChanged = async ({ settings }) => {
      await site.restart(settings);
      say('', 'restart', 'the settings of the app have changed');
    };
    say('', 'deploy', `${site.url}, from its package, with the template's settings`);
  }

  /** An account that is there for its kind alone has no application. */
  #isUsed({ name }: AccountSeed): boolean {
    return name === PRESENT_ACCOUNT.name || this.#subscription.accounts.every((seed) => seed.name !== name);
  }

  async #askDoctor(operator: Operator, lines: string): Promise<string> {
    const { places } = this.#azure;
    // The page says to assign these roles to oneself for the time of the examination.
    this.#grantOperator('Key Vault Secrets User', places.vault.id);
    this.#grantOperator('Storage Table Data Reader', places.storage.id);
    const [sum = ''] = (await operator.type(lines)).trim().split('\n').slice(-1);
    this.#options.say('', 'doctor', sum);
    return sum;
  }

  /** Replaces the service's identity as the runbook does. All later steps use only the new identity. */
  async #replaceIdentity(operator: Operator): Promise<void> {
    const { identities, access } = this.#azure;
    const former = identities.userAssigned;
    await operator.type('azd env set IDENTITY_SUFFIX 2\nazd provision');
    for (const { objectId } of former) access.revoke(objectId);
    const isNew = identities.userAssigned.every(({ objectId }) => former.every((one) => one.objectId !== objectId));
    if (!isNew) throw new Error('The app has kept its identity.');
    this.#options.say('', 'identity', 'is another; the roles of the former are taken away');
  }

  /** Regenerates the published key by hand, as an operator would. Its event lets the service publish the new value. */
  async #regenerateByHand(operator: Operator): Promise<number> {
    const { vault, accounts } = this.#azure.world;
    const { name } = PRESENT_ACCOUNT;
    const account = accounts.get(accountIdOf(PRESENT_ACCOUNT).toLowerCase());
    const published = (): string => vault.get(`${name}-key`).value;
    const slot = account?.keys.key1.value === published() ? 'key1' : 'key2';
    await operator.run(
      `az cognitiveservices account keys regenerate -g ${resourceGroup} -n ${name} --key-name ${slot}`,
    );
    const startedAt = Date.now();
    this.#options.say(name, 'by hand', `${slot}, which is published, is regenerated by an operator`);
    await this.#watch.until(name, 'repaired', () => account?.keys[slot].value === published());
    return Math.round((Date.now() - startedAt) / 100) / 10;
  }

  #grantOperator(role: keyof typeof BUILT_IN_ROLES, scope: string): void {
    const { objectId: principalId } = this.#azure.servicePrincipal;
    const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${role} of ${principalId}`;
    this.#azure.access.assign({ id, principalId, roleId: BUILT_IN_ROLES[role].id, scope });
  }

  #denied(): readonly string[] {
    const isDenied = ({ status, service }: WireRequest): boolean => status === 403 && service !== 'dataPlane';
    const named = this.#azure.requests.filter(isDenied).map(({ service, operation }) => `${service} ${operation}`);
    return [...new Set(named)];
  }
}
