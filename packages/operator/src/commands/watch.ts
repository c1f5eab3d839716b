// `watch`: prints each change of accounts as it is seen, one line each.
import type { AccountSummary } from '../answers.ts';
import { type Context, command } from '../command.ts';
import { EXIT, type ExitCode, Failure } from '../failure.ts';
import { problemText, visible } from '../text.ts';
import { readFleet, standingOf } from './status.ts';

/** The most accounts that are watched. */
const ACCOUNTS_MAXIMUM = 10_000;

export const watch = command(
  {
    name: 'watch',
    does: 'prints each change of phase, reason or state of the accounts, until the time is over or it is interrupted.',
    flags: {
      search: { kind: 'text', value: 'TEXT', means: 'only accounts with this in their alias or resource id' },
      every: { kind: 'number', means: 'seconds between two looks', minimum: 2, maximum: 3_600, default: 10 },
      for: { kind: 'number', means: 'seconds to watch', minimum: 1, maximum: 86_400, default: 3_600 },
    },
    rest: { value: '[ACCOUNT]', means: 'the alias of an account; without it, all accounts, 10,000 at most', atMost: 1 },
    examples: ['watch demo-language-1 --for 600', 'watch --search demo --every 30'],
  },
  async (context, { rest: [account], search, every, for: seconds }) => {
    const { world } = context;
    const until = world.elapsedMs() + seconds * 1_000;
    const seen = new Map<string, string>();
    let code: ExitCode = EXIT.fine;
    for (;;) {
      try {
        const accounts = await look(context, account, search);
        for (const entry of accounts) note(context, seen, entry);
        code = accounts.some(({ isBlocked }) => isBlocked) ? EXIT.wrong : EXIT.fine;
      } catch (error) {
        // A service that restarts is away for a moment. A wrong command is wrong at the first look.
        if (!(error instanceof Failure) || error.code === EXIT.usage || seen.size === 0) throw error;
        world.err(problemText(error.problem));
        code = error.code;
      }
      const left = until - world.elapsedMs();
      if (left <= 0) return code;
      await world.sleep(Math.min(every * 1_000, left));
    }
  },
);

async function look(context: Context, account: string | undefined, search: string | undefined) {
  if (account === undefined) return (await readFleet(context, { search }, ACCOUNTS_MAXIMUM)).accounts;
  return [(await context.client.get<AccountSummary>(['accounts', account])).body];
}

function note({ show }: Context, seen: Map<string, string>, entry: AccountSummary): void {
  const { account, phase, reason, publishedSlot } = entry;
  const line = [account, phase, standingOf(entry), publishedSlot ?? '-', reason ?? '-'].map(visible).join('  ');
  if (seen.get(account) === line) return;
  seen.set(account, line);
  show(entry, () => `${line}\n`);
}
