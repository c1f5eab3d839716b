// Sends the approval of many first rotations: its dry run and what a person has seen in it, page after page. What was
// approved before a call fails is kept, because it is stored. It must not print.
import type { ApprovalsAnswer } from '../answers.ts';
import type { Context } from '../command.ts';
import { Failure } from '../failure.ts';

/** Pages of a hundred accounts. More than the largest fleet of a store. */
const PAGES_MAXIMUM = 1_000;
/** What the service answers in a page, and what fits into one body next to reason and filter. */
const NAMES_AT_ONCE = 100;
const CHARACTERS_AT_ONCE = 8_000;
/** The service refuses such names in a list: they may be keys. */
const LIKE_A_KEY = /[A-Za-z0-9]{32}/;

type Approval = ApprovalsAnswer['accounts'][number];

export interface Approving {
  readonly reason: string;
  readonly filter: object;
}

export interface Sent {
  readonly answer: ApprovalsAnswer;
  /** Why there is no more than this answer. */
  readonly failure?: Failure;
}

/** All pages as one answer. */
export async function sendPages({ client }: Context, body: Approving & { readonly dryRun?: true }): Promise<Sent> {
  const accounts: Approval[] = [];
  let after: string | undefined;
  let total = 0;
  for (let count = 0; count < PAGES_MAXIMUM; count++) {
    const sent = { body: { ...body, ...(after === undefined ? {} : { after }) } };
    try {
      const page = (await client.post<ApprovalsAnswer>(['accounts', 'approve'], sent)).body;
      if (count === 0) ({ total } = page);
      accounts.push(...page.accounts);
      after = page.next;
    } catch (error) {
      if (error instanceof Failure) return { answer: { total, accounts }, failure: error };
      throw error;
    }
    if (after === undefined) break;
  }
  return { answer: { total, accounts } };
}

/**
 * Approves the accounts that the dry run has shown as approvable, and no others: more may wait by now. The answer has
 * the others of the dry run as well.
 */
export async function sendSeen(context: Context, body: Approving, planned: ApprovalsAnswer): Promise<Sent> {
  const wanted = planned.accounts.filter(isApprovable).map(({ account }) => account);
  const results = new Map<string, Approval>();
  let failure: Failure | undefined;
  for (const accounts of listsOf(wanted.filter((name) => !LIKE_A_KEY.test(name)))) {
    const sent = await sendPages(context, { ...body, filter: { ...body.filter, accounts } });
    for (const entry of sent.answer.accounts) results.set(entry.account, entry);
    failure = sent.failure;
    if (failure !== undefined) break;
  }
  const accounts = planned.accounts.flatMap((entry) => {
    if (!isApprovable(entry)) return [entry];
    return LIKE_A_KEY.test(entry.account) ? [byItself(entry)] : (results.get(entry.account) ?? []);
  });
  const answer = { total: planned.total, accounts };
  return failure === undefined ? { answer } : { answer, failure };
}

export const isApprovable = ({ result }: Approval): boolean => result === 'wouldBeApproved';

const byItself = (entry: Approval): Approval => ({
  ...entry,
  result: 'refused',
  detail: 'The service takes this alias for a key in a list. Approve this account by itself.',
});

function listsOf(names: readonly string[]): readonly (readonly string[])[] {
  const lists: string[][] = [];
  let characters = 0;
  for (const name of names) {
    const last = lists.at(-1);
    characters += name.length + 3;
    if (last !== undefined && last.length < NAMES_AT_ONCE && characters <= CHARACTERS_AT_ONCE) last.push(name);
    else {
      lists.push([name]);
      characters = name.length + 3;
    }
  }
  return lists;
}
