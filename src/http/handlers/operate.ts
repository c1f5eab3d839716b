// The HTTP handlers of operators' requests: store the wish, run passes while the caller waits, return how far it got.
import type { HttpResponseInit } from '@azure/functions';
import { allEnded } from '../../base/lanes.ts';
import { logTo } from '../../base/log.ts';
import { Refusal } from '../../base/refusal.ts';
import { passInline } from '../../fleet/inline-pass.ts';
import { ask, setPaused } from '../../operators/requests/ask.ts';
import { dryRun, dryRunOfPause } from '../../operators/requests/dry-run.ts';
import { requestStatusOf } from '../../operators/requests/request-status.ts';
import { showAccountNow } from '../../operators/status/show-account.ts';
import type { Wish } from '../../rotation/decide/request.ts';
import { asRotationError } from '../../rotation/errors.ts';
import type { Account, Fingerprint, StoredRequest } from '../../rotation/model.ts';
import { requireRole } from '../authorize.ts';
import type { Call } from '../call.ts';
import type { PauseAnswer, RequestAnswer } from '../contract/answers.ts';
import { operationBody, type RotateBody, rotateBody } from '../contract/schemas.ts';
import { readBody, requireAccount, requireAccountUrgently } from '../guard.ts';
import { readIdempotencyKey } from '../idempotency.ts';
import { json } from '../json.ts';

export const ACCOUNT_OPERATIONS = ['rotate', 'rollback', 'approve', 'pause', 'resume'] as const;
type Operation = (typeof ACCOUNT_OPERATIONS)[number];

export async function operate(call: Call): Promise<HttpResponseInit> {
  const { parts, request } = call;
  const operation = requireOperation(request.params['operation']);
  switch (operation) {
    case 'rotate': {
      const body = await readBody(request, rotateBody);
      const isUrgent = body.compromised !== undefined && !body.dryRun;
      const account = isUrgent ? await requireAccountUrgently(parts, request) : await requireAccount(parts, request);
      return askFor(call, account, wishOf(body), body.dryRun);
    }
    case 'rollback':
    case 'approve': {
      const account = await requireAccount(parts, request);
      const body = await readBody(request, operationBody);
      const kind = operation === 'approve' ? 'approve' : 'rollBack';
      return askFor(call, account, { kind, reason: body.reason }, body.dryRun);
    }
    case 'pause':
    case 'resume':
      return pause(call, await requireAccount(parts, request), operation === 'pause');
  }
}

function requireOperation(name: string | undefined): Operation {
  const operation = ACCOUNT_OPERATIONS.find((entry) => entry === name);
  if (operation !== undefined) return operation;
  throw new Refusal(
    'unknown-resource',
    'There is no such operation on an account.',
    `The operations are ${ACCOUNT_OPERATIONS.join(', ')} and check.`,
  );
}

async function pause(call: Call, account: Account, isPaused: boolean): Promise<HttpResponseInit> {
  const { parts, caller, request } = call;
  const { reason, dryRun: isDryRun } = await readBody(request, operationBody);
  if (isDryRun) return json(200, await dryRunOfPause(parts, account, isPaused));
  const { isPassUnderWay } = await setPaused(parts, { account, by: caller.by }, reason, isPaused);
  return json(200, { ...(await showAccountNow(parts, account)), isPassUnderWay } satisfies PauseAnswer);
}

const NAMES: readonly string[] = ['key1', 'key2', 'published'];

function wishOf({ reason, compromised, accept, overlap }: RotateBody): Wish {
  if (compromised === undefined) return { kind: 'rotate', reason };
  const isName = (word: string): word is NonNullable<Wish['named']> => NAMES.includes(word);
  return {
    kind: 'compromised',
    reason,
    ...(isName(compromised) ? { named: compromised } : { fingerprint: compromised as Fingerprint }),
    ...(overlap === undefined ? {} : { overlapMs: overlap }),
    ...(accept === undefined ? {} : { accepts: accept }),
  };
}

async function askFor(call: Call, account: Account, wish: Wish, isDryRun: boolean): Promise<HttpResponseInit> {
  const { parts, request, context, caller } = call;
  if (isDryRun) return json(200, await dryRun(parts, { account, wish, by: caller.by }));
  if (wish.kind === 'compromised') requireRole(caller, 'Rotation.Emergency');
  const key = readIdempotencyKey(request);
  const asked = await ask(parts, { account, wish, by: caller.by, ...(key === undefined ? {} : { key }) });
  const log = logTo(context);
  const { id } = asked.request;
  if (!asked.isRepeated) log('warn', 'request', { account: account.alias, kind: wish.kind, requestId: id });
  await passInline(parts, account, log);
  const path = new URL(request.url).pathname.replace(/\/[^/]+\/?$/, '');
  const headers = { Location: `${path}/requests/${asked.request.id}` };
  const answer: RequestAnswer = { ...(await howFar(call, account, asked.request)), isRepeated: asked.isRepeated };
  return json(202, answer, headers);
}

/** How far a stored request got. The answer must say that it is stored even if nothing else can be read. */
async function howFar({ parts }: Call, account: Account, request: StoredRequest) {
  const { records } = parts.ports;
  try {
    const [stored, status] = await allEnded([records.readRequest(account, request.id), showAccountNow(parts, account)]);
    const pass = status.openRequests.find(({ id }) => id === request.id);
    return { request: pass ?? requestStatusOf(stored ?? request), status };
  } catch (error) {
    asRotationError(error);
    return { request: requestStatusOf(request) };
  }
}
