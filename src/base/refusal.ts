// A refusal: why a call is not carried out, and what the caller can do. Rooms throw it; `http` turns it into a problem
// document. It must not know HTTP. Its sentences never hold a key: they come from classified errors and schemas.

/** The kinds of refusals. `http/problem.ts` has the status and the title of each. */
export const REFUSAL_KINDS = [
  'unknown-account',
  'unknown-request',
  'unknown-campaign',
  'unknown-consumer',
  'unknown-resource',
  'malformed-body',
  'malformed-request',
  'body-too-large',
  'idempotency-conflict',
  'not-now',
  'too-soon',
  'settings-invalid',
  'azure-unavailable',
  'unauthenticated',
  'cross-site',
  'forbidden',
] as const;
export type RefusalKind = (typeof REFUSAL_KINDS)[number];

export interface FieldProblem {
  /** Dotted path in the body, a header or a route parameter. */
  readonly field: string;
  readonly expected: string;
}

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly kind: RefusalKind;
  /** Sentence for the caller, like `remedy`. */
  readonly detail: string;
  readonly remedy: string;
  /** More fields of the answer. */
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(kind: RefusalKind, detail: string, remedy: string, extensions: Readonly<Record<string, unknown>> = {}) {
    super(`Refused (${kind}): ${detail}`);
    this.kind = kind;
    this.detail = detail;
    this.remedy = remedy;
    this.extensions = extensions;
  }
}
