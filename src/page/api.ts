// Asks the API with the caller's own authorisation: a function key held in memory alone, or the session of App Service.
// It must not store anything, put anything into an address, or decide what an answer means for the page.
import { ContactLog } from './contact.ts';
import type { Problem } from './types.ts';

export type Failure =
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'signIn' }
  | { readonly kind: 'problem'; readonly problem: Problem };

export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly status: number }
  | { readonly ok: false; readonly failure: Failure };

/** Longer than the 20 seconds for which an operation may keep its caller. */
const TIMEOUT_MS = 45_000;

export class Api {
  /** What the calls tell of the connection. */
  readonly contact = new ContactLog();
  readonly #base: string;
  readonly #fetch: typeof fetch;
  #key: string | undefined;

  /** `base` ends with a slash; paths are below it. */
  constructor(base: string, fetchFrom: typeof fetch = (input, init) => fetch(input, init)) {
    this.#base = base;
    this.#fetch = fetchFrom;
  }

  /** Gone with the page. */
  useKey(key: string): void {
    this.#key = key;
  }

  /** `also`: statuses besides 2xx whose body is an answer and no problem. */
  async get<T>(path: string, also: readonly number[] = []): Promise<Result<T>> {
    const end = this.contact.ask(Date.now());
    const answer = await this.#send<T>(path, { method: 'GET' }, also);
    end();
    return this.#noted(answer);
  }

  async post<T>(
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
    also: readonly number[] = [],
  ): Promise<Result<T>> {
    const json = { 'Content-Type': 'application/json', ...headers };
    return this.#noted(await this.#send<T>(path, { method: 'POST', body: JSON.stringify(body), headers: json }, also));
  }

  #noted<T>(answer: Result<T>): Result<T> {
    if (!answer.ok && answer.failure.kind === 'unreachable') this.contact.lost(Date.now());
    else this.contact.answered(Date.now());
    return answer;
  }

  async #send<T>(path: string, init: RequestInit, also: readonly number[]): Promise<Result<T>> {
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(`${this.#base}${path}`, {
        ...init,
        // A form of another site cannot send this header, so that a call with it is the page's own.
        headers: { 'X-Requested-With': 'status-page', ...this.#authorisation(), ...(init.headers as object) },
        credentials: 'same-origin',
        redirect: 'manual',
        cache: 'no-store',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      text = await response.text();
    } catch {
      return { ok: false, failure: { kind: 'unreachable' } };
    }
    // App Service redirects callers that are not signed in.
    if (response.type === 'opaqueredirect' || response.status === 401)
      return { ok: false, failure: { kind: 'signIn' } };
    const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true;
    if (!isProblem && (response.ok || also.includes(response.status))) return readJson(text, response.status);
    return { ok: false, failure: failureOf(text, response.status) };
  }

  #authorisation(): Record<string, string> {
    return this.#key === undefined ? {} : { 'x-functions-key': this.#key };
  }
}

function readJson<T>(text: string, status: number): Result<T> {
  try {
    return { ok: true, value: JSON.parse(text) as T, status };
  } catch {
    return { ok: false, failure: { kind: 'unreachable' } };
  }
}

/** A gateway in front returns no problem document: then the service itself was not reached. */
function failureOf(text: string, status: number): Failure {
  try {
    const { title, detail, remedy } = JSON.parse(text) as Partial<Problem>;
    if (title !== undefined) {
      return { kind: 'problem', problem: { title, status, detail: detail ?? '', remedy: remedy ?? '' } };
    }
  } catch {
    // Falls through: not JSON.
  }
  if (status >= 500) return { kind: 'unreachable' };
  const detail = `The service answered with status ${status}.`;
  return { kind: 'problem', problem: { title: 'The call was refused.', status, detail, remedy: '' } };
}
