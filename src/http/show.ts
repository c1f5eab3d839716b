// Answers what is known: the fleet, one account, its history, one request. Reads the table only.
import type { HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import type { RequestId } from '../rotation/model.ts';
import { requestStatusOf, statusOf, summaryOf } from '../service/status.ts';
import { type Call, json } from './endpoint.ts';
import { malformed, requireAccount } from './guard.ts';
import { ProblemError, problem } from './problem.ts';
import { idempotencyKey } from './schemas.ts';

const HISTORY_LIMIT = 100;

export async function show(call: Call): Promise<HttpResponseInit> {
  const { account, view, id } = call.request.params;
  if (account === undefined || account === '') return showFleet(call);
  if (view === undefined || view === '') return showAccount(call);
  if (view === 'history' && id === undefined) return showHistory(call);
  if (view === 'requests' && id !== undefined) return showRequest(call, id);
  throw new ProblemError(
    problem(
      'unknown-resource',
      'There is nothing to see under this address.',
      'See GET openapi.json for what there is.',
    ),
  );
}

async function showFleet({ app }: Call): Promise<HttpResponseInit> {
  const { accounts, problems, isFrozen } = await app.fleet();
  const rows = new Map((await app.ports.records.listStatus()).map((row) => [row.accountId, row]));
  const now = app.clock.now();
  const summaries = accounts.map((account) => summaryOf(account, rows.get(account.id), now));
  return json(200, { accounts: summaries, isFrozen, problems });
}

async function showAccount({ app, request }: Call): Promise<HttpResponseInit> {
  const account = await requireAccount(app, request);
  return json(200, statusOf(account, await app.ports.records.read(account), app.clock.now()));
}

const limitQuery = z.coerce.number('a whole number from 1 to 1,000').int().min(1).max(1_000);

async function showHistory({ app, request }: Call): Promise<HttpResponseInit> {
  const account = await requireAccount(app, request);
  const limit = limitQuery.safeParse(request.query.get('limit') ?? HISTORY_LIMIT);
  if (!limit.success) throw malformed('malformed-request', limit.error, 'limit');
  const entries = await app.ports.records.listHistory(account, limit.data);
  return json(200, { entries: entries.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() })) });
}

async function showRequest({ app, request }: Call, id: string): Promise<HttpResponseInit> {
  const account = await requireAccount(app, request);
  const parsed = idempotencyKey.safeParse(id);
  const found = parsed.success ? await app.ports.records.readRequest(account, parsed.data as RequestId) : undefined;
  if (found !== undefined) return json(200, requestStatusOf(found));
  throw new ProblemError(
    problem(
      'unknown-request',
      'No such request is stored for this account.',
      'Use the address in the Location header of the answer to the request.',
    ),
  );
}
