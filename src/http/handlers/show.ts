// The HTTP handlers that show the fleet, one account, its history, one request. They read configuration and table only.
import type { HttpResponseInit } from '@azure/functions';
import { allEnded } from '../../base/lanes.ts';
import { Refusal } from '../../base/refusal.ts';
import { requestStatusOf } from '../../operators/requests/request-status.ts';
import { requireRequest } from '../../operators/requests/withdraw.ts';
import { filterAccounts, fleetStatus, pageOf } from '../../operators/status/fleet-status.ts';
import { showAccountNow } from '../../operators/status/show-account.ts';
import type { Call } from '../call.ts';
import type { FleetAnswer, HistoryAnswer } from '../contract/answers.ts';
import { fleetQuery, pageQuery } from '../contract/schemas.ts';
import { readQuery, requireAccount, requireNoQuery } from '../guard.ts';
import { json } from '../json.ts';
import { requireRequestId } from './withdraw.ts';

export async function show(call: Call): Promise<HttpResponseInit> {
  const { account, view, id } = call.request.params;
  if (account === undefined || account === '') return showFleet(call);
  if (view === undefined || view === '') return showAccount(call);
  if (view === 'history' && id === undefined) return showHistory(call);
  if (view === 'requests') return id === undefined ? showRequests(call) : showRequest(call, id);
  throw new Refusal(
    'unknown-resource',
    'There is nothing to see under this address.',
    'See GET openapi.json for what there is.',
  );
}

async function showFleet({ parts, request }: Call): Promise<HttpResponseInit> {
  const { limit, after, ...filter } = readQuery(request, fleetQuery);
  const { accounts, isFrozen, problems, notices } = await fleetStatus(parts);
  const matching = filterAccounts(accounts, filter);
  const page = pageOf(matching, limit, after);
  const next = page.next === undefined ? {} : { next: tokenOf(page.next) };
  return json(200, {
    accounts: page.accounts,
    ...next,
    total: matching.length,
    isFrozen,
    problems: [...problems, ...notices],
  } satisfies FleetAnswer);
}

async function showAccount({ parts, request }: Call): Promise<HttpResponseInit> {
  requireNoQuery(request);
  const account = await requireAccount(parts, request);
  return json(200, await showAccountNow(parts, account));
}

async function showHistory({ parts, request }: Call): Promise<HttpResponseInit> {
  const account = await requireAccount(parts, request);
  const { limit, after } = readQuery(request, pageQuery);
  const page = await parts.ports.records.listHistory(account, limit, after);
  const entries = page.entries.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() }));
  const next = page.next === undefined ? {} : { next: tokenOf(page.next) };
  return json(200, { entries, ...next } satisfies HistoryAnswer);
}

/** Opaque to the caller, who hands it back as `after`. */
export function tokenOf(position: string): string {
  return Buffer.from(position).toString('base64url');
}

async function showRequests({ parts, request }: Call): Promise<HttpResponseInit> {
  const account = await requireAccount(parts, request);
  const { limit, after } = readQuery(request, pageQuery);
  const { records } = parts.ports;
  const [page, stored] = await allEnded([records.listRequests(account, limit, after), records.read(account)]);
  const seen = { policy: account.policy, stored, now: parts.clock.now() };
  const requests = page.requests.map((entry) => requestStatusOf(entry, seen));
  return json(200, { requests, ...(page.next === undefined ? {} : { next: tokenOf(page.next) }) });
}

async function showRequest({ parts, request }: Call, id: string): Promise<HttpResponseInit> {
  requireNoQuery(request);
  const account = await requireAccount(parts, request);
  const found = await requireRequest(parts, account, requireRequestId(id));
  if (found.closedAt !== undefined) return json(200, requestStatusOf(found));
  const stored = await parts.ports.records.read(account);
  return json(200, requestStatusOf(found, { policy: account.policy, stored, now: parts.clock.now() }));
}
