// Deploys a template to a local Azure: makes its resources and grants the roles that it assigns, and no others.
// Resources that a local Azure does not have (alerts, networks, the workbook) are kept but do nothing.
// It must not expand templates or run the Function App. It only keeps the settings of the app.
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { EventSubscription, LocalAzure } from '../azure/local-azure.ts';
import { Place } from '../azure/places.ts';
import { accountIdOf } from '../azure/world/world.ts';
import type { Compiler, DeploymentRequest, ExpandedTemplate, NestedDeployment, PlannedResource } from './expand.ts';
import { subscriptionDeploymentId } from './refusals/deployment-names.ts';
import { refusalOf } from './refusals/refusals.ts';
import { principalOf, runtimeProperties } from './runtime-properties.ts';

export interface FunctionApp {
  readonly id: string;
  readonly name: string;
  readonly hostName: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Whether the app has an identity that was deployed. */
  readonly hasIdentity: boolean;
}

export interface Deployment {
  readonly name: string;
  readonly resources: readonly PlannedResource[];
  /** The deployments that the template contained, and its own. */
  readonly nested: readonly NestedDeployment[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

const ASSIGNMENTS = '/providers/Microsoft.Authorization/roleAssignments/';

/** `notDataActions` are not supported here: refused rather than granted. */
const nothing = z.array(z.string()).max(0).optional();
const roleDefinition = z.object({
  permissions: z.tuple([
    z.object({
      actions: z.array(z.string()),
      notActions: z.array(z.string()).default([]),
      dataActions: z.array(z.string()),
      notDataActions: nothing,
    }),
  ]),
});
const roleAssignment = z.object({ principalId: z.string(), roleDefinitionId: z.string() });
const settings = z.record(z.string(), z.string());
const systemTopic = z.object({ source: z.string() });
const eventSubscription = z.object({
  destination: z.object({ endpointType: z.literal('AzureFunction'), properties: z.object({ resourceId: z.string() }) }),
  eventDeliverySchema: z.enum(['EventGridSchema', 'CloudEventSchemaV1_0']),
  filter: z.object({
    includedEventTypes: z.array(z.string()),
    advancedFilters: z
      .array(
        z.object({
          operatorType: z.literal('StringIn'),
          key: z.literal('data.operationName'),
          values: z.array(z.string()).min(1),
        }),
      )
      .max(1)
      .default([]),
  }),
});

/** What the compiler leaves open: `reference('<id>', '<version>')`, with 'full' for more than the properties. */
const REFERENCE = /reference\('([^']*)'(?:, '[^']*')?(, 'full')?\)/g;

