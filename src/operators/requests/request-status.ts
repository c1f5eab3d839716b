// How far an operator's request has got, as fields. For a leaked key also in sentences, which claim only what was seen.
import { expiresAt } from '../../rotation/decide/request-end.ts';
import type { StoredRequest } from '../../rotation/model.ts';
import type { PassSummary } from '../../rotation/ports.ts';
import { isUrgent } from '../../rotation/urgency.ts';
import type { RequestStatus } from '../answers/requests.ts';
import { type SeenAccount, waitingOf } from './request-waits.ts';

const iso = (instant: number): string => new Date(instant).toISOString();

/** `seen`: the account as it was read, if it was. */
export function requestStatusOf(request: StoredRequest, seen?: SeenAccount): RequestStatus {
  const { id, kind, reason, by, at, fingerprint, accepts, replacedAt, closedAt, outcome, rotationId } = request;
  const isProven = outcome === 'KeyIsDead';
  const waiting = seen === undefined ? undefined : waitingOf(request, seen);
  return {
    id,
    kind,
    state: closedAt !== undefined ? 'closed' : replacedAt !== undefined ? 'replaced' : 'open',
    reason,
    by,
    at: iso(at),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(accepts === undefined ? {} : { accepts }),
    ...instant('replacedAt', replacedAt ?? (kind === 'compromised' ? closedAt : undefined)),
    ...instant('provenAt', isProven ? closedAt : undefined),
    ...(outcome === undefined ? {} : { outcome }),
    ...instant('closedAt', closedAt),
    ...(rotationId === undefined ? {} : { rotationId }),
    ...(waiting === undefined ? {} : { waitsFor: waiting.reason }),
    ...instant('waitsUntil', waiting?.until),
    ...instant('expiresAt', closedAt === undefined ? expiresAt(request) : undefined),
    ...(kind === 'compromised' ? { summary: summaryOf(request, seen?.stored.entity.lastPass) } : {}),
  };
}

function instant<Name extends string>(name: Name, at: number | undefined): { readonly [Key in Name]?: string } {
  return at === undefined ? {} : ({ [name]: iso(at) } as { readonly [Key in Name]?: string });
}

const NOT_PROVEN =
  'Nodes of the gateway that have not learnt of it yet may still accept it, for minutes as a rule, for hours at worst.';

function summaryOf(request: StoredRequest, pass: PassSummary | undefined): string {
  const { replacedAt, closedAt, outcome } = request;
  if (outcome === 'KeyIsDead' && closedAt !== undefined) {
    const since = replacedAt === undefined ? '' : ` since ${iso(replacedAt)}`;
    return `The leaked key is not a key of the account${since}. Its rejection by the data plane was proven at ${iso(closedAt)}.`;
  }
  if (outcome !== undefined) {
    return outcome === 'KeyReplaced'
      ? `The leaked key is not a key of the account. That the data plane rejects it was not proven. ${NOT_PROVEN}`
      : `The request ended: ${outcome}.`;
  }
  if (replacedAt !== undefined) {
    return `The leaked key is not a key of the account since ${iso(replacedAt)}. The proof that the data plane rejects it is under way. ${NOT_PROVEN}`;
  }
  if (!isUrgent(request)) return 'Stored.';
  const waits = pass === undefined ? 'No pass has worked on it yet.' : `The last pass ended with ${pass.reason}.`;
  return `The request is stored. No pass has seen yet that the leaked key is replaced. ${waits} The runbook has an entry for each reason.`;
}
