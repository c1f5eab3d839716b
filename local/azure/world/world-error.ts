// The refusal of an operation of the world. The servers turn it into Azure's bytes, the in-memory ports into the core's
// error family. Neither reads the message.

export type WorldErrorKind = 'notFound' | 'invalid' | 'conflict' | 'preconditionFailed' | 'disabled' | 'locked';

export class WorldError extends Error {
  readonly kind: WorldErrorKind;
  readonly code: string;
  readonly subject: string;
  /** The cause, where the code does not say it all. */
  readonly detail: string | undefined;

  constructor(kind: WorldErrorKind, code: string, subject: string, detail?: string) {
    super(`${code}: ${subject}`);
    this.kind = kind;
    this.code = code;
    this.subject = subject;
    this.detail = detail;
  }
}
