// One error family for all failures of a pass, grouped by the action that they need.
// It must not know status codes: `src/azure/client/classify-error.ts` translates the SDKs' errors into these.

/** The needed action: wait · slow down · read again · grant · create · correct · look · stop and page. */
export const ERROR_CODES = [
  'Unavailable',
  'Throttled',
  'LostRace',
  'Forbidden',
  'NotFound',
  'Misconfigured',
  'RecordUnreadable',
  'UnsafeStep',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export const SERVICE_NAMES = ['arm', 'keyVault', 'appConfiguration', 'table', 'dataPlane', 'core'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

export interface RotationErrorDetails {
  readonly code: ErrorCode;
  readonly service: ServiceName;
  /** The port call, for instance `regenerate`. */
  readonly operation: string;
  /** One sentence for a person, with the remedy if it is known. Never a key. */
  readonly message: string;
  /** The delay that the service asked for, in milliseconds; absent if it asked for none. */
  readonly retryAfterMs?: number;
  /** The provider's own words (`AuthorizationFailed`, 403), for the log. */
  readonly providerCode?: string;
  readonly status?: number;
  /** True when the call was held back before it was sent: it has no effect, now or later. */
  readonly isUnsent?: boolean;
}

export class RotationError extends Error {
  override readonly name = 'RotationError';
  readonly code: ErrorCode;
  readonly service: ServiceName;
  readonly operation: string;
  readonly retryAfterMs: number | undefined;
  readonly providerCode: string | undefined;
  readonly status: number | undefined;
  readonly isUnsent: boolean;

  constructor(details: RotationErrorDetails, options?: ErrorOptions) {
    super(details.message, options);
    this.code = details.code;
    this.service = details.service;
    this.operation = details.operation;
    this.retryAfterMs = details.retryAfterMs;
    this.providerCode = details.providerCode;
    this.status = details.status;
    this.isUnsent = details.isUnsent ?? false;
  }
}

/** A decision or an execution that would break an invariant: a bug. The pass stops; nothing is sent. */
export class UnsafeStepError extends RotationError {
  constructor(message: string) {
    super({ code: 'UnsafeStep', service: 'core', operation: 'execute', message });
  }
}

/** Turns any error thrown at a port into a `RotationError`. An error that no adapter classified is `Unavailable`. */
export function asRotationError(error: unknown): RotationError {
  if (error instanceof RotationError) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : 'An unknown error was thrown.';
  return new RotationError({ code: 'Unavailable', service: 'core', operation: 'unknown', message }, { cause: error });
}

/** The fields of a log line for a caught error. Never a key: messages are classified. */
export function errorFields(error: unknown): { readonly code: ErrorCode; readonly message: string } {
  const { code, message } = asRotationError(error);
  return { code, message };
}
