// How an operation of the world is refused. The servers turn it into Azure's bytes, the in-memory ports into the
// core's error family; neither looks at the message.

export type WorldErrorKind = 'notFound' | 'invalid' | 'conflict' | 'preconditionFailed' | 'disabled' | 'locked';

export class WorldError extends Error {
  readonly kind: WorldErrorKind;
  readonly code: string;
  readonly subject: string;
  /** What is the matter, where the code does not say it all. */
  readonly detail: string | undefined;

  constructor(kind: WorldErrorKind, code: string, subject: string, detail?: string) {
    super(`${code}: ${subject}`);
    this.kind = kind;
    this.code = code;
    this.subject = subject;
    this.detail = detail;
  }
}
