// The causes of refusals: the codes with which each service names a cause, the class of the error, and the remedy.
// One table, so that log, check and doctor say the same sentence. docs/permissions.md prints it, and a test compares.
// It must not read an error: `classify-error.ts` does.
import type { ErrorCode, ServiceName } from '../../rotation/errors.ts';
import { type Needed, neededFor } from './permissions.ts';

export interface Cause {
  readonly code: ErrorCode;
  /** Codes that prove this cause, by service. */
  readonly codes?: Codes;
  /** Codes that stand for this cause unless the provider's words name another one. */
  readonly vagueCodes?: Codes;
  /** Words that name this cause if no code does. Without `status`: in a refusal of any status. */
  readonly words?: { readonly pattern: RegExp; readonly status?: number };
  /** This status stands for this cause if neither a code nor words name one. */
  readonly status?: number;
  /** Half a sentence after "service operation (status code): ". */
  remedy(needed: Needed): string;
}

type Codes = Readonly<Partial<Record<ServiceName, readonly string[]>>>;

export const CAUSES = {
  network: {
    code: 'Forbidden',
    codes: {
      keyVault: ['ForbiddenByFirewall', 'ForbiddenByConnection'],
      appConfiguration: ['ip-address-rejected', 'nsp-rejected'],
      table: ['AuthorizationFailure'],
    },
    words: {
      pattern: /firewall|virtual network|client address is not authorized|public access|private (endpoint|link)/i,
      status: 403,
    },
    remedy: () => 'the network rules keep the function app out; let its network in or give it a private endpoint.',
  },
  quota: {
    code: 'Misconfigured',
    words: { pattern: /quota/i, status: 403 },
    remedy: () => 'a quota is used up; delete unused content, or raise the tier.',
  },
  quotaOfStore: {
    code: 'Throttled',
    // The body says which quota (`policy`: requests, bandwidth or storage), but the SDK's error does not have it.
    codes: { appConfiguration: ['too-many-requests'] },
    remedy: () =>
      'a quota of the store is used up; the next pass comes later. If writes alone fail for hours, the store is full.',
  },
  role: {
    code: 'Forbidden',
    codes: {
      arm: ['AuthorizationFailed'],
      keyVault: ['ForbiddenByRbac'],
      table: ['AuthorizationPermissionMismatch'],
    },
    vagueCodes: { appConfiguration: ['forbidden'] },
    remedy: ({ permission }) =>
      `the identity is not allowed to do this; grant it ${permission}, new assignments take some minutes.`,
  },
  accessPolicy: {
    code: 'Forbidden',
    codes: { keyVault: ['ForbiddenByPolicy', 'AccessDenied'] },
    remedy: ({ policyPermission }) =>
      `the access policies of the vault do not let the identity in; give it ${policyPermission} on secrets in an access policy.`,
  },
  azurePolicy: {
    code: 'Forbidden',
    codes: { arm: ['RequestDisallowedByPolicy'] },
    remedy: () =>
      'an Azure Policy refuses this, and no role of the identity changes that; ask the owner of the policy for an exemption.',
  },
  denyAssignment: {
    code: 'Forbidden',
    codes: { arm: ['DenyAssignmentAuthorizationFailed'] },
    remedy: () =>
      'a deny assignment refuses this, and no role of the identity changes that; ask its owner to leave the identity out.',
  },
  credentials: {
    code: 'Forbidden',
    codes: { table: ['AuthenticationFailed'] },
    status: 401,
    remedy: () =>
      'the service does not take the credentials; check the connection string, or the tenant of the identity.',
  },
  keyOfStorage: {
    code: 'Forbidden',
    codes: { table: ['KeyBasedAuthenticationNotPermitted'] },
    remedy: () =>
      'the storage account takes no keys; name its table endpoint in the settings instead of a connection string.',
  },
  secretDisabled: {
    code: 'Forbidden',
    codes: { keyVault: ['SecretDisabled'] },
    remedy: () => 'the secret is disabled; enable it or publish a new version.',
  },
  secretDeleted: {
    code: 'Misconfigured',
    codes: { keyVault: ['ObjectIsDeletedButRecoverable'] },
    remedy: () => 'the secret was deleted and its name is still taken; recover the secret first.',
  },
  keyValueLocked: {
    code: 'Misconfigured',
    codes: { appConfiguration: ['key-locked'] },
    remedy: () => 'the key-value is locked; unlock it.',
  },
  resourceLocked: {
    code: 'Misconfigured',
    codes: { arm: ['ScopeLocked'] },
    remedy: () => 'a read-only lock keeps the account from being changed; remove the lock.',
  },
  subscriptionDisabled: {
    code: 'Misconfigured',
    codes: { arm: ['ReadOnlyDisabledSubscription'] },
    remedy: () => 'the subscription is disabled, so nothing in it can be changed; enable the subscription.',
  },
  keysOff: {
    code: 'Misconfigured',
    words: { pattern: /disableLocalAuth/ },
    remedy: () =>
      'key authentication is switched off on the account; switch it on or take the account out of the settings.',
  },
  inMotion: {
    code: 'Unavailable',
    codes: {
      arm: ['RequestConflict', 'AnotherOperationInProgress', 'AccountProvisioningStateInvalid'],
      keyVault: ['ObjectIsBeingDeleted', 'ObjectIsBeingRecovered'],
      table: ['TableBeingDeleted'],
    },
    remedy: () => 'the resource is being changed; the next pass tries again.',
  },
  otherWriter: {
    code: 'LostRace',
    codes: { table: ['EntityAlreadyExists'] },
    remedy: () => 'another writer was first; the next pass reads again.',
  },
} as const satisfies Readonly<Record<string, Cause>>;

/** In the order in which their words are looked for. */
const ALL: readonly Cause[] = Object.values(CAUSES);

export interface Refusal {
  readonly service: ServiceName;
  readonly status: number | undefined;
  readonly providerCode: string | undefined;
  readonly words: string | undefined;
}

/** Undefined when neither a code nor the provider's words name a known cause. */
export function causeOf({ service, status, providerCode = '', words = '' }: Refusal): Cause | undefined {
  const has = (codes: Codes | undefined): boolean => codes?.[service]?.includes(providerCode) === true;
  return (
    ALL.find(({ codes }) => has(codes)) ??
    ALL.find((cause) => (cause.words?.status ?? status) === status && cause.words?.pattern.test(words) === true) ??
    ALL.find(({ vagueCodes }) => has(vagueCodes)) ??
    ALL.find((cause) => status !== undefined && cause.status === status)
  );
}

/** Half a sentence. */
export function remedyFor(cause: Cause | undefined, code: ErrorCode, service: ServiceName, operation: string): string {
  const needed = neededFor(service, operation);
  if (cause !== undefined) return cause.remedy(needed);
  switch (code) {
    case 'Unavailable':
      return 'no usable answer within the deadline; the call may have had its effect, the next pass looks again.';
    case 'Throttled':
      return 'too many requests; the next pass comes later.';
    case 'LostRace':
      return CAUSES.otherWriter.remedy();
    case 'Forbidden':
      return `the service names no cause that is known here; check that the identity has ${needed.permission}, then the network rules.`;
    case 'NotFound':
      return 'it does not exist; create it, or correct its name in the settings.';
    case 'Misconfigured':
    case 'RecordUnreadable':
    case 'UnsafeStep':
      return 'the request was refused as it is; correct the settings or the resource that it names.';
  }
}
