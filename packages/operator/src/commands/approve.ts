// `approve`: confirms that no application uses the standby key, of one account or of all that match. For many it shows
// first which accounts wait and which holders of their keys were found, and asks.
import type { ApprovalsAnswer, HoldersAnswer } from '../answers.ts';
import { type Context, command, DRY_RUN, REASON } from '../command.ts';
import { EXIT, type ExitCode, wrongUsage } from '../failure.ts';
import { table, visible } from '../text.ts';
import { FILTER, filterOf } from './filter.ts';
import { ask, showDryRun } from './operate.ts';
import { REQUEST_ID, WAIT } from './request.ts';

/** Pages of a hundred accounts. More than the largest fleet of a store. */
const PAGES_MAXIMUM = 1_000;

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
    const isMany = flags.all || Object.keys(filter).length > 0;
    if (isMany === (account !== undefined)) {
      throw wrongUsage(
        'One account, or accounts by flags: the command takes one of the two.',
        'Give ACCOUNT, --all, or a flag that matches accounts.',
      );
    }
    if (account === undefined) return approveMany(context, { reason, filter }, { yes, isDryRun: flags['dry-run'] });
    const asking = { account, verb: 'approve', body: { reason } };
    if (flags['dry-run']) return showDryRun(context, asking);
    return ask(context, { ...asking, requestId: flags['request-id'], waitMs: wait * 1_000 });
  },
);

async function approveMany(
  context: Context,
  body: { readonly reason: string; readonly filter: object },
  { yes, isDryRun }: { readonly yes: boolean; readonly isDryRun: boolean },
): Promise<ExitCode> {
  const { world, show } = context;
  if (isDryRun || !yes) {
    const planned = await pages(context, { ...body, dryRun: true });
    if (isDryRun) {
      show(planned, () => `${approvalsText(planned)}Dry run: nothing was stored.\n`);
      return codeOf(planned);
    }
    world.err(approvalsText(planned));
    await confirm(context, planned);
  }
  const approved = await pages(context, body);
  show(approved, () => approvalsText(approved));
  return codeOf(approved);
}

/** Throws `Failure` unless the person types how many accounts are approved. */
async function confirm({ world }: Context, { accounts }: ApprovalsAnswer): Promise<void> {
  const count = accounts.filter(({ result }) => result === 'wouldBeApproved').length;
  const typed = await world.ask(
    `No application may use the standby key of these. Type how many accounts you approve (${String(count)}): `,
  );
  if (typed === undefined) {
    throw wrongUsage('The standard input is no terminal, so the accounts cannot be confirmed.', 'Add --yes.');
  }
  if (typed.trim() === String(count)) return;
  throw wrongUsage(
    'The number that was typed is another one. Nothing was sent.',
    `Type ${String(count)}, or add --yes.`,
  );
}

/** All pages as one answer. */
async function pages({ client }: Context, body: object): Promise<ApprovalsAnswer> {
  const accounts: ApprovalsAnswer['accounts'][number][] = [];
  let after: string | undefined;
  let total = 0;
  for (let count = 0; count < PAGES_MAXIMUM; count++) {
    const sent = { body: { ...body, ...(after === undefined ? {} : { after }) } };
    const page = (await client.post<ApprovalsAnswer>(['accounts', 'approve'], sent)).body;
    if (count === 0) ({ total } = page);
    accounts.push(...page.accounts);
    after = page.next;
    if (after === undefined) break;
  }
  return { total, accounts };
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
