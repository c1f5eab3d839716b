// Deploys the compiled template to a local Azure of the test, whose only content is what the test brings.
import type { Role } from '../../local/azure/identity/access.ts';
import type { LocalAzure } from '../../local/azure/local-azure.ts';
import { startLocalAzure } from '../../local/azure/start-local-azure.ts';
import { type Deployment, Deployments } from '../../local/deploy/deployments.ts';
import type { Compiler, DeploymentRequest, ExpandedTemplate } from '../../local/deploy/expand.ts';

export const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
export const SHARED = `/subscriptions/${SUBSCRIPTION}/resourceGroups/shared`;

export class TemplateDeployment {
  readonly deployments: Deployments;
  readonly #azure: LocalAzure;
  readonly #compiler: Compiler;
  readonly #template: string;
  /** Deployments are named after it, as azd names its own after the time. */
  #count = 0;

  private constructor(azure: LocalAzure, compiler: Compiler, template: string) {
    this.deployments = new Deployments(azure, compiler);
    this.#azure = azure;
    this.#compiler = compiler;
    this.#template = template;
  }

  /** `template`: the JSON that the compiler makes. */
  static async start(compiler: Compiler, template: string): Promise<TemplateDeployment> {
    const place = { subscriptionId: SUBSCRIPTION, resourceGroup: 'ai' };
    const azure = await startLocalAzure({ ...place, accounts: [], hasPublicNames: true, withStorage: false });
    return new TemplateDeployment(azure, compiler, template);
  }

  get tenantId(): string {
    return this.#azure.servicePrincipal.tenantId;
  }

  deploy(parameters: Readonly<Record<string, unknown>> = {}): Promise<Deployment> {
    return this.deployments.deploy(this.#requestOf(parameters));
  }

  #requestOf(parameters: Readonly<Record<string, unknown>>): DeploymentRequest {
    const all = { environmentName: 'test', location: 'westeurope', ...parameters };
    const { tenantId } = this.#azure.servicePrincipal;
    const place = { cloud: 'AzureCloud', tenantId, subscriptionId: SUBSCRIPTION } as const;
    const target = { ...place, location: all.location, deploymentName: `${all.environmentName}-${this.#count++}` };
    return { template: this.#template, parameters: all, target };
  }

  /** What a deployment would make. Nothing is refused, and nothing made. */
  expand(parameters: Readonly<Record<string, unknown>>): Promise<ExpandedTemplate> {
    return this.#compiler.expand(this.#requestOf(parameters));
  }

  /** Makes a custom role exist, as an administrator would have made it before. */
  bringRole(id: string): void {
    this.#azure.access.define({ id, actions: [], dataActions: [] });
  }

  /** What the principal may do there, by the roles that were deployed. */
  rolesOn(principalId: string, scope: string): readonly Role[] {
    return this.#azure.access.rolesOn(principalId, scope);
  }

  close(): Promise<void> {
    return this.#azure.close();
  }
}
