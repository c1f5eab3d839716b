// What the demo says at its end: the sum of each account, the totals, and what to do next.
import type { Flags } from './flags.ts';
import type { AccountSummary } from './journal.ts';

/** The command that reports the published key of an account as leaked. */
export function leakCommand(port: number, account: string): string {
  const body = JSON.stringify({ reason: 'found in a repository', compromised: 'published' });
  const url = `http://localhost:${port}/api/accounts/${account}/rotate`;
  return `curl -X POST ${url} -H 'Content-Type: application/json' -d '${body}'`;
}

/** The text of the end, or one line of JSON. Ends with a line break. */
export function reportOf({ isJson }: Flags, accounts: readonly AccountSummary[], ms: number): string {
  const seconds = Math.round(ms / 100) / 10;
  if (isJson) return `${JSON.stringify({ accounts, seconds })}\n`;
  const sum = (count: (account: AccountSummary) => number): number =>
    accounts.reduce((total, account) => total + count(account), 0);
  const rotations = sum((account) => account.rotations);
  const requests = sum(({ application }) => application.requests);
  const failures = sum(({ application }) => application.failures);
  return [
    ...accounts.map(lineOf),
    `Total in ${seconds} s: ${countOf(rotations, 'rotation')}; ${countOf(requests, 'call')} of applications, ` +
      `${countOf(failures, 'failure')}.`,
    'Next: `npm run doctor -- --local` shows the check of an installation, `npm run exercise` what the service does by',
    'hand. The README says how to use the service with accounts of yours.',
    '',
  ].join('\n');
}

const countOf = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function lineOf({ account, rotations, keysRenewed, supersededRejected, application, calls }: AccountSummary): string {
  const sent = calls.arm + calls.keyVault + calls.appConfiguration + calls.dataPlane + calls.table;
  return (
    `${account}: ${countOf(rotations, 'rotation')}, ${countOf(keysRenewed, 'key')} renewed, ` +
    `superseded key ${supersededRejected ? 'rejected' : 'not proven dead'}, ${sent} calls for the first rotation; ` +
    `application: ${countOf(application.requests, 'call')}, ${countOf(application.failures, 'failure')}`
  );
}
