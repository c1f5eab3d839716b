// Follows a request until it is over, and says how it ended.
import type { RequestStatus } from '../answers.ts';
import type { Context } from '../command.ts';
import { EXIT, type ExitCode, Failure, wrongUsage } from '../failure.ts';
import { facts, problemText, visible } from '../text.ts';

/** How often a request is looked at. */
const LOOK_MS = 5_000;

export const WAIT = {
  kind: 'number',
  means: 'seconds to wait until the request is over; 0: print how far it got, and end',
  minimum: 0,
  maximum: 86_400,
} as const;

export const REQUEST_ID = {
  kind: 'text',
  value: 'ID',
  means: 'the id of an earlier command that was cut off: the same request is not made twice. Without it, a new id',
} as const;

/** The id that is given, or a new one. Throws `Failure` for an id that the service does not take. */
export function requestIdOf(world: Context['world'], given: string | undefined): string {
  if (given === undefined || /^[A-Za-z0-9-]{1,64}$/.test(given)) return given ?? world.newId();
  throw wrongUsage('--request-id is no id of a request.', 'Give 1 to 64 letters, digits and hyphens.');
}

/** The request once it is closed, or when the time is over. */
export async function follow(
  { world, client }: Pick<Context, 'world' | 'client'>,
  account: string,
  request: RequestStatus,
  waitMs: number,
): Promise<RequestStatus> {
  const until = world.elapsedMs() + waitMs;
  let last = request;
  while (last.state !== 'closed' && world.elapsedMs() < until) {
    await world.sleep(Math.min(LOOK_MS, until - world.elapsedMs()));
    try {
      const { body } = await client.get<RequestStatus>(['accounts', account, 'requests', request.id]);
      if (isProgress(last, body)) world.err(progressOf(body));
      last = body;
    } catch (error) {
      // The request is stored, and the service works on it whether this command sees it or not.
      if (!(error instanceof Failure) || error.code === EXIT.usage) throw error;
      world.err(problemText(error.problem));
    }
  }
  return last;
}

function isProgress(last: RequestStatus, next: RequestStatus): boolean {
  return last.state !== next.state || last.waitsFor !== next.waitsFor;
}

function progressOf({ state, waitsFor, waitsUntil, outcome }: RequestStatus): string {
  const wait = waitsFor === undefined ? '' : `, waits for ${waitsFor}`;
  const end = outcome === undefined ? '' : `: ${outcome}`;
  return `${visible(`${state}${end}${wait}${waitsUntil === undefined ? '' : ` until ${waitsUntil}`}`)}\n`;
}

export function requestText(request: RequestStatus): string {
  const { id, kind, state, outcome, replacedAt, provenAt, waitsFor, waitsUntil, summary, by, reason } = request;
  return facts([
    ['request', id],
    ['kind', kind],
    ['state', state],
    ['outcome', outcome],
    ['replacedAt', replacedAt],
    ['provenAt', provenAt],
    ['waitsFor', waitsFor],
    ['waitsUntil', waitsUntil],
    ['by', by],
    ['reason', reason],
    ['summary', summary],
  ]);
}

/** Outcomes that a request does not end with when it was carried out. */
const NOT_DONE = /^(Refused|Expired|Withdrawn)/;

/** `mustEnd`: a request that is not over is wrong, too, because the command has waited for its end. */
export function codeOfRequest({ state, outcome }: RequestStatus, mustEnd: boolean): ExitCode {
  if (state !== 'closed') return mustEnd ? EXIT.wrong : EXIT.fine;
  return outcome !== undefined && NOT_DONE.test(outcome) ? EXIT.wrong : EXIT.fine;
}
