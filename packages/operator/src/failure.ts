// How a command ends, and why: the exit codes, and a failure with its code and its problem. It must not print.

/** The codes that every command ends with. */
export const EXIT = { fine: 0, wrong: 1, usage: 2, unreachable: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A problem document of the service (RFC 9457), or one that this command makes in the same shape. */
export interface Problem {
  readonly title: string;
  readonly detail: string;
  readonly remedy: string;
  readonly status?: number;
  readonly type?: string;
  /** The fault of each field, for a body or a query that is not as expected. */
  readonly fields?: readonly { readonly field: string; readonly expected: string }[];
  readonly reason?: string;
  readonly [extension: string]: unknown;
}

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: ExitCode;
  readonly problem: Problem;

  constructor(code: ExitCode, problem: Problem) {
    super(problem.detail);
    this.code = code;
    this.problem = problem;
  }
}

/** No answer of the service came. Whether the service has received the call is not known. */
export class Unreachable extends Failure {}

export const USAGE_TITLE = 'The command cannot be run like this.';

/** A failure that the person who typed the command can mend by typing another. */
export function wrongUsage(detail: string, remedy: string): Failure {
  return new Failure(EXIT.usage, { title: USAGE_TITLE, detail, remedy });
}