function lastPart(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

export class Deployments {
  /** The URL at which Event Grid reaches a function of the running app; undefined while no app runs. */
  functionEndpoint: ((functionName: string) => string) | undefined;
  readonly #azure: LocalAzure;
  readonly #compiler: Compiler;
  /** Everything deployed so far, by lower-cased id. */
  readonly #resources = new Map<string, PlannedResource>();
  /** Never forgotten, as in Azure: see refusals/deployment-names.ts. */
  readonly #locations = new Map<string, string>();
  readonly #unsubscribe = new Map<string, () => void>();

  /** Called when a deployment has changed the settings of the running app: Azure restarts the app with them. */
  onSettingsChanged: ((app: FunctionApp) => Promise<void>) | undefined;

  /** Enforces access from now on. */
  constructor(azure: LocalAzure, compiler: Compiler) {
    this.#azure = azure;
    this.#compiler = compiler;
    azure.access.isEnforced = true;
  }

  /** Rejects with one sentence where Azure would refuse the template or a part of it. Resources already made stay. */
  async deploy(request: DeploymentRequest): Promise<Deployment> {
    const before = this.functionApp();
    const expanded = await this.#compiler.expand(request);
    const { resources, outputs } = await this.#compiler.evaluate(request, this.#refer(expanded));
    const { location } = request.target;
    const { deployments } = expanded;
    const [present, locations] = [this.#resources, this.#locations];
    const refusal = refusalOf({ resources, deployments, location, present, locations });
    if (refusal !== undefined) throw new Error(refusal);
    for (const id of deployments.map(subscriptionDeploymentId)) if (id !== undefined) locations.set(id, location);
    for (const resource of resources) this.#keep(resource);
    // Make role definitions before assignments. Subscribe last, because a subscription sends a request to the app.
    for (const resource of resources) this.#make(resource);
    for (const resource of resources) this.#assign(resource);
    const app = this.functionApp();
    if (before !== undefined && app !== undefined && !isDeepStrictEqual(before.settings, app.settings)) {
      await this.onSettingsChanged?.(app);
    }
    for (const resource of resources) await this.#subscribe(resource);
    return { name: request.target.deploymentName, resources, nested: deployments, outputs };
  }

  /** Adds a resource that existed before, by its ARM id, because a template may refer to it. */
  bring(id: string, properties: PlannedResource['properties'] = {}): void {
    const [provider = '', ...parts] = id.slice(id.lastIndexOf('/providers/') + '/providers/'.length).split('/');
    const types = parts.filter((_, index) => index % 2 === 0);
    this.#keep({
      id,
      type: [provider, ...types].join('/'),
      name: lastPart(id),
      location: 'westeurope',
      properties,
    });
  }

  /** Deletes a resource group and everything in it. */
  deleteGroup(id: string): void {
    const isInside = (other: string): boolean => `${other}/`.startsWith(`${id.toLowerCase()}/`);
    for (const other of [...this.#resources.keys()].filter(isInside)) this.#resources.delete(other);
  }

  /** Ends the event subscriptions of the running app. Its settings may change without a restart from now on. */
  forgetApp(): void {
    for (const end of this.#unsubscribe.values()) end();
    this.#unsubscribe.clear();
    this.functionEndpoint = undefined;
    this.onSettingsChanged = undefined;
  }

  /** The Function App that was deployed last, with its settings. */
  functionApp(): FunctionApp | undefined {
    const app = [...this.#resources.values()].findLast(({ type }) => type === 'Microsoft.Web/sites');
    const config = this.#resources.get(`${app?.id ?? ''}/config/appsettings`.toLowerCase());
    if (app === undefined || config === undefined) return undefined;
    const { id, name, identity } = app;
    const identities = Object.keys(identity?.userAssignedIdentities ?? {});
    return {
      id,
      name,
      hostName: `${name}.azurewebsites.net`,
      settings: settings.parse(config.properties),
      hasIdentity: identities.some((given) => this.#resources.has(given.toLowerCase())),
    };
  }

  #keep(resource: PlannedResource): void {
    this.#resources.set(resource.id.toLowerCase(), resource);
  }

  /** The template with the values of resources in place of references to them. */
  #refer(expanded: ExpandedTemplate): ExpandedTemplate {
    // One planned resource may refer to a later one. No reference names an id that is still open.
    const planned = new Map(expanded.resources.map((resource) => [resource.id.toLowerCase(), resource]));
    const text = JSON.stringify(expanded).replace(REFERENCE, (_, id: string, full?: string) => {
      const resource = planned.get(id.toLowerCase()) ?? this.#resources.get(id.toLowerCase());
      if (resource === undefined) throw new Error(`The resource '${id}' is not part of any deployment.`);
      const properties = runtimeProperties(resource, this.#azure);
      const value = JSON.stringify(full === undefined ? properties : { ...resource, properties });
      // A string of an expression, in a string of JSON.
      return JSON.stringify(`json('${value.replaceAll("'", "''")}')`).slice(1, -1);
    });
    return JSON.parse(text) as ExpandedTemplate;
  }

  #make(resource: PlannedResource): void {
    const { places, access, identities } = this.#azure;
    switch (resource.type) {
      case 'Microsoft.KeyVault/vaults':
        places.vault = new Place(resource.id);
        break;
      case 'Microsoft.AppConfiguration/configurationStores':
        places.store = new Place(resource.id);
        break;
      case 'Microsoft.Storage/storageAccounts':
        places.storage = new Place(resource.id);
        break;
      case 'Microsoft.Web/sites':
        identities.userAssigned = Object.keys(resource.identity?.userAssignedIdentities ?? {}).map(principalOf);
        places.site = new Place(resource.id);
        break;
      case 'Microsoft.CognitiveServices/accounts':
        this.#makeAccount(resource);
        break;
      case 'Microsoft.Authorization/roleDefinitions': {
        const [{ actions, notActions, dataActions }] = roleDefinition.parse(resource.properties).permissions;
        access.define({ id: lastPart(resource.id), actions, notActions, dataActions });
        break;
      }
    }
  }

  #makeAccount({ id, name, kind = '', location = '', tags = {} }: PlannedResource): void {
    const [, , subscriptionId = '', , resourceGroup = ''] = id.split('/');
    const seed = { subscriptionId, resourceGroup, name, kind, location, tags, keyShape: 'hex32' } as const;
    if (!this.#azure.world.accounts.has(accountIdOf(seed).toLowerCase())) this.#azure.world.addAccount(seed);
  }

  #assign({ id, type, properties }: PlannedResource): void {
    if (type !== 'Microsoft.Authorization/roleAssignments') return;
    const { principalId, roleDefinitionId } = roleAssignment.parse(properties);
    const scope = id.slice(0, id.lastIndexOf(ASSIGNMENTS));
    this.#azure.access.assign({ id, principalId, roleId: lastPart(roleDefinitionId), scope });
  }

  async #subscribe({ id, type, properties }: PlannedResource): Promise<void> {
    if (type !== 'Microsoft.EventGrid/systemTopics/eventSubscriptions') return;
    const topic = this.#resources.get(id.slice(0, id.lastIndexOf('/eventSubscriptions/')).toLowerCase());
    const { source } = systemTopic.parse(topic?.properties);
    const { destination, eventDeliverySchema, filter } = eventSubscription.parse(properties);
    const functionName = lastPart(destination.properties.resourceId);
    if (this.functionEndpoint === undefined) {
      throw new Error(`The function '${functionName}' cannot be subscribed: no app is deployed.`);
    }
    const [advanced] = filter.advancedFilters;
    const subscription: EventSubscription = {
      endpoint: this.functionEndpoint(functionName),
      schema: eventDeliverySchema === 'EventGridSchema' ? 'eventGrid' : 'cloudEvents',
      types: filter.includedEventTypes,
      source,
      ...(advanced === undefined ? {} : { operationNames: advanced.values }),
    };
    this.#unsubscribe.get(id)?.();
    this.#unsubscribe.set(id, await this.#azure.events.subscribe(subscription));
  }
}
