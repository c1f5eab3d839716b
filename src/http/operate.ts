// Answers what operators ask for: stores the wish, runs passes while the caller waits, tells how far it got.
import type { HttpResponseInit } from '@azure/functions';
import type { Account } from '../rotation/model.ts';
import type { Wish } from '../rotation/request.ts';
import { dryRun, dryRunOfPause } from '../service/dry-run.ts';
import { passInline } from '../service/inline-pass.ts';
import { logTo } from '../service/log.ts';
import { ProblemError, problem } from '../service/problem.ts';
import { ask, setPaused } from '../service/requests.ts';
import { showAccountNow } from '../service/show-account.ts';
import { requestStatusOf } from '../service/status.ts';
import { requireRole } from './authorize.ts';
import type { Call } from './endpoint.ts';
import { readBody, requireAccount } from './guard.ts';
import { readIdempotencyKey } from './idempotency.ts';
import { json } from './json.ts';
import { operationBody, type RotateBody, rotateBody } from './schemas.ts';

export const OPERATIONS = ['rotate', 'rollback', 'approve', 'pause', 'resume'] as const;
type Operation = (typeof OPERATIONS)[number];

export async function operate(call: Call): Promise<HttpResponseInit> {
  const operation = requireOperation(call.request.params['operation']);
  const account = await requireAccount(call.app, call.request);
  switch (operation) {
    case 'rotate': {
      const body = await readBody(call.request, rotateBody);
      return askFor(call, account, wishOf(body), body.dryRun);
    }
    case 'rollback':
    case 'approve': {
      const body = await readBody(call.request, operationBody);
      const kind = operation === 'approve' ? 'approve' : 'rollBack';
      return askFor(call, account, { kind, reason: body.reason }, body.dryRun);
    }
    case 'pause':
    case 'resume':
      return pause(call, account, operation === 'pause');
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

async function pause(call: Call, account: Account, isPaused: boolean): Promise<HttpResponseInit> {
  const { app, caller, request } = call;
  const { reason, dryRun: isDryRun } = await readBody(request, operationBody);
  if (isDryRun) return json(200, await dryRunOfPause(app, account, isPaused));
  await setPaused(app, { account, by: caller.by }, reason, isPaused);
  return json(200, await showAccountNow(app, account));
}

function wishOf({ reason, compromised, overlap }: RotateBody): Wish {
  if (compromised === undefined) return { kind: 'rotate', reason };
  return { kind: 'compromised', reason, named: compromised, ...(overlap === undefined ? {} : { overlapMs: overlap }) };
}

async function askFor(call: Call, account: Account, wish: Wish, isDryRun: boolean): Promise<HttpResponseInit> {
  const { app, request, context, caller } = call;
  if (isDryRun) return json(200, await dryRun(app, { account, wish, by: caller.by }));
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
  const status = await showAccountNow(app, account);
  return json(202, { request: requestStatusOf(current), isRepeated: asked.isRepeated, status }, headers);
}
