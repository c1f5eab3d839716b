// Answers what operators ask for: stores the wish, runs passes while the caller waits, tells how far it got.
import type { HttpResponseInit } from '@azure/functions';
import type { Account } from '../rotation/model.ts';
import type { Wish } from '../rotation/request.ts';
import { dryRun } from '../service/dry-run.ts';
import { passInline } from '../service/inline-pass.ts';
import { logTo } from '../service/log.ts';
import { ProblemError, problem } from '../service/problem.ts';
import { ask, setPaused } from '../service/requests.ts';
import { requestStatusOf, statusOf } from '../service/status.ts';
import { requireRole } from './authorize.ts';
import type { Call } from './endpoint.ts';
import { readBody, requireAccount } from './guard.ts';
import { readIdempotencyKey } from './idempotency.ts';
import { json } from './json.ts';
import { type RotateBody, reasonBody, rotateBody } from './schemas.ts';

export const OPERATIONS = ['rotate', 'rollback', 'approve', 'pause', 'resume'] as const;
type Operation = (typeof OPERATIONS)[number];

export async function operate(call: Call): Promise<HttpResponseInit> {
  const operation = requireOperation(call.request.params['operation']);
  const account = await requireAccount(call.app, call.request);
  switch (operation) {
    case 'rotate':
      return rotate(call, account, await readBody(call.request, rotateBody));
    case 'rollback':
      return askFor(call, account, { kind: 'rollBack', ...(await readBody(call.request, reasonBody)) });
    case 'approve':
      return askFor(call, account, { kind: 'approve', ...(await readBody(call.request, reasonBody)) });
    case 'pause':
    case 'resume': {
      const { reason } = await readBody(call.request, reasonBody);
      await setPaused(call.app, { account, by: call.caller.by }, reason, operation === 'pause');
      return json(200, await currentStatus(call, account));
    }
  }
}

function requireOperation(name: string | undefined): Operation {
  const operation = OPERATIONS.find((entry) => entry === name);
  if (operation !== undefined) return operation;
  throw new ProblemError(
    problem(
      'unknown-resource',
      'There is no such operation on an account.',
      `The operations are ${OPERATIONS.join(', ')} and check.`,
    ),
  );
}

async function rotate(call: Call, account: Account, body: RotateBody): Promise<HttpResponseInit> {
  const wish = wishOf(body);
  if (!body.dryRun) return askFor(call, account, wish);
  const { app, caller } = call;
  return json(200, await dryRun(app, { account, wish, by: caller.by }));
}

function wishOf({ reason, compromised, overlap }: RotateBody): Wish {
  if (compromised === undefined) return { kind: 'rotate', reason };
  return { kind: 'compromised', reason, named: compromised, ...(overlap === undefined ? {} : { overlapMs: overlap }) };
}

async function askFor(call: Call, account: Account, wish: Wish): Promise<HttpResponseInit> {
  const { app, request, context, caller } = call;
  if (wish.kind === 'compromised') requireRole(caller, 'Rotation.Emergency');
  const key = readIdempotencyKey(request);
  const asked = await ask(app, { account, wish, by: caller.by, ...(key === undefined ? {} : { key }) });
  const log = logTo(context);
  const { id } = asked.request;
  if (!asked.isRepeated) log('warn', 'request', { account: account.alias, kind: wish.kind, requestId: id });
  await passInline(app, account, log);
  const current = (await app.ports.records.readRequest(account, asked.request.id)) ?? asked.request;
  const path = new URL(request.url).pathname.replace(/\/[^/]+\/?$/, '');
  const headers = { Location: `${path}/requests/${asked.request.id}` };
  const status = await currentStatus(call, account);
  return json(202, { request: requestStatusOf(current), isRepeated: asked.isRepeated, status }, headers);
}

async function currentStatus({ app }: Call, account: Account) {
  return statusOf(account, await app.ports.records.read(account), app.clock.now());
}
