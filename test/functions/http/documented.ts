// Holds each real answer against what the OpenAPI document says of it.
import { compileRoute } from '../../../local/host/listeners/route.ts';
import { problemAnswer } from '../../../src/http/contract/answers.ts';
import type { Operation } from '../../../src/http/contract/operation.ts';
import { COMMON_PROBLEMS, OPERATIONS } from '../../../src/http/contract/operations.ts';

export interface Answered {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

export function operationAt(method: string, path: string): Operation | undefined {
  return OPERATIONS.find(
    (operation) => operation.method === method.toLowerCase() && compileRoute('api', operation.path)(path) !== undefined,
  );
}

/** Throws when the answer is none that is documented, or not of the documented shape. */
export function requireDocumented({ method, path, status, type, body }: Answered): void {
  const operation = operationAt(method, path);
  const parsed: unknown = JSON.parse(body);
  if (type === 'application/problem+json') {
    const { status: told } = problemAnswer.parse(parsed);
    if (told !== status) throw new Error(`The problem says ${told} in an answer of ${status}.`);
    const known = operation === undefined ? [401, 403, 404] : [...operation.problems, ...COMMON_PROBLEMS];
    if (!known.includes(status))
      throw new Error(`${method} ${path} is not documented to answer a problem of ${status}.`);
    return;
  }
  if (type !== 'application/json') throw new Error(`${method} ${path} answers ${type ?? 'no type'}.`);
  const documented = operation?.answers[status];
  if (documented === undefined) throw new Error(`${method} ${path} is not documented to answer ${status}.`);
  documented[1]?.parse(parsed);
}
