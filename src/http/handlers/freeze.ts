// The HTTP handlers of the freeze: show it, set it, end it. They write one key-value, and no record.
import type { HttpResponseInit } from '@azure/functions';
import { BOUNDS } from '../../base/bounds.ts';
import { logTo } from '../../base/log.ts';
import { type Freeze, planFreeze, showFreeze as readFreeze, setFreeze } from '../../fleet/freeze.ts';
import type { Call } from '../call.ts';
import type { FreezeAnswer, FreezeChangeAnswer, FreezePlanAnswer } from '../contract/answers.ts';
import { operationBody } from '../contract/schemas.ts';
import { readBody } from '../guard.ts';
import { json } from '../json.ts';

export async function showFreeze({ parts }: Call): Promise<HttpResponseInit> {
  return json(200, answerOf(await readFreeze(parts)));
}

export function freeze(call: Call): Promise<HttpResponseInit> {
  return set(call, true);
}

export function unfreeze(call: Call): Promise<HttpResponseInit> {
  return set(call, false);
}

async function set({ parts, request, caller, context }: Call, isFrozen: boolean): Promise<HttpResponseInit> {
  const { reason, dryRun } = await readBody(request, operationBody);
  if (dryRun) {
    const { present, underWay, due, ...plan } = await planFreeze(parts, isFrozen);
    const answer = { ...plan, present: answerOf(present), underWay: named(underWay), due: named(due) };
    return json(200, answer satisfies FreezePlanAnswer);
  }
  const done = await setFreeze(parts, { isFrozen, by: caller.by, reason }, logTo(context));
  return json(200, { ...answerOf(done), isChanged: done.isChanged } satisfies FreezeChangeAnswer);
}

function named(accounts: readonly string[]): FreezePlanAnswer['due'] {
  return { count: accounts.length, accounts: accounts.slice(0, BOUNDS.planAccountsShown) };
}

function answerOf({ isFrozen, changedAt, changed }: Freeze): FreezeAnswer {
  return {
    isFrozen,
    ...(changedAt === undefined ? {} : { changedAt: new Date(changedAt).toISOString() }),
    ...(changed === undefined
      ? {}
      : { changed: { by: changed.by, reason: changed.reason, at: new Date(changed.at).toISOString() } }),
  };
}
