// The verdict on a key, from an answer of the data plane. Pure.
// It must not conclude more than the answer says. A wrong endpoint and a bad key both answer 401, so the core asks with
// the other key, too, before it believes a rejection.
import type { ProbeResult } from '../../rotation/ports.ts';

export interface ProbeAnswer {
  readonly status: number;
  /** The body as text. Only its code and message are read, and nothing of it is repeated. */
  readonly body: string;
  /** The wait that the service asked for, in milliseconds. */
  readonly retryAfterMs?: number;
}

export interface ProbeContext {
  /** According to ARM. With keys switched off every key is rejected. */
  readonly isKeyAuthenticationOff: boolean;
  /** Statuses that mean either a dead key or a closed network. */
  readonly ambiguousStatuses?: readonly number[] | undefined;
}

const NETWORK = /virtual network|firewall|public access is disabled|private endpoint/i;
const QUOTA = /quota/i;

export function judge(answer: ProbeAnswer, context: ProbeContext): ProbeResult {
  const { status } = answer;
  if (status >= 200 && status < 300) return { verdict: 'accepted', finding: 'live', status };
  const { code, message } = wordsOf(answer.body);
  if (code === 'AuthenticationTypeDisabled') return keyAuthenticationOff(status);
  if (status >= 500) {
    return { verdict: 'inconclusive', finding: 'unreachable', status, detail: 'The service failed; nothing is known.' };
  }
  if (context.ambiguousStatuses?.includes(status) === true) return judgeAmbiguous(status, message, context);
  switch (status) {
    case 401:
      return context.isKeyAuthenticationOff
        ? keyAuthenticationOff(status)
        : { verdict: 'rejected', finding: 'dead', status };
    case 403:
      return judgeForbidden(message);
    case 404:
      return {
        verdict: 'inconclusive',
        finding: 'wrongEndpoint',
        status,
        detail: 'The endpoint does not know the call.',
      };
    case 408:
      return { verdict: 'inconclusive', finding: 'unreachable', status, detail: 'The service gave up waiting.' };
    case 429:
      return { verdict: 'inconclusive', finding: 'throttled', status, detail: throttleDetail(answer.retryAfterMs) };
  }
  const detail = 'The answer is none that the probe knows how to read; whether the key was looked at is not known.';
  return { verdict: 'inconclusive', finding: 'notUnderstood', status, detail };
}

/** Words about the network would decide. Words about a quota would not: no document says that they follow a live key. */
function judgeAmbiguous(status: number, message: string, { isKeyAuthenticationOff }: ProbeContext): ProbeResult {
  if (isKeyAuthenticationOff) return keyAuthenticationOff(status);
  if (NETWORK.test(message)) return deniedByNetwork(status);
  const detail = 'Either the key is dead, or the network rules keep the function app out.';
  return { verdict: 'ambiguous', finding: 'deadOrKeptOut', status, detail };
}

function deniedByNetwork(status: number): ProbeResult {
  const detail = 'The network rules of the account keep the function app out; the key was not looked at.';
  return { verdict: 'inconclusive', finding: 'deniedByNetwork', status, detail };
}

function judgeForbidden(message: string): ProbeResult {
  const status = 403;
  if (NETWORK.test(message)) return deniedByNetwork(status);
  if (QUOTA.test(message)) {
    const detail = 'The key is accepted, but the quota of the pricing tier is used up.';
    return { verdict: 'accepted', finding: 'liveOutOfQuota', status, detail };
  }
  const detail = 'Forbidden for a reason that the probe does not know.';
  return { verdict: 'inconclusive', finding: 'notUnderstood', status, detail };
}

function keyAuthenticationOff(status: number): ProbeResult {
  const detail = 'Key authentication is switched off on the account.';
  return { verdict: 'inconclusive', finding: 'keyAuthenticationOff', status, detail };
}

function throttleDetail(retryAfterMs: number | undefined): string {
  return retryAfterMs === undefined
    ? 'Too many requests; the service named no delay.'
    : `Too many requests; the service asks to wait ${Math.ceil(retryAfterMs / 1000)} s.`;
}

/** Code and message of Azure's error body. A code may be a number; a body may be missing, or text. */
function wordsOf(body: string): { code: string; message: string } {
  try {
    const parsed: unknown = JSON.parse(body);
    const error = fieldOf(parsed, 'error');
    return { code: textOf(fieldOf(error, 'code')), message: textOf(fieldOf(error, 'message')) };
  } catch {
    return { code: '', message: body.slice(0, 1_000) };
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
