// `approve`: confirms that no application uses the standby key, of one account or of all that match. For many it shows
// first which accounts wait and which holders of their keys were found, and asks.
import type { ApprovalsAnswer, HoldersAnswer } from '../answers.ts';
import { type Context, command, DRY_RUN, REASON } from '../command.ts';
import { EXIT, type ExitCode, wrongUsage } from '../failure.ts';
import { table, visible } from '../text.ts';
import { type Approving, isApprovable, type Sent, sendPages, sendSeen } from './approve-many.ts';
import { FILTER, filterOf } from './filter.ts';
import { ask, showDryRun } from './operate.ts';
import { REQUEST_ID, WAIT } from './request.ts';

export const approve = command(
  {
    name: 'approve',
    does: 'confirms that no application uses the standby key of an adopted account, or of all accounts that match.',
    flags: {
      reason: REASON,
      ...FILTER,
      yes: { kind: 'switch', means: 'approves all that match without a question' },
      'dry-run': DRY_RUN,
      wait: { ...WAIT, means: `of one account: ${WAIT.means}`, default: 0 },
      'request-id': REQUEST_ID,
    },
    rest: { value: '[ACCOUNT]', means: 'the alias of one account; without it, all that the flags match', atMost: 1 },
    examples: [
      'approve demo-language-1 --reason "only the shop uses it"',
      'approve --search demo --reason "all are deployed by us" --dry-run',
    ],
  },
  async (context, { rest: [account], reason, yes, wait, ...flags }) => {
    const filter = filterOf(flags);
    const ways = [account !== undefined, flags.all, Object.keys(filter).length > 0].filter((isGiven) => isGiven);
    if (ways.length !== 1) {
      throw wrongUsage(
        'One account, all accounts, or accounts by flags: the command takes one of the three.',
        'Give ACCOUNT, --all, or flags that match accounts.',
      );
    }
    if (account === undefined && (wait > 0 || flags['request-id'] !== undefined)) {
      throw wrongUsage('--wait and --request-id are of one account.', 'Leave them out, or give ACCOUNT.');
    }
    if (account === undefined) return approveMany(context, { reason, filter }, { yes, isDryRun: flags['dry-run'] });
    const asking = { account, verb: 'approve', body: { reason } };
    if (flags['dry-run']) return showDryRun(context, asking);
    return ask(context, { ...asking, requestId: flags['request-id'], waitMs: wait * 1_000 });
  },
);

async function approveMany(
  context: Context,
  body: Approving,
  { yes, isDryRun }: { readonly yes: boolean; readonly isDryRun: boolean },
): Promise<ExitCode> {
  if (yes && !isDryRun) return finish(context, await sendPages(context, body));
  const { answer: planned, failure } = await sendPages(context, { ...body, dryRun: true });
  if (failure !== undefined) throw failure;
  if (isDryRun || !planned.accounts.some(isApprovable)) {
    const end = isDryRun ? 'Dry run: nothing was stored.\n' : '';
    context.show(planned, () => `${approvalsText(planned)}${end}`);
    return codeOf(planned);
  }
  context.world.err(approvalsText(planned));
  await confirm(context, planned);
  const sent = await sendSeen(context, body, planned);
  const known = new Set(sent.answer.accounts.map(({ account }) => account));
  const missing = planned.accounts.flatMap(({ account }) => (known.has(account) ? [] : [account]));
  if (missing.length > 0 && sent.failure === undefined) {
    context.world.err(`${visible(`Wait no more: ${missing.join(', ')}.`)}\n`);
  }
  return finish(context, sent);
}

/** Shows what was approved, also if a later call has failed. Throws that failure. */
function finish({ show }: Context, { answer, failure }: Sent): ExitCode {
  if (failure === undefined || answer.accounts.length > 0) show(answer, () => approvalsText(answer));
  if (failure !== undefined) throw failure;
  return codeOf(answer);
}

/** Throws `Failure` unless the person types how many accounts are approved. */
async function confirm({ world }: Context, { accounts }: ApprovalsAnswer): Promise<void> {
  const count = accounts.filter(isApprovable).length;
  const typed = await world.ask(
    `No application may use the standby key of these. Type how many accounts you approve (${String(count)}): `,
  );
  if (typed === undefined) {
    throw wrongUsage(
      'The standard input is no terminal or has ended, so the accounts are not confirmed.',
      'Add --yes.',
    );
  }
  if (typed.trim() === String(count)) return;
  throw wrongUsage(
    'The number that was typed is another one. Nothing was sent.',
    `Type ${String(count)}, or add --yes.`,
  );
}

const DONE = ['wouldBeApproved', 'approved'];
const codeOf = ({ accounts }: ApprovalsAnswer): ExitCode =>
  accounts.every(({ result }) => DONE.includes(result)) ? EXIT.fine : EXIT.wrong;

function approvalsText({ accounts }: ApprovalsAnswer): string {
  if (accounts.length === 0) return 'No account that matches waits for an approval.\n';
  const rows = accounts.map(({ account, result, holders, detail }) => [
    account,
    result,
    detail ?? holdersText(holders),
  ]);
  const held = accounts.flatMap(({ account, holders }) =>
    (holders?.holders ?? []).map(({ kind, resource, name, standing, slot }) =>
      visible(`  ${account}: ${kind} ${resource} ${name}: ${standing}${slot === undefined ? '' : ` of ${slot}`}`),
    ),
  );
  return [
    table(['ACCOUNT', 'RESULT', 'HOLDERS'], rows),
    held.length === 0 ? '' : `Holders:\n${held.join('\n')}\n`,
  ].join('');
}

function holdersText(holders: HoldersAnswer | undefined): string {
  if (holders === undefined) return 'not searched: HOLDERS names no kind';
  if (!holders.isKnown) return 'could not be read';
  const unseen = holders.unseenCount === 0 ? '' : `, ${holders.unseenCount} resources not seen`;
  return `${holders.holders.length} found${unseen}${holders.searchedAt === undefined ? ', not searched yet' : ''}`;
}
