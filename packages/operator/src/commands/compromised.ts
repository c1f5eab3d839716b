// `compromised`: replaces a leaked key now, and waits until its death is proven. It shows the consequence first and asks
// for the account's name. A dry run that fails does not stop it: an emergency needs less of Azure than its dry run.
import type { DryRun } from '../answers.ts';
import { ACCOUNT, type Context, command, REASON } from '../command.ts';
import { EXIT, Failure, Unreachable, wrongUsage } from '../failure.ts';
import { problemText } from '../text.ts';
import { dryRunText } from './dry-run.ts';
import { ask, showDryRun } from './operate.ts';
import { REQUEST_ID, WAIT } from './request.ts';

export const compromised = command(
  {
    name: 'compromised',
    does:
      'replaces a leaked key of the account now. It also works while the account is paused or frozen. It waits until the ' +
      'data plane is seen to reject the key.',
    flags: {
      key: {
        kind: 'text',
        value: 'KEY',
        means: 'the leaked key: key1, key2, published, or its fingerprint of 16 hex digits. Never the key itself',
        isRequired: true,
      },
      reason: REASON,
      accept: {
        kind: 'text',
        value: 'RISK',
        means: 'what is better than the leak: see docs/emergencies.md of the service',
        oneOf: ['unverifiedKey', 'outage'],
      },
      overlap: {
        kind: 'text',
        value: 'SPAN',
        means: 'how long both keys stay valid, for example PT30M; without it, no time',
      },
      yes: { kind: 'switch', means: 'sends the request without a dry run and a question' },
      'dry-run': { kind: 'switch', means: 'shows what would follow, and changes nothing' },
      wait: { ...WAIT, default: 3_600 },
      'request-id': REQUEST_ID,
    },
    rest: ACCOUNT,
    examples: [
      'compromised demo-language-1 --key published --reason "found in a public repository"',
      'compromised demo-language-1 --key key2 --reason "found in a log" --yes --wait 0',
    ],
  },
  async (context, { rest: [account = ''], key, reason, accept, overlap, yes, wait, ...others }) => {
    if (!/^(key1|key2|published|[0-9a-f]{16})$/.test(key)) {
      // The value is not repeated: it may be the key.
      throw wrongUsage('--key is no name of a key.', 'Give key1, key2, published, or a fingerprint of 16 hex digits.');
    }
    const words = {
      compromised: key,
      ...(accept === undefined ? {} : { accept }),
      ...(overlap === undefined ? {} : { overlap }),
    };
    const asking = { account, verb: 'rotate', body: { reason, ...words } };
    if (others['dry-run']) return showDryRun(context, asking);
    if (!yes) await confirm(context, asking);
    return ask(context, { ...asking, requestId: others['request-id'], waitMs: wait * 1_000 });
  },
);

/** Shows the consequence, and asks for the name of the account. Throws `Failure` if it is not typed. */
async function confirm(
  { world, client }: Context,
  { account, verb, body }: { readonly account: string; readonly verb: string; readonly body: object },
): Promise<void> {
  try {
    // Once: while parts of Azure are down a dry run may last too long, and the request must not wait for it.
    const sent = { body: { ...body, dryRun: true }, attempts: 1 };
    world.err(dryRunText((await client.post<DryRun>(['accounts', account, verb], sent)).body));
  } catch (error) {
    const isOfAzure = error instanceof Unreachable || (error instanceof Failure && error.code === EXIT.wrong);
    if (!isOfAzure) throw error;
    world.err(`There is no dry run. The request needs less than it:\n${problemText(error.problem)}`);
  }
  world.err(
    'The leaked key will be regenerated. Applications that use it fail until they have read the new key, unless --overlap ' +
      'gives them time.\n',
  );
  const typed = await world.ask(`Type the name of the account to replace its key (${account}): `);
  if (typed === undefined) {
    throw wrongUsage('The standard input is no terminal or has ended, so the account is not confirmed.', 'Add --yes.');
  }
  if (typed.trim().toLowerCase() === account.toLowerCase()) return;
  throw wrongUsage('The name that was typed is another one. Nothing was sent.', `Type ${account}, or add --yes.`);
}
