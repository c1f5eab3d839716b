// `rotate`, `rollback`, `pause`, `resume`: what operators ask of one account.
import type { DryRun, PauseAnswer, RequestAnswer, RequestStatus } from '../answers.ts';
import { ACCOUNT, type Context, command, DRY_RUN, REASON, type Runnable } from '../command.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { visible } from '../text.ts';
import { codeOfDryRun, dryRunText } from './dry-run.ts';
import { codeOfRequest, follow, REQUEST_ID, requestIdOf, requestText, WAIT } from './request.ts';
import { accountText } from './status.ts';

export interface Asking {
  readonly account: string;
  /** The last part of the path. */
  readonly verb: string;
  readonly body: { readonly reason: string; readonly [field: string]: unknown };
  readonly requestId: string | undefined;
  readonly waitMs: number;
}

export async function showDryRun(context: Context, { account, verb, body }: Pick<Asking, 'account' | 'verb' | 'body'>) {
  const sent = { body: { ...body, dryRun: true } };
  const { body: rehearsal } = await context.client.post<DryRun>(['accounts', account, verb], sent);
  context.show(rehearsal, () => dryRunText(rehearsal));
  return codeOfDryRun(rehearsal);
}

/** Stores the request, follows it, and shows how far it got. */
export async function ask(context: Context, { account, verb, body, requestId, waitMs }: Asking): Promise<ExitCode> {
  const { world, client, show } = context;
  const id = requestIdOf(world, requestId);
  world.err(`Request ${id}. If this command is cut off, repeat it with --request-id ${id}.\n`);
  const sent = { body, requestId: id };
  const { body: answer } = await client.post<RequestAnswer>(['accounts', account, verb], sent);
  if (answer.isRepeated) world.err(`${visible(`The request was stored before: ${answer.request.id}.`)}\n`);
  const isOfFormerKey = answer.isRepeated && answer.request.id !== id && meansAnotherKey(answer.request, body);
  const request = await follow(context, account, answer.request, waitMs);
  show(request, () => requestText(request));
  if (!isOfFormerKey) return codeOfRequest(request, waitMs > 0);
  world.err(
    'That request is an earlier one, and its key was replaced. Nothing was done for the keys of now. If one of them has ' +
      'leaked, name it by its fingerprint: `status ACCOUNT` shows it.\n',
  );
  return EXIT.wrong;
}

/** Slots and `published` mean another value once the key was replaced. A fingerprint means the same for ever. */
function meansAnotherKey({ replacedAt }: RequestStatus, { compromised }: Asking['body']): boolean {
  return replacedAt !== undefined && typeof compromised === 'string' && !/^[0-9a-f]{16}$/.test(compromised);
}

/** A command for a verb that stores a request. */
function requesting(name: string, does: string): Runnable {
  return command(
    {
      name,
      does,
      flags: { reason: REASON, 'dry-run': DRY_RUN, wait: { ...WAIT, default: 0 }, 'request-id': REQUEST_ID },
      rest: ACCOUNT,
      examples: [
        `${name} demo-language-1 --reason "before the audit" --dry-run`,
        `${name} demo-language-1 --reason "audit"`,
      ],
    },
    (context, { rest: [account = ''], reason, 'dry-run': isDryRun, wait, 'request-id': requestId }) => {
      const asking = { account, verb: name, body: { reason } };
      return isDryRun ? showDryRun(context, asking) : ask(context, { ...asking, requestId, waitMs: wait * 1_000 });
    },
  );
}

function pausing(name: 'pause' | 'resume', does: string): Runnable {
  return command(
    {
      name,
      does,
      flags: { reason: REASON, 'dry-run': DRY_RUN },
      rest: ACCOUNT,
      examples: [`${name} demo-language-1 --reason "release weekend"`],
    },
    async (context, { rest: [account = ''], reason, 'dry-run': isDryRun }) => {
      if (isDryRun) return showDryRun(context, { account, verb: name, body: { reason } });
      const { body } = await context.client.post<PauseAnswer>(['accounts', account, name], { body: { reason } });
      const underWay = 'A pass is under way: one effect that it has begun may still complete.\n';
      context.show(body, () => `${accountText(body)}${body.isPassUnderWay ? underWay : ''}`);
      return EXIT.fine;
    },
  );
}

export const rotate = requesting('rotate', 'rotates the keys of the account now.');
export const rollback = requesting('rollback', 'publishes the superseded key again, during the overlap.');
export const pause = pausing('pause', 'stops the rotations of the account until it is resumed.');
export const resume = pausing('resume', 'ends the pause of the account.');
