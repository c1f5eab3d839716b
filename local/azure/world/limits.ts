// The limits of the real services, as a switch: a caller that has used up a limit is refused with 429.
// The limits run on the world's clock. It must not know how a service words a refusal: its server does.
//
// ARM's buckets and the quotas of Key Vault and App Configuration are documented. Two points are only assumed: both
// quotas count in fixed windows that begin with their first request, and only answered requests are counted.
import type { LocalLimits, LocalService } from '../local-azure.ts';
import type { WireCall } from '../servers/http.ts';

interface Bucket {
  tokens: number;
  at: number;
}

interface Window {
  count: number;
  readonly endsAt: number;
}

export type Admission =
  | { readonly isAdmitted: true; readonly headers: Readonly<Record<string, string>> }
  /** `retryAfterSeconds` undefined: the service does not say. */
  | { readonly isAdmitted: false; readonly retryAfterSeconds: number | undefined };

/** Per subscription and principal; refilled continuously. */
const ARM = {
  reads: { capacity: 250, refillPerSecond: 25 },
  writes: { capacity: 200, refillPerSecond: 10 },
  deletes: { capacity: 200, refillPerSecond: 10 },
} as const;
/** Per vault. */
const KEY_VAULT = { requests: 4_000, windowMs: 10_000 };
/** Per store of the standard tier. */
const APP_CONFIGURATION = { requests: 30_000, windowMs: 3_600_000 };

const SERVED: Admission = { isAdmitted: true, headers: {} };

export class Limits implements LocalLimits {
  isEnforced: boolean;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  readonly #windows = new Map<LocalService, Window>();

  constructor(now: () => number, isEnforced: boolean) {
    this.#now = now;
    this.isEnforced = isEnforced;
  }

  /** Counts the call, if its service counts it and there is room. */
  take(service: LocalService, call: WireCall): Admission {
    if (!this.isEnforced) return SERVED;
    switch (service) {
      case 'arm':
        return this.#takeToken(call);
      case 'keyVault':
        // Key Vault's refusal has no Retry-After.
        return this.#takeOf(service, KEY_VAULT) === undefined
          ? SERVED
          : { isAdmitted: false, retryAfterSeconds: undefined };
      case 'appConfiguration': {
        const leftMs = this.#takeOf(service, APP_CONFIGURATION);
        return leftMs === undefined ? SERVED : { isAdmitted: false, retryAfterSeconds: leftMs / 1_000 };
      }
      case 'dataPlane':
      case 'token':
      case 'graph':
      case 'table':
      case 'queue':
      case 'blob':
        return SERVED;
    }
  }

  #takeToken(call: WireCall): Admission {
    const kind = kindOf(call.method);
    const { capacity, refillPerSecond } = ARM[kind];
    const [, subscription = ''] = call.segments;
    const name = `${subscription.toLowerCase()} ${principalOf(call)} ${kind}`;
    const now = this.#now();
    const { tokens, at } = this.#buckets.get(name) ?? { tokens: capacity, at: now };
    const filled = Math.min(capacity, tokens + (Math.max(0, now - at) * refillPerSecond) / 1_000);
    const isAdmitted = filled >= 1;
    const left = isAdmitted ? filled - 1 : filled;
    this.#buckets.set(name, { tokens: left, at: now });
    if (!isAdmitted) return { isAdmitted, retryAfterSeconds: Math.ceil((1 - filled) / refillPerSecond) };
    return {
      isAdmitted,
      headers: { [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(Math.floor(left)) },
    };
  }

  /** The rest of a used-up window, in milliseconds; undefined when the call was counted. */
  #takeOf(service: LocalService, { requests, windowMs }: typeof KEY_VAULT): number | undefined {
    const now = this.#now();
    const open = this.#windows.get(service);
    const window = open === undefined || now >= open.endsAt ? { count: 0, endsAt: now + windowMs } : open;
    this.#windows.set(service, window);
    if (window.count >= requests) return window.endsAt - now;
    window.count += 1;
    return undefined;
  }
}

function kindOf(method: string): keyof typeof ARM {
  if (method === 'GET' || method === 'HEAD') return 'reads';
  return method === 'DELETE' ? 'deletes' : 'writes';
}

/** The object id in the token. The token is not verified here. */
function principalOf({ headers }: WireCall): string {
  try {
    const [, payload = ''] = (headers.authorization ?? '').split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { readonly oid?: unknown };
    return typeof claims.oid === 'string' ? claims.oid : '';
  } catch {
    return '';
  }
}
