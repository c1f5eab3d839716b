// A running local Azure as its caller sees it: addresses of the services, identities, the request log, and the knobs
// that make it fail. The servers behind it are in `servers/`; the state they serve is the `World`.

import type { Gateway } from './gateway.ts';
import type { Holders } from './holders/holders.ts';
import type { Sites } from './holders/sites.ts';
import type { AccessControl } from './identity/access.ts';
import type { Certificate } from './identity/certificate.ts';
import type { ManagedIdentities } from './identity/managed-identities.ts';
import type { Places } from './places.ts';
import type { AccountSeed, World } from './world/world.ts';

/** The services as the request log and the faults name them. */
export type LocalService =
  | 'arm'
  | 'keyVault'
  | 'appConfiguration'
  | 'dataPlane'
  | 'token'
  | 'graph'
  | 'table'
  | 'queue'
  | 'blob';

/** One request as seen on the wire. Never a header or body: those carry keys and tokens. */
export interface WireRequest {
  readonly at: number;
  readonly service: LocalService;
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  /** The operation, for instance `regenerateKey`, `listKeys`, `getSecret`, `setKeyValue`, `issueToken`. */
  readonly operation: string;
  /** `User-Agent` product that names the caller (`application/<name>` for the sample applications), or undefined. */
  readonly caller: string | undefined;
  /** The account of the request, by its ARM name, where it is known. */
  readonly account: string | undefined;
  /** Status of the answer; 0 when the connection was cut instead. */
  readonly status: number;
  /** True for a request that only fetches a challenge (an unauthenticated first call to the vault). */
  readonly isChallenge: boolean;
}

/** How a request is made to fail. */
export type WireFault =
  /** The connection is refused or cut before the request has any effect. */
  | { readonly kind: 'refuse' }
  /** Answered after this long. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** 429; `retryAfterSeconds` undefined means no such header (Key Vault never sends one). */
  | { readonly kind: 'throttle'; readonly retryAfterSeconds?: number }
  | { readonly kind: 'serverError'; readonly status: 500 | 502 | 503 | 504 }
  /** Answered with this status and body, without effect. For refusals that this local Azure has no cause for. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** A string is sent as it is, anything else as JSON; absent: an empty body. */
      readonly body?: unknown;
      /** Default `application/json; charset=utf-8`. */
      readonly contentType?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The effect happens, then the connection is cut. */
  | { readonly kind: 'applyThenCut' }
  /** The connection is cut at once; the effect happens this much later. */
  | { readonly kind: 'landLate'; readonly ms: number };

/** Which requests a fault hits: all fields given must match. */
export interface FaultRule {
  readonly service: LocalService;
  /** As in `WireRequest`; absent: every operation. */
  readonly operation?: string;
  /** ARM name of the account; of a site, or `site/slot`; absent: every one. */
  readonly account?: string;
  /** How many matching requests are hit; absent: until removed. */
  readonly times?: number;
  readonly fault: WireFault;
}

export interface Faults {
  /** Returns a function that removes the rule. */
  add(rule: FaultRule): () => void;
  clear(): void;
}

export interface LocalLimits {
  /** True: a request beyond the limits of the real service gets 429. Counting begins when this is switched on. */
  isEnforced: boolean;
}

export interface LocalIdentity {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Object id, as role assignments name it. */
  readonly objectId: string;
}

export interface LocalEndpoints {
  /** ARM, `https://localhost:<port>`. */
  readonly resourceManager: string;
  readonly keyVault: string;
  readonly appConfiguration: string;
  /** Microsoft Graph. */
  readonly graph: string;
  /** Entra authority host. */
  readonly authority: string;
  /** Managed identity of App Service (plain http, as there) and the header value that it demands. */
  readonly managedIdentity: string;
  readonly managedIdentityHeader: string;
  /** Storage connection string (Azurite); undefined when started without storage. */
  readonly storageConnectionString: string | undefined;
  readonly tableEndpoint: string | undefined;
}

export type EventSchema = 'eventGrid' | 'cloudEvents';

export interface EventSubscription {
  /** The webhook. For the Functions host: `/runtime/webhooks/EventGrid?functionName=…`. */
  readonly endpoint: string;
  readonly schema: EventSchema;
  readonly types: readonly string[];
  /** ARM id of the events' source: a vault, a store, a resource group. Absent: every source. */
  readonly source?: string;
  /** Advanced filter on `data.operationName`: one of these. */
  readonly operationNames?: readonly string[];
}

export interface LocalEvents {
  /** Shakes hands, then delivers. Returns a function that ends the subscription. */
  subscribe(subscription: EventSubscription): Promise<() => void>;
  /** Every nth event is lost or sent twice (0: none). Every other event is sent `delayMs` later. */
  readonly knobs: { lose: number; duplicate: number; delayMs: number };
}

export interface LocalAzureOptions {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly accounts: readonly AccountSeed[];
  /** First of a row of ports; absent: free ports. */
  readonly portBase?: number;
  /** Added to every answer, milliseconds. */
  readonly latencyMs?: number;
  /** Enforces the limits of the real services from the start. Default false. */
  readonly areLimitsEnforced?: boolean;
  /** The world's clock, milliseconds since the epoch. Default: that of the machine. */
  readonly now?: () => number;
  /**
   * True: clients reach the services under the names of Azure's public cloud, through a gateway, as after a deployment
   * of the template. Storage takes tokens. Default false: everything is at `localhost`.
   */
  readonly hasPublicNames?: boolean;
  /** False: no Azurite (for tests that need no table). Default true. */
  readonly withStorage?: boolean;
  /** Returns the account of a request where the service itself cannot know it. Gets the decoded target and the body. */
  readonly attribute?: (target: string, body: string) => string | undefined;
  /** Folder for certificate and key. Absent: a new folder, removed on close. */
  readonly folder?: string;
}

export interface LocalAzure {
  readonly world: World;
  readonly endpoints: LocalEndpoints;
  /** Data-plane endpoint of an account of this world, as Azure Resource Manager lists it. */
  dataPlaneEndpoint(accountName: string): string;
  /** A folder that was not given is removed on close, and also when this process is killed. */
  readonly folder: string;
  /** PEM file of the certificate authority, for `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string;
  /** For further servers next to these. */
  readonly certificate: Certificate;
  readonly servicePrincipal: LocalIdentity;
  /** The identities that the managed identity's endpoint knows. */
  readonly identities: ManagedIdentities;
  readonly access: AccessControl;
  readonly places: Places;
  /** Web apps, function apps and their slots. */
  readonly sites: Sites;
  readonly holders: Holders;
  /** Undefined without `hasPublicNames`. */
  readonly gateway: Gateway | undefined;
  /** Oldest first, bounded (the newest 200,000). */
  readonly requests: readonly WireRequest[];
  /** Called for each request when it has been answered. */
  onRequest(listener: (request: WireRequest) => void): () => void;
  readonly faults: Faults;
  readonly limits: LocalLimits;
  readonly events: LocalEvents;
  /** Environment with which a process reaches this Azure: certificate authority, and the way to the gateway. */
  network(): Readonly<Record<string, string>>;
  /** Environment that gives a process the managed identities. */
  identity(): Readonly<Record<string, string>>;
  /** Environment for a process that runs the app against this Azure: network, identity and settings. */
  environment(): Readonly<Record<string, string>>;
  /** Ends everything that was started; safe to call twice. */
  close(): Promise<void>;
}
